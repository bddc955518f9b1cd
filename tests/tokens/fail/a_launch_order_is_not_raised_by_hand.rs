use vetsh::exec::Order;
use vetsh::sandbox::{Raised, Standing};

fn go(order: Order, walls: Standing) -> Raised {
    Raised { order, walls }
}

fn main() {
    let _ = go;
}
