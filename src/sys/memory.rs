//! Copying and comparing bytes in the static binary. musl moves the ends of every copy a byte at a time and compares so
//! throughout, and a run here is thousands of short copies: a tenth of a launch, more of a long script.
//!
//! In assembly, because a compiler may turn a copy written in Rust into a call of the very function it implements.

#![cfg(target_arch = "x86_64")]

// `memmove(to, from, length)` and `memcpy`, which may then overlap too (System V AMD64: rdi, rsi, rdx; all registers used are
// the caller's to save). Up to 128 bytes everything is loaded before anything is stored, first and last pieces overlapping.
core::arch::global_asm!(
    ".pushsection .text.vetsh_memory, \"ax\", @progbits",
    ".p2align 4",
    ".globl vetsh_move",
    "vetsh_move:",
    "mov rax, rdi",
    "cmp rdx, 16",
    "jb 20f",
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + rdx - 16]",
    "cmp rdx, 32",
    "ja 24f",
    "movups [rdi], xmm0",
    "movups [rdi + rdx - 16], xmm1",
    "ret",
    "24:",
    "movups xmm2, [rsi + 16]",
    "movups xmm3, [rsi + rdx - 32]",
    "cmp rdx, 64",
    "ja 25f",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm2",
    "movups [rdi + rdx - 32], xmm3",
    "movups [rdi + rdx - 16], xmm1",
    "ret",
    "25:",
    "cmp rdx, 128",
    "ja 30f",
    "movups xmm4, [rsi + 32]",
    "movups xmm5, [rsi + 48]",
    "movups xmm6, [rsi + rdx - 64]",
    "movups xmm7, [rsi + rdx - 48]",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm2",
    "movups [rdi + 32], xmm4",
    "movups [rdi + 48], xmm5",
    "movups [rdi + rdx - 64], xmm6",
    "movups [rdi + rdx - 48], xmm7",
    "movups [rdi + rdx - 32], xmm3",
    "movups [rdi + rdx - 16], xmm1",
    "ret",
    // Fewer than 16.
    "20:",
    "cmp edx, 8",
    "jb 21f",
    "mov rcx, [rsi]",
    "mov r8, [rsi + rdx - 8]",
    "mov [rdi], rcx",
    "mov [rdi + rdx - 8], r8",
    "ret",
    "21:",
    "cmp edx, 4",
    "jb 22f",
    "mov ecx, [rsi]",
    "mov r8d, [rsi + rdx - 4]",
    "mov [rdi], ecx",
    "mov [rdi + rdx - 4], r8d",
    "ret",
    "22:",
    "test edx, edx",
    "jz 23f",
    "movzx ecx, byte ptr [rsi]",
    "movzx r8d, byte ptr [rsi + rdx - 1]",
    "mov r10, rdx",
    "shr r10",
    "movzx r9d, byte ptr [rsi + r10]",
    "mov [rdi + r10], r9b",
    "mov [rdi + rdx - 1], r8b",
    "mov [rdi], cl",
    "23:",
    "ret",
    // More than 128: from the front, unless that would overwrite what is still to be read.
    "30:",
    "mov rcx, rdi",
    "sub rcx, rsi",
    "cmp rcx, rdx",
    "jb 31f",
    "mov rcx, rdx",
    "rep movsb",
    "ret",
    "31:",
    "movups xmm1, [rsi + rdx - 16]",
    "movups [rdi + rdx - 16], xmm1",
    "sub rdx, 16",
    "cmp rdx, 16",
    "ja 31b",
    "movups [rdi], xmm0",
    "ret",
    // `memcmp(one, other, length)`: eight bytes at a time, the first that differ decide as numbers of the other byte order.
    ".p2align 4",
    ".globl vetsh_compare",
    "vetsh_compare:",
    "cmp rdx, 8",
    "jb 41f",
    "40:",
    "mov rcx, [rdi]",
    "mov r8, [rsi]",
    "cmp rcx, r8",
    "jne 42f",
    "add rdi, 8",
    "add rsi, 8",
    "sub rdx, 8",
    "cmp rdx, 8",
    "jae 40b",
    "41:",
    "test edx, edx",
    "jz 43f",
    "movzx eax, byte ptr [rdi]",
    "movzx ecx, byte ptr [rsi]",
    "sub eax, ecx",
    "jne 44f",
    "inc rdi",
    "inc rsi",
    "dec edx",
    "jmp 41b",
    "42:",
    "bswap rcx",
    "bswap r8",
    "cmp rcx, r8",
    "sbb eax, eax",
    "or eax, 1",
    "ret",
    "43:",
    "xor eax, eax",
    "44:",
    "ret",
    ".popsection",
);

// Named as the C library's, so that the linker has no need for those. All of musl's that refer to one another are here.
#[cfg(target_env = "musl")]
core::arch::global_asm!(
    ".globl memcpy",
    ".globl memmove",
    ".globl memcmp",
    ".globl bcmp",
    ".set memcpy, vetsh_move",
    ".set memmove, vetsh_move",
    ".set memcmp, vetsh_compare",
    ".set bcmp, vetsh_compare",
);

#[cfg(test)]
mod tests {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn vetsh_move(to: *mut u8, from: *const u8, length: usize) -> *mut u8;
        fn vetsh_compare(one: *const u8, other: *const u8, length: usize) -> c_int;
    }

    fn pattern(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from((at * 7 + at / 256) % 251).unwrap_or_default()).collect()
    }

    #[test]
    fn every_length_is_moved_wholly_and_nothing_beyond() {
        for length in (0..600).chain([4096, 70_000]) {
            let from = pattern(length);
            let mut to = vec![0xee; length + 32];
            // SAFETY: `to` has room for `length` bytes from 16 on, and they do not overlap.
            let end = unsafe { vetsh_move(to.as_mut_ptr().add(16), from.as_ptr(), length) };
            assert_eq!(end, to.as_mut_ptr().wrapping_add(16));
            assert_eq!(to.get(16..16 + length), Some(from.as_slice()), "{length}");
            assert!(to.iter().take(16).chain(to.iter().skip(16 + length)).all(|byte| *byte == 0xee), "{length}");
        }
    }

    #[test]
    fn overlapping_pieces_are_moved_as_if_through_another_place() {
        for length in (0..300).chain([1000, 4097]) {
            for (from, to) in
                [(0, 1), (1, 0), (0, 7), (7, 0), (0, 15), (0, 16), (16, 0), (0, 17), (0, 33), (40, 3), (0, 0)]
            {
                let mut bytes = pattern(length + 64);
                let mut wanted = bytes.clone();
                wanted.copy_within(from..from + length, to);
                // SAFETY: both pieces lie within `bytes`.
                unsafe { vetsh_move(bytes.as_mut_ptr().add(to), bytes.as_ptr().add(from), length) };
                assert_eq!(bytes, wanted, "{length} from {from} to {to}");
            }
        }
    }

    #[test]
    fn the_first_byte_that_differs_decides() {
        for length in 0..80 {
            let one = pattern(length);
            // SAFETY: both have `length` bytes.
            let compare = |other: &[u8]| unsafe { vetsh_compare(one.as_ptr(), other.as_ptr(), length) }.signum();
            assert_eq!(compare(&one.clone()), 0);
            for at in 0..length {
                for changed in [0, 1, 127, 128, 255] {
                    let mut other = one.clone();
                    other.iter_mut().skip(at).for_each(|byte| *byte = changed);
                    let wanted = one.as_slice().cmp(&other) as c_int;
                    assert_eq!(compare(&other), wanted, "{length} at {at}");
                }
            }
        }
    }
}
