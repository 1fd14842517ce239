//! How plain bytes cross between a page's script and its module, without glue:
//! in through one box, out as a place and a length. Never keeps what was taken.
//!
//! Measured on the page: what `wasm-bindgen` writes for the same calls is a
//! kilobyte of brotli more.

use std::cell::RefCell;

thread_local! {
    static BOX: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for as many bytes as the script is about to write there.
pub fn room(length: usize) -> *mut u8 {
    let mut bytes = vec![0; length];
    let place = bytes.as_mut_ptr();
    BOX.set(bytes);
    place
}

/// What came in last.
pub fn taken() -> Vec<u8> {
    BOX.take()
}

/// What a hand gives back: a number, a truth, or bytes in the box.
#[cfg(feature = "page")]
pub trait Given {
    /// As it crosses.
    type Plain;
    /// As the body wants it.
    fn given(plain: Self::Plain) -> Self;
}

#[cfg(feature = "page")]
macro_rules! plain {
    ($($type:ty)*) => { $(
        impl Given for $type {
            type Plain = $type;
            fn given(plain: $type) -> $type {
                plain
            }
        }
    )* };
}
#[cfg(feature = "page")]
plain!(f64 u64 u8 bool);

#[cfg(feature = "page")]
impl Given for Vec<u8> {
    type Plain = ();
    fn given((): ()) -> Vec<u8> {
        taken()
    }
}

/// The script's functions as the body calls them: texts first, each crossing
/// as a place and a length, then numbers.
macro_rules! hands {
    ($(fn $name:ident($($text:ident),* $(; $($number:ident: $type:ty),*)?) $(-> $given:ty)?;)*) => {
        mod script {
            #[link(wasm_import_module = "hands")]
            unsafe extern "C" {
                $( pub safe fn $name(
                    $($text: *const u8, _: usize,)* $($($number: $type),*)?
                ) $(-> <$given as $crate::door::Given>::Plain)?; )*
            }
        }
        $( #[inline(always)]
        fn $name($($text: &(impl AsRef<[u8]> + ?Sized),)* $($($number: $type),*)?) $(-> $given)? {
            $( let $text = $text.as_ref(); )*
            $( <$given as $crate::door::Given>::given )?
            (script::$name($($text.as_ptr(), $text.len(),)* $($($number),*)?))
        } )*
    };
}
pub(crate) use hands;
