//! No unwinder. A panic ends the program where it stands (`panic = "abort"`) and what an unwinder reads is not in the static
//! binary (`build/start.ld`), so the library's could only fail: 43 KB of it. The language's runtime still names its functions
//! (the Itanium C++ ABI's, "Exception Handling", level I); here they say that there is nothing above, or end the program.

use std::ffi::{c_int, c_void};

use nix::libc;

/// `_URC_END_OF_STACK`
const END_OF_STACK: c_int = 5;

/// Walks over no frame: a trace is empty.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_each: *const c_void, _data: *mut c_void) -> c_int {
    END_OF_STACK
}

/// What is asked of a frame; there is none to ask about.
macro_rules! of_no_frame {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(_frame: *mut c_void) -> usize {
            0
        }
    )*};
}

of_no_frame! {
    _Unwind_GetIP _Unwind_GetIPInfo _Unwind_GetCFA _Unwind_FindEnclosingFunction _Unwind_GetDataRelBase _Unwind_GetTextRelBase
    _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart
}

/// What only an unwinder in the middle of its work would call.
macro_rules! never {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name() -> ! {
            // SAFETY: ends the process; this is the way a panic takes.
            unsafe { libc::abort() }
        }
    )*};
}

never! { _Unwind_Resume _Unwind_RaiseException _Unwind_DeleteException _Unwind_SetGR _Unwind_SetIP }
