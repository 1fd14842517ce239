//! The shelf's memory: one stretch that only grows, and that a drawn row gives
//! back as a whole. Never frees a single piece: what a model is read into stays as
//! long as the page, and what a row needs is gone with it.
//!
//! Measured: code that frees piece by piece, which only ever ran between two rows,
//! was 1.1 kB of brotli of the shelf, and looking for room among freed pieces a
//! third of a row's time.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes by which a module's memory grows.
const PAGE: usize = 1 << 16;

/// Where the next piece begins; 0 before the first one.
static TOP: AtomicUsize = AtomicUsize::new(0);
/// Where memory begins that was never in use, and so is zero.
static CLEAN: AtomicUsize = AtomicUsize::new(0);

/// The memory; a module has one thread.
pub struct Heap;

/// How much is in use.
pub fn mark() -> usize {
    TOP.load(Relaxed)
}

/// Gives back all that was taken since a mark. Only the door may call it, between
/// two calls from outside, when nothing that was taken since is held any more.
pub fn reset(mark: usize) {
    TOP.store(mark, Relaxed);
}

/// Makes sure that the memory reaches as far, and says so by moving the top.
fn reach(end: usize) -> Option<()> {
    let missing = end.div_ceil(PAGE).saturating_sub(memory_size(0));
    if missing > 0 && memory_grow(0, missing) == usize::MAX {
        return None;
    }
    TOP.store(end, Relaxed);
    CLEAN.fetch_max(end, Relaxed);
    Some(())
}

fn take(layout: Layout) -> Option<usize> {
    let top = match mark() {
        0 => memory_size(0) * PAGE,
        top => top,
    };
    let start = top.checked_next_multiple_of(layout.align())?;
    reach(start.checked_add(layout.size())?)?;
    Some(start)
}

// SAFETY: pieces lie behind each other within memory that the module has grown
// itself, and none is given out twice before `reset`.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout).map_or(null_mut(), |start| start as *mut u8)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let clean = CLEAN.load(Relaxed);
        let Some(start) = take(layout) else { return null_mut() };
        if start < clean {
            // SAFETY: the piece was just taken.
            unsafe { core::ptr::write_bytes(start as *mut u8, 0, layout.size()) };
        }
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = piece as usize;
        // The last piece grows where it is.
        if start + layout.size() == mark() {
            let end = start.checked_add(size);
            return end.and_then(reach).map_or(null_mut(), |()| piece);
        }
        let Ok(larger) = Layout::from_size_align(size, layout.align()) else { return null_mut() };
        let Some(new) = take(larger) else { return null_mut() };
        // SAFETY: both pieces are this size at least, and do not overlap.
        unsafe { core::ptr::copy_nonoverlapping(piece, new as *mut u8, layout.size().min(size)) };
        new as *mut u8
    }
}
