//! The system calls that are refused behind walls, as one table, and the filter it becomes.
//!
//! Refused is what hands out rights over the machine or over a terminal's reader, or what widens the kernel's surface for no
//! use of building and testing. Numbers are those of the machine and, on x86-64, of the i386 interface; x32 is refused whole.

use nix::libc;

use crate::sys::filter::Instruction;
use crate::text::Arrange;

/// What of the calls a profile lets through is refused as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// New user namespaces.
    pub namespaces: bool,
    /// Looking into other processes.
    pub tracing: bool,
    /// Sockets that leave the machine's own ones between processes.
    pub network: bool,
}

/// A call by the machine's number and that of i386; 0: it has none there.
type Call = (libc::c_long, u32);

/// Refused whatever the profile.
const ALWAYS: &[Call] = &[
    (libc::SYS_add_key, 286),
    (libc::SYS_request_key, 287),
    (libc::SYS_keyctl, 288),
    (libc::SYS_bpf, 357),
    (libc::SYS_mount, 21),
    (0, 22), // umount
    (libc::SYS_umount2, 52),
    (libc::SYS_pivot_root, 217),
    (428, 428), // open_tree
    (429, 429), // move_mount
    (430, 430), // fsopen
    (431, 431), // fsconfig
    (432, 432), // fsmount
    (433, 433), // fspick
    (442, 442), // mount_setattr
    (467, 467), // open_tree_attr
    (libc::SYS_setns, 346),
    (libc::SYS_swapon, 87),
    (libc::SYS_swapoff, 115),
    (libc::SYS_init_module, 128),
    (libc::SYS_finit_module, 350),
    (libc::SYS_delete_module, 129),
    (libc::SYS_kexec_load, 283),
    (KEXEC_FILE_LOAD, 0),
    (libc::SYS_reboot, 88),
    (libc::SYS_acct, 51),
    (libc::SYS_quotactl, 131),
    (IOPL, 110),
    (IOPERM, 101),
    (425, 425), // io_uring_setup
    (426, 426), // io_uring_enter
    (427, 427), // io_uring_register
    (libc::SYS_perf_event_open, 336),
    (libc::SYS_userfaultfd, 374),
    (libc::SYS_open_by_handle_at, 342),
];

/// Refused where tracing is.
const TRACING: &[Call] = &[
    (libc::SYS_ptrace, 26),
    (libc::SYS_process_vm_readv, 347),
    (libc::SYS_process_vm_writev, 348),
    (libc::SYS_kcmp, 349),
    (438, 438), // pidfd_getfd
];

#[cfg(target_arch = "x86_64")]
const KEXEC_FILE_LOAD: libc::c_long = 320;
#[cfg(target_arch = "x86_64")]
const IOPL: libc::c_long = libc::SYS_iopl;
#[cfg(target_arch = "x86_64")]
const IOPERM: libc::c_long = libc::SYS_ioperm;
#[cfg(not(target_arch = "x86_64"))]
const KEXEC_FILE_LOAD: libc::c_long = 294;
#[cfg(not(target_arch = "x86_64"))]
const IOPL: libc::c_long = 0;
#[cfg(not(target_arch = "x86_64"))]
const IOPERM: libc::c_long = 0;

/// Calls of which only some arguments are refused.
struct Special {
    ioctl: u32,
    clone: u32,
    clone3: u32,
    unshare: u32,
    socket: u32,
    /// i386: sockets by a pointer nobody can look behind.
    socketcall: Option<u32>,
}

const I386: Special = Special { ioctl: 54, clone: 120, clone3: 435, unshare: 310, socket: 359, socketcall: Some(102) };

#[cfg(target_arch = "x86_64")]
const MACHINE: Option<u32> = Some(0xc000_003e);
#[cfg(target_arch = "aarch64")]
const MACHINE: Option<u32> = Some(0xc000_00b7);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const MACHINE: Option<u32> = None;
const MACHINE_I386: u32 = 0x4000_0003;
/// Numbers from here on are those of x32.
const X32: u32 = 0x4000_0000;

const LOAD: u16 = 0x20;
const EQUAL: u16 = 0x15;
const AT_LEAST: u16 = 0x35;
const ANY_BIT: u16 = 0x45;
const SKIP: u16 = 0x05;
const ANSWER: u16 = 0x06;

const ALLOW: Instruction = Instruction { code: ANSWER, yes: 0, no: 0, operand: 0x7fff_0000 };
const REFUSE: Instruction = error(libc::EPERM);
const UNKNOWN: Instruction = error(libc::ENOSYS);
const NO_NETWORK: Instruction = error(libc::EACCES);

const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST: u32 = 16;
const SECOND: u32 = 24;

const fn error(errno: i32) -> Instruction {
    Instruction { code: ANSWER, yes: 0, no: 0, operand: 0x0005_0000 | errno.unsigned_abs() }
}

const fn load(offset: u32) -> Instruction {
    Instruction { code: LOAD, yes: 0, no: 0, operand: offset }
}

fn test(code: u16, operand: u32, yes: usize, no: usize) -> Instruction {
    // Every distance is one within a few dozen instructions; a filter that does not hold is refused by the kernel.
    let distance = |count| u8::try_from(count).unwrap_or(u8::MAX);
    Instruction { code, yes: distance(yes), no: distance(no), operand }
}

/// The filter for this machine; `None` where its numbers are not known.
#[must_use]
pub fn filter(refused: Refused) -> Option<Vec<Instruction>> {
    let machine = MACHINE?;
    let number = |number: libc::c_long| u32::try_from(number).unwrap_or(0);
    let native = Special {
        ioctl: number(libc::SYS_ioctl),
        clone: number(libc::SYS_clone),
        clone3: 435,
        unshare: number(libc::SYS_unshare),
        socket: number(libc::SYS_socket),
        socketcall: None,
    };
    let calls = || ALWAYS.iter().chain(if refused.tracing { TRACING } else { &[] });
    let of_machine =
        section(&native, calls().map(|call| number(call.0)).collect(), refused, cfg!(target_arch = "x86_64"));
    let of_i386 = section(&I386, calls().map(|call| call.1).collect(), refused, false);
    let mut filter = vec![load(ARCHITECTURE), test(EQUAL, machine, 1, 0)];
    filter.push(Instruction { code: SKIP, yes: 0, no: 0, operand: u32::try_from(of_machine.len()).ok()? });
    filter.extend(of_machine);
    if cfg!(target_arch = "x86_64") {
        filter.push(test(EQUAL, MACHINE_I386, 1, 0));
        filter.push(UNKNOWN);
        filter.extend(of_i386);
    } else {
        filter.push(UNKNOWN);
    }
    Some(filter)
}

/// What is asked of the calls of one interface. Every way through it ends in an answer.
fn section(special: &Special, mut numbers: Vec<u32>, refused: Refused, has_x32: bool) -> Vec<Instruction> {
    numbers.retain(|number| *number != 0);
    numbers.arrange();
    let mut section = vec![load(NUMBER)];
    let mut of = |number: u32, block: &[Instruction]| {
        section.push(test(EQUAL, number, 0, block.len()));
        section.extend_from_slice(block);
    };
    // TIOCSTI types into a terminal, TIOCLINUX pastes into a console.
    let typing = [load(SECOND), test(EQUAL, 0x5412, 2, 0), test(EQUAL, 0x541c, 1, 0), ALLOW, REFUSE];
    of(special.ioctl, &typing);
    if refused.network {
        // AF_UNIX; AF_NETLINK asks the kernel itself.
        let own = [load(FIRST), test(EQUAL, 1, 2, 0), test(EQUAL, 16, 1, 0), NO_NETWORK, ALLOW];
        of(special.socket, &own);
        if let Some(number) = special.socketcall {
            of(number, &[NO_NETWORK]);
        }
    }
    if refused.namespaces {
        let new_user = [load(FIRST), test(ANY_BIT, 0x1000_0000, 0, 1), REFUSE, ALLOW];
        of(special.clone, &new_user);
        of(special.unshare, &new_user);
        // Its flags stand in memory; without it the C library takes the older call.
        of(special.clone3, &[UNKNOWN]);
    }
    if has_x32 {
        section.push(test(AT_LEAST, X32, 0, 1));
        section.push(UNKNOWN);
    }
    search(&numbers, &mut section);
    section
}

/// A search among sorted numbers: a call goes past a dozen instructions, not past all.
fn search(numbers: &[u32], section: &mut Vec<Instruction>) {
    if let [_, .., last] = numbers
        && numbers.len() > 4
    {
        let (low, high) = numbers.split_at(numbers.len() / 2);
        let mut left = Vec::new();
        search(low, &mut left);
        section.push(test(AT_LEAST, high.first().copied().unwrap_or(*last), left.len(), 0));
        section.extend(left);
        search(high, section);
        return;
    }
    for (at, number) in numbers.iter().enumerate() {
        section.push(test(EQUAL, *number, numbers.len() - at, 0));
    }
    section.extend([ALLOW, REFUSE]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel would answer.
    fn run(filter: &[Instruction], data: [u32; 8]) -> u32 {
        let (mut at, mut held) = (0, 0);
        loop {
            let step = filter[at];
            at += 1;
            let holds = match step.code {
                LOAD => {
                    held = data[step.operand as usize / 4];
                    continue;
                }
                SKIP => {
                    at += step.operand as usize;
                    continue;
                }
                ANSWER => return step.operand,
                EQUAL => held == step.operand,
                AT_LEAST => held >= step.operand,
                ANY_BIT => held & step.operand != 0,
                _ => panic!("an unknown instruction"),
            };
            at += usize::from(if holds { step.yes } else { step.no });
        }
    }

    fn ask(refused: Refused, machine: u32, number: u32, first: u32, second: u32) -> u32 {
        let filter = filter(refused).expect("a known machine");
        assert!(filter.len() < 400);
        run(&filter, [number, machine, 0, 0, first, 0, second, 0])
    }

    #[test]
    fn every_call_of_the_table_is_refused_and_its_neighbours_are_not() {
        let all = Refused { namespaces: true, tracing: true, network: true };
        let native: Vec<u32> = ALWAYS
            .iter()
            .chain(TRACING)
            .map(|call| u32::try_from(call.0).expect("a number"))
            .filter(|n| *n != 0)
            .collect();
        let mut machines = vec![(MACHINE.expect("known"), native)];
        if cfg!(target_arch = "x86_64") {
            machines
                .push((MACHINE_I386, ALWAYS.iter().chain(TRACING).map(|call| call.1).filter(|n| *n != 0).collect()));
        }
        for (machine, numbers) in machines {
            let special: &[u32] = if machine == MACHINE_I386 { &[54, 120, 435, 310, 359, 102] } else { &[] };
            for number in 0..500 {
                let answer = ask(all, machine, number, 1, 0);
                if numbers.contains(&number) {
                    assert_eq!(answer, REFUSE.operand, "{machine:x} {number}");
                } else if number != 435 && !special.contains(&number) {
                    assert_eq!(answer, ALLOW.operand, "{machine:x} {number}");
                }
            }
        }
        assert_eq!(ask(all, 1, 0, 0, 0), UNKNOWN.operand);
    }

    #[test]
    fn arguments_decide() {
        let machine = MACHINE.expect("known");
        let number = |number: libc::c_long| u32::try_from(number).expect("a number");
        let lax = Refused::default();
        let strict = Refused { namespaces: true, tracing: true, network: true };
        assert_eq!(ask(lax, machine, number(libc::SYS_ioctl), 0, 0x5412), REFUSE.operand);
        assert_eq!(ask(lax, machine, number(libc::SYS_ioctl), 0, 0x541c), REFUSE.operand);
        assert_eq!(ask(lax, machine, number(libc::SYS_ioctl), 0, 0x5401), ALLOW.operand);
        for call in [libc::SYS_clone, libc::SYS_unshare] {
            assert_eq!(ask(lax, machine, number(call), 0x1000_0000, 0), ALLOW.operand);
            assert_eq!(ask(strict, machine, number(call), 0x1000_0011, 0), REFUSE.operand);
            assert_eq!(ask(strict, machine, number(call), 0x11, 0), ALLOW.operand);
        }
        assert_eq!(ask(strict, machine, 435, 0, 0), UNKNOWN.operand);
        for (family, answer) in [(1, ALLOW), (16, ALLOW), (2, NO_NETWORK), (10, NO_NETWORK), (17, NO_NETWORK)] {
            assert_eq!(ask(strict, machine, number(libc::SYS_socket), family, 0), answer.operand);
        }
        assert_eq!(ask(lax, machine, number(libc::SYS_socket), 2, 0), ALLOW.operand);
        if cfg!(target_arch = "x86_64") {
            assert_eq!(ask(lax, machine, X32 | 1, 0, 0), UNKNOWN.operand);
        }
    }
}
