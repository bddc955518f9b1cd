//! Takes argv, the executed name and the descriptors; gives an `Invocation`: which face, which form, which text.
