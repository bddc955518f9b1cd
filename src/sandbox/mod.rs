//! Takes an order; gives it with its walls raised.
//! Guarantees: what the record says is enforced is enforced. Does not: decide, record, launch.

use crate::exec::Order;
use crate::exit::Failure;

/// An order whose walls stand. Recording spends it.
#[derive(Debug)]
#[must_use = "a raised order must be recorded"]
pub struct Raised {
    order: Order,
    walls: Vec<&'static str>,
}

impl Raised {
    /// The order.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The walls in force; empty is `unconfined`.
    #[must_use]
    pub fn walls(&self) -> &[&'static str] {
        &self.walls
    }

    /// The order, to be launched.
    pub(crate) fn into_order(self) -> Order {
        self.order
    }
}

/// Raises the walls an order asks for. No profile asks for any yet, so the order runs unconfined and says so.
pub fn raise(order: Order) -> Result<Raised, Failure> {
    crate::fault::at(crate::fault::Stage::Raise)?;
    Ok(Raised { order, walls: Vec::new() })
}
