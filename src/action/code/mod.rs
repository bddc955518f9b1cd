//! Takes code in another language; says whether it only prints, parses or computes, or what it calls.
