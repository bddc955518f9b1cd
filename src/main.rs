//! The binary: everything is in the library.

#![no_main]

vetsh::way_in!(vetsh::run::main);
