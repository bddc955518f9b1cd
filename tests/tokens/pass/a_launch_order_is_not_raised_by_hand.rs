use vetsh::exec::Order;
use vetsh::sandbox::raise;

fn go(order: Order) {
    let _ = raise(order);
}

fn main() {
    let _ = go;
}
