//! Takes a recorded, raised order; becomes the real shell.
