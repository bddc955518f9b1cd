//! What time it is, asked of the kernel itself: the C library would first look for the kernel's shared page and read the symbols
//! in it, which pays after some ten questions, and a launch has two.

use std::time::Duration;

use nix::libc;

/// The time since the machine was started, what it slept included: the clock that start times of processes are told by.
#[must_use]
pub fn since_boot() -> Duration {
    ask(libc::CLOCK_BOOTTIME)
}

/// The time since the epoch, UTC. Before 1970, or where the kernel does not tell, it is zero: behind every record.
#[must_use]
pub fn now() -> Duration {
    ask(libc::CLOCK_REALTIME)
}

fn ask(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to one live, writable timespec, which is what this call fills in.
    let told = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, &raw mut time) };
    match (told, u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec)) {
        (0, Ok(seconds), Ok(nanoseconds)) => Duration::new(seconds, nanoseconds),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn it_is_the_time_the_library_tells() {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = super::now();
        let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        assert!(before <= now && now <= after);
    }
}
