//! Takes an order; gives it with its walls raised.
