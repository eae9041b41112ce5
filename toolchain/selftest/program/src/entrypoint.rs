//! The raw entry point and a heap that can be taken back between cases.

use core::{
    alloc::{GlobalAlloc, Layout},
    slice,
};

use crate::{CASE_BYTES, DIGEST_BYTES, GROUPS, MAX_RETURN_DATA, Output, Reply};

/// Instruction data that is not as the crate's documentation says.
const MALFORMED: u64 = 1;
/// No such operation.
const UNKNOWN_OPERATION: u64 = 2;

const HEAP_START: usize = 0x3_0000_0000;
const HEAP_BYTES: usize = 32 * 1024;

/// Hands out the heap from its start upwards and takes nothing back by itself.
/// Its first eight bytes, zero when the program starts, hold what is used.
struct Bump;

impl Bump {
    const USED: *mut usize = HEAP_START as *mut usize;

    fn used() -> usize {
        // SAFETY: the runtime maps the heap, and a program has one thread.
        unsafe { *Self::USED }.max(size_of::<usize>())
    }

    /// # Safety
    /// Nothing allocated since `used` was read may be alive.
    unsafe fn rewind(used: usize) {
        // SAFETY: as in `used`.
        unsafe { *Self::USED = used };
    }
}

// SAFETY: each block lies within the heap, aligned, and is handed out once
// until a rewind, whose caller vouches for it.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = (HEAP_START + Self::used()).next_multiple_of(layout.align());
        let Some(end) = start.checked_add(layout.size()) else {
            return core::ptr::null_mut();
        };
        if end > HEAP_START + HEAP_BYTES {
            return core::ptr::null_mut();
        }
        // SAFETY: as in `used`.
        unsafe { *Self::USED = end - HEAP_START };
        start as *mut u8
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: Bump = Bump;

/// # Safety
/// `input` is what the runtime passes: it serialises no account here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn entrypoint(input: *const u8) -> u64 {
    // SAFETY: the runtime writes the number of accounts, then, where there are
    // none, the length of the data and the data.
    let data = unsafe {
        let header: *const u64 = input.cast();
        if *header != 0 {
            return MALFORMED;
        }
        slice::from_raw_parts(input.add(16), *header.add(1) as usize)
    };
    match process(data) {
        Ok(()) => 0,
        Err(code) => code,
    }
}

fn process(data: &[u8]) -> Result<(), u64> {
    let [reply, group, index, cases @ ..] = data else {
        return Err(MALFORMED);
    };
    let reply = Reply::try_from(*reply).map_err(|()| MALFORMED)?;
    let operation = GROUPS
        .get(usize::from(*group))
        .and_then(|group| group.operations.get(usize::from(*index)))
        .ok_or(UNKNOWN_OPERATION)?;
    let (cases, []) = cases.as_chunks::<CASE_BYTES>() else {
        return Err(MALFORMED);
    };
    if reply == Reply::Output && cases.len() != 1 {
        return Err(MALFORMED);
    }

    let mut digests = [0; MAX_RETURN_DATA];
    let mut output = Output::new();
    let (room, used) = (output.bytes().as_ptr(), Bump::used());
    for (case, digest) in cases.iter().zip(digests.as_chunks_mut().0) {
        output.clear();
        (operation.run)(operand(case, 0), operand(case, 16), &mut output);
        *digest = output.digest().to_le_bytes();
        if output.bytes().as_ptr() == room {
            // SAFETY: an operation keeps nothing, and the output has not grown
            // out of the room it was made with, which lies below.
            unsafe { Bump::rewind(used) };
        }
    }
    set_return_data(match reply {
        Reply::Digests => digests.get(..cases.len() * DIGEST_BYTES).ok_or(MALFORMED)?,
        Reply::Output => output.bytes(),
    });
    Ok(())
}

fn operand(case: &[u8; CASE_BYTES], at: usize) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&case[at..at + 16]);
    u128::from_le_bytes(bytes)
}

fn set_return_data(data: &[u8]) {
    // SAFETY: the slice is readable for its length.
    unsafe {
        solana_define_syscall::definitions::sol_set_return_data(data.as_ptr(), data.len() as u64);
    }
}
