//! The allocator. A judgement is some hundreds of small values that die soon: each thread keeps lists of free pieces by size,
//! so that a piece costs a dozen instructions; what is larger is the system's.
//!
//! A freed piece is given out again to the next request of its size and never returned, so memory is bounded by the most that
//! was in use at once of each size. A piece freed by another thread than it was made by joins the lists of that thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr::{copy_nonoverlapping, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::libc;

/// Pieces up to this come in steps of [`GRAIN`], above in powers of two.
const FINE: usize = 1024;
/// The step, and the alignment of every piece.
const GRAIN: usize = 16;
/// What is larger is the system's.
const LARGEST: usize = 64 << 10;
/// Sizes: the fine ones, then 2 KiB to [`LARGEST`].
const SIZES: usize = FINE / GRAIN + 6;
/// What is taken of the system at once; untouched pages of it cost nothing.
const BLOCK: usize = 256 << 10;

/// Lists by size.
#[derive(Debug)]
pub struct Lists;

#[global_allocator]
static LISTS: Lists = Lists;

/// The first block, there without asking: most commands need no other. It begins in the page where the program's own zeros end.
#[repr(align(16))]
struct First(UnsafeCell<[u8; BLOCK]>);

// SAFETY: nobody reads or writes it but the one thread that took it by `FIRST_TAKEN`.
unsafe impl Sync for First {}

// Behind everything else that begins as zeros: what the program itself keeps there shares a page with its data then.
// SAFETY: a section of zeros like the one it would stand in; the linker knows it by its beginning, or puts it there anyway.
#[unsafe(link_section = ".bss.vetsh_heap")]
static FIRST: First = First(UnsafeCell::new([0; BLOCK]));
static FIRST_TAKEN: AtomicBool = AtomicBool::new(false);

/// Fetches the pages of the first block that every command uses, and those of the stack below `from`, at once: a fault for each
/// costs half as much again. Where the kernel cannot (before Linux 5.14) they come as they are touched.
pub(super) fn fetch(from: *const u8) {
    const PAGE: usize = 4096;
    for (at, length) in
        [(FIRST.0.get().cast_const().cast::<u8>(), BLOCK_USED), (from.wrapping_sub(STACK_USED), STACK_USED)]
    {
        let at = at.map_addr(|at| at & !(PAGE - 1));
        // SAFETY: MADV_POPULATE_WRITE changes no byte; both ranges are this process's own: the first block, and the stack, of
        // which the kernel maps 128 KiB below where it starts (`setup_arg_pages`).
        unsafe { libc::madvise(at.cast_mut().cast(), length, libc::MADV_POPULATE_WRITE) };
    }
}

/// Bytes of the first block that a launch of a short line uses.
const BLOCK_USED: usize = 24 << 10;
/// Bytes of stack it uses.
const STACK_USED: usize = 40 << 10;

/// A free piece holds the next one of its size.
type Piece = *mut u8;

struct Pool {
    free: [Cell<Piece>; SIZES],
    /// The rest of the block.
    fresh: Cell<*mut u8>,
    left: Cell<usize>,
}

thread_local! {
    // Constant and without a destructor, so that using it allocates nothing and it is there until the thread is gone.
    static POOL: Pool =
        const { Pool { free: [const { Cell::new(null_mut()) }; SIZES], fresh: Cell::new(null_mut()), left: Cell::new(0) } };
}

#[cfg(debug_assertions)]
thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// What this thread has asked for so far, in pieces and their bytes: a count of work that is the same on every machine. Counted
/// in debug builds only.
#[cfg(debug_assertions)]
#[must_use]
pub fn asked() -> u64 {
    ASKED.get()
}

/// Counts what is asked for.
#[inline(always)]
fn count(size: usize) {
    #[cfg(debug_assertions)]
    ASKED.set(ASKED.get().saturating_add(GRAIN as u64 + size as u64));
    #[cfg(not(debug_assertions))]
    let _ = size;
}

/// The number of the size that serves a layout; `None`: the system does.
#[inline(always)]
fn number(layout: Layout) -> Option<usize> {
    // Nothing is asked for with no bytes; were it, this is larger than any size.
    let last = layout.size().wrapping_sub(1);
    if layout.align() > GRAIN {
        None
    } else if last < FINE {
        Some(last / GRAIN)
    } else {
        coarse(last)
    }
}

/// The number of a size above [`FINE`].
fn coarse(last: usize) -> Option<usize> {
    (last < LARGEST).then(|| FINE / GRAIN + (last / FINE).ilog2() as usize)
}

/// The bytes of a piece.
const fn bytes(number: usize) -> usize {
    if number < FINE / GRAIN { (number + 1) * GRAIN } else { FINE << (number - FINE / GRAIN + 1) }
}

impl Pool {
    /// Cuts a piece from the block, or from a new one: then the rest of the old is left. Null where the system has no more.
    #[cold]
    fn cut(&self, number: usize) -> Piece {
        let size = bytes(number);
        if self.left.get() < size {
            let block = block();
            if block.is_null() {
                return block;
            }
            self.fresh.set(block);
            self.left.set(BLOCK);
        }
        let piece = self.fresh.get();
        self.left.set(self.left.get() - size);
        self.fresh.set(piece.wrapping_add(size));
        piece
    }
}

fn block() -> *mut u8 {
    if !FIRST_TAKEN.swap(true, Ordering::Relaxed) {
        return FIRST.0.get().cast();
    }
    const { assert!(BLOCK >= LARGEST && LARGEST == bytes(SIZES - 1)) };
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // Whoever comes here has much to judge and uses it up: its pages all at once cost a fraction of a fault for each.
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
    // SAFETY: a new mapping of our own, of no file.
    let block = unsafe { libc::mmap(null_mut(), BLOCK, access, kind, -1, 0) };
    if block == libc::MAP_FAILED { null_mut() } else { block.cast() }
}

// SAFETY: a piece is `bytes(number) >= size` bytes of a block that is never given back, aligned to `GRAIN` since blocks and all
// sizes are; it is in no list while it is given out, and only its owner gives it back, with the layout that tells its number.
unsafe impl GlobalAlloc for Lists {
    // Called, not copied: the binary has thousands of such places.
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        let Some(number) = number(layout) else {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc(layout) };
        };
        POOL.with(|pool| {
            let Some(list) = pool.free.get(number) else { return null_mut() };
            let piece = list.get();
            if piece.is_null() {
                return pool.cut(number);
            }
            // SAFETY: a piece in a list is ours, aligned, and holds the next one.
            list.set(unsafe { piece.cast::<Piece>().read() });
            piece
        })
    }

    #[inline(never)]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let Some(number) = number(layout) else {
            // SAFETY: the caller's promise; the same layout went to the system then.
            return unsafe { System.dealloc(piece, layout) };
        };
        POOL.with(|pool| {
            let Some(list) = pool.free.get(number) else { return };
            // SAFETY: the piece was given out by us and is at least `GRAIN` bytes, aligned; nobody uses it any more.
            unsafe { piece.cast::<Piece>().write(list.get()) };
            list.set(piece);
        });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if number(layout).is_none() {
            count(layout.size());
            // SAFETY: the caller's promise.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the caller's promise.
        let piece = unsafe { self.alloc(layout) };
        if !piece.is_null() {
            // SAFETY: as many bytes were given out.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else { return null_mut() };
        match (number(layout), number(wanted)) {
            (None, None) => {
                count(size.saturating_sub(layout.size()));
                // SAFETY: the caller's promise; the system gave it and keeps it.
                return unsafe { System.realloc(piece, layout, size) };
            }
            (Some(one), Some(other)) if one == other => return piece,
            _ => {}
        }
        // SAFETY: the caller's promise: `size` is not zero.
        let moved = unsafe { self.alloc(wanted) };
        if !moved.is_null() {
            // SAFETY: both are at least as long as the shorter, and are different pieces.
            unsafe { copy_nonoverlapping(piece, moved, layout.size().min(size)) };
            // SAFETY: the caller's promise; nobody uses it any more.
            unsafe { self.dealloc(piece, layout) };
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_fits_its_piece_and_no_smaller_one_would() {
        for size in 1..=LARGEST {
            let number = number(Layout::from_size_align(size, 8).unwrap()).unwrap();
            assert!(bytes(number) >= size, "{size}");
            assert!(number == 0 || bytes(number - 1) < size, "{size}");
        }
        assert_eq!(bytes(SIZES - 1), LARGEST);
        assert!(number(Layout::from_size_align(LARGEST + 1, 8).unwrap()).is_none());
        assert!(number(Layout::from_size_align(64, 64).unwrap()).is_none());
    }

    #[test]
    fn pieces_keep_what_is_written_through_growing_shrinking_and_another_thread() {
        let mut held: Vec<Vec<u8>> = Vec::new();
        for round in 0..200_usize {
            let mut text = Vec::new();
            for _ in 0..round * round % 5000 {
                text.push((round % 251) as u8);
            }
            text.extend(std::iter::repeat_n(7, round * 997));
            text.truncate(round * round % 5000);
            text.shrink_to_fit();
            held.push(text);
            if round % 3 == 0 {
                held.swap_remove(round / 4);
            }
        }
        let whole = |held: &[Vec<u8>]| held.iter().all(|text| text.iter().all(|byte| text.first() == Some(byte)));
        assert!(whole(&held));
        let back = std::thread::spawn(move || {
            held.truncate(60);
            held.iter().map(Clone::clone).collect::<Vec<_>>()
        });
        assert!(whole(&back.join().unwrap()));
    }

    #[test]
    fn zeroed_pieces_are_zero() {
        for size in [1, 16, 100, 1024, 5000, 70_000] {
            drop(vec![255_u8; size]);
            assert!(vec![0_u8; size].iter().all(|byte| *byte == 0), "{size}");
        }
    }
}
