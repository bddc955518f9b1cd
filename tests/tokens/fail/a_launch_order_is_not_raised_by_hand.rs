use vetsh::exec::Order;
use vetsh::sandbox::Raised;

fn go(order: Order) -> Raised {
    Raised { order, walls: Vec::new() }
}

fn main() {
    let _ = go;
}
