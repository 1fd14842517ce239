//! The shelf's heap: blocks of powers of two, each taken from and given back to
//! the list of its size in one step. Never searches, and never gives memory
//! back to the page.
//!
//! Measured on rows of twelve from a model of 43,000 items: the first-fit list
//! that the page uses walks past the holes that loading leaves, in every one of
//! the hundreds of small pieces that a row is made of.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// The smallest block, as a power of two: a free one holds the next one's place.
const LEAST: u32 = 4;
/// Sizes: from the smallest to half of what 32 bits can name.
const SIZES: usize = 28;
/// Bytes of one page of linear memory.
const PAGE: usize = 65_536;

/// The heap of a module with one thread.
pub struct Heap(UnsafeCell<State>);

struct State {
    /// For each size its first free block.
    free: [*mut u8; SIZES],
    /// Where memory that was never given out begins and ends.
    fresh: usize,
    end: usize,
}

impl Heap {
    /// Nothing given out yet.
    pub const fn new() -> Heap {
        Heap(UnsafeCell::new(State { free: [null_mut(); SIZES], fresh: 0, end: 0 }))
    }
}

// SAFETY: a module without threads has nobody to share it with.
unsafe impl Sync for Heap {}

/// The size of a block for a layout, by its place among the sizes.
fn class(layout: &Layout) -> usize {
    let bits = usize::BITS - (layout.size().max(layout.align()).max(1) - 1).leading_zeros();
    (bits.max(LEAST) - LEAST) as usize
}

// SAFETY: a block is as large as its class, aligned to its size up to a page,
// and stands either in one list or with one owner.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(&layout);
        // SAFETY: see above; nothing below calls back.
        let state = unsafe { &mut *self.0.get() };
        let Some(first) = state.free.get_mut(class) else { return null_mut() };
        if !first.is_null() {
            let block = *first;
            // SAFETY: a free block holds the place of the next.
            *first = unsafe { block.cast::<*mut u8>().read() };
            return block;
        }
        let size = 1usize << (class as u32 + LEAST);
        let align = size.min(PAGE);
        let begin = (state.fresh + align - 1) & !(align - 1);
        if begin + size > state.end {
            // From the end of the memory on, which nobody else makes grow.
            let pages = size.div_ceil(PAGE);
            let grown = memory_grow(0, pages);
            if grown == usize::MAX {
                return null_mut();
            }
            let begin = grown * PAGE;
            state.end = memory_size(0) * PAGE;
            state.fresh = begin + size;
            return begin as *mut u8;
        }
        state.fresh = begin + size;
        begin as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's to give back.
        let state = unsafe { &mut *self.0.get() };
        if let Some(first) = state.free.get_mut(class(&layout)) {
            unsafe { block.cast::<*mut u8>().write(*first) };
            *first = block;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the sizes are the caller's.
        unsafe {
            let wider = Layout::from_size_align_unchecked(size, layout.align());
            if class(&wider) == class(&layout) {
                return block;
            }
            let moved = self.alloc(wider);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
