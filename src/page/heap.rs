//! The page's memory: free lists of blocks whose sizes are powers of two.
//! Never gives memory back to the browser (WebAssembly cannot) and never joins
//! blocks; a page lives for minutes, and its lists grow by doubling, so that
//! the blocks which one list leaves behind are the ones that the next takes.
//!
//! Measured: the default allocator, `dlmalloc`, adds 2 kB to a compressed module
//! of 41; an event takes as long with either, and as much memory.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::Cell;
use std::ptr::null_mut;

/// WebAssembly's memory grows by so many bytes.
const PAGE: usize = 65_536;
/// The smallest block: every type's alignment, and room for a link.
const LEAST: usize = 16;
/// Sizes that a 32-bit memory can have.
const CLASSES: usize = 32;

/// Free blocks by size, and the unused end of memory.
pub struct Heap {
    free: [Cell<*mut u8>; CLASSES],
    unused: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: a page's module has one thread.
unsafe impl Sync for Heap {}

impl Heap {
    /// A heap that owns nothing yet.
    pub const fn new() -> Heap {
        Heap { free: [const { Cell::new(null_mut()) }; CLASSES], unused: Cell::new(0), end: Cell::new(0) }
    }

    fn free_list(&self, class: u32) -> Option<&Cell<*mut u8>> {
        self.free.get(class as usize)
    }

    /// A block from the end of memory; null where the browser gives no more.
    fn fresh(&self, size: usize) -> *mut u8 {
        if self.end.get() - self.unused.get() < size {
            let pages = size.div_ceil(PAGE);
            let old = memory_grow::<0>(pages);
            if old == usize::MAX {
                return null_mut();
            }
            // What was left before stays usable if nobody else grew the memory.
            if old * PAGE != self.end.get() {
                self.unused.set(old * PAGE);
            }
            self.end.set((old + pages) * PAGE);
        }
        let block = self.unused.get();
        self.unused.set(block + size);
        block as *mut u8
    }
}

/// The power of two of the block that holds `size` bytes.
fn class(size: usize) -> u32 {
    usize::BITS - (size.max(LEAST) - 1).leading_zeros()
}

// SAFETY: a block is on a free list or given out, never both; its class follows
// from its layout's size alone; every block is aligned to `LEAST`.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout.size());
        let Some(list) = self.free_list(class).filter(|_| layout.align() <= LEAST) else { return null_mut() };
        let block = list.get();
        if block.is_null() {
            return self.fresh(1 << class);
        }
        // SAFETY: a free block begins with the link to the next.
        list.set(unsafe { *block.cast::<*mut u8>() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(list) = self.free_list(class(layout.size())) {
            // SAFETY: the block is the heap's again, and has room for a link.
            unsafe { *block.cast::<*mut u8>() = list.get() };
            list.set(block);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if class(layout.size()) == class(size) {
            return block;
        }
        // SAFETY: the caller's layout, with another size that it vouches for.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both blocks hold the smaller of the two sizes.
            unsafe {
                new.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        new
    }
}
