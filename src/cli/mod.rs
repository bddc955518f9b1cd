//! The command face.
