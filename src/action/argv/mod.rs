//! Takes one argv and the tools; gives its [`Reading`](super::Reading).
