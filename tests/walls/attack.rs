//! What code behind walls tries, each by the kernel's own interface: nothing of it goes through a shell or a judge.

#![allow(unsafe_code, reason = "an attacker keeps to no interface")]

use std::ffi::CString;
use std::io::{Error, Read};
use std::os::unix::net::UnixStream;
use std::path::Path;

use nix::libc::{self, c_long, c_void};

/// What stands outside.
pub struct Target {
    /// A file in a closed place.
    pub secret: String,
    /// A socket at which somebody answers.
    pub socket: String,
    /// What decides.
    pub guard: String,
    /// A process.
    pub pid: i32,
    /// The name of an abstract socket.
    pub hidden: String,
    /// A place that may be written.
    pub work: String,
}

impl Target {
    pub fn read(text: &str) -> Target {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let [secret, socket, guard, pid, hidden, work] = <[String; 6]>::try_from(lines).expect("six lines");
        Target { secret, socket, guard, pid: pid.parse().expect("a number"), hidden, work }
    }

    pub fn text(&self) -> String {
        let Target { secret, socket, guard, pid, hidden, work } = self;
        format!("{secret}\n{socket}\n{guard}\n{pid}\n{hidden}\n{work}\n")
    }
}

fn c(text: &str) -> CString {
    CString::new(text).expect("text")
}

fn told(answer: c_long) -> Result<c_long, Error> {
    if answer < 0 { Err(Error::last_os_error()) } else { Ok(answer) }
}

/// A system call by its number.
fn call(number: c_long, words: [c_long; 6]) -> Result<c_long, Error> {
    let [a, b, c, d, e, f] = words;
    // SAFETY: pointers among the words are to what lives through the call.
    told(unsafe { libc::syscall(number, a, b, c, d, e, f) })
}

fn at(text: &CString) -> c_long {
    text.as_ptr() as c_long
}

/// Whether a connection is answered.
fn opens(path: impl AsRef<Path>) -> Result<(), Error> {
    let mut text = String::new();
    UnixStream::connect(path)?.read_to_string(&mut text)?;
    if text.contains("reached") { Ok(()) } else { Err(Error::other("another answered")) }
}

fn reads(path: impl AsRef<Path>) -> Result<(), Error> {
    let text = std::fs::read_to_string(path)?;
    if text.contains("fake key") { Ok(()) } else { Err(Error::other("another text")) }
}

/// In a child of its own, so that what it becomes is no matter for the others.
fn child(work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    // SAFETY: there is one thread.
    match unsafe { libc::fork() } {
        0 => {
            let code = i32::from(work().is_err());
            // SAFETY: ends the child.
            unsafe { libc::_exit(code) }
        }
        pid => {
            let mut status = 0;
            // SAFETY: the pointer is to a live number.
            unsafe { libc::waitpid(pid, &raw mut status, 0) };
            if status == 0 { Ok(()) } else { Err(Error::other("the child failed")) }
        }
    }
}

/// A user and mount namespace of its own, in which it has every right.
fn namespace() -> Result<(), Error> {
    // SAFETY: ids alone.
    let (uid, gid) = unsafe { (libc::getuid(), libc::getgid()) };
    call(libc::SYS_unshare, [(libc::CLONE_NEWUSER | libc::CLONE_NEWNS).into(), 0, 0, 0, 0, 0])?;
    let _ = std::fs::write("/proc/self/setgroups", "deny");
    let _ = std::fs::write("/proc/self/uid_map", format!("0 {uid} 1"));
    let _ = std::fs::write("/proc/self/gid_map", format!("0 {gid} 1"));
    Ok(())
}

fn bind(from: &str, to: &str) -> Result<(), Error> {
    let (from, to) = (c(from), c(to));
    call(libc::SYS_mount, [at(&from), at(&to), 0, libc::MS_BIND as c_long, 0, 0]).map(drop)
}

/// Takes what is mounted on `path` away.
fn bare(path: &str) -> Result<(), Error> {
    let path = c(path);
    call(libc::SYS_umount2, [at(&path), libc::MNT_DETACH.into(), 0, 0, 0, 0]).map(drop)
}

/// By i386's numbers.
#[cfg(target_arch = "x86_64")]
fn call_32(number: i32) -> Result<(), Error> {
    let mut answer = number;
    // SAFETY: all arguments are nothing; what is kept across the call is put back.
    unsafe {
        std::arch::asm!(
            "push rbx", "xor ebx, ebx", "int 0x80", "pop rbx",
            inout("eax") answer, in("ecx") 0, in("edx") 0, in("esi") 0, in("edi") 0,
        );
    }
    if answer < 0 { Err(Error::from_raw_os_error(-answer)) } else { Ok(()) }
}

type Attack<'a> = (&'static str, Box<dyn FnOnce() -> Result<(), Error> + 'a>);

/// Tries everything and says what got through.
pub fn all(target: &Target) -> Vec<&'static str> {
    let Target { secret, socket, guard, pid, hidden, work } = target;
    let (mount_point, pid_long) = (format!("{work}/at"), c_long::from(*pid));
    let _ = std::fs::create_dir_all(&mount_point);
    let name = Path::new(socket).file_name().expect("a name").to_owned();
    let folder = Path::new(socket).parent().expect("a folder").to_owned();
    let raw = |number: c_long| call(number, [0; 6]).map(drop);
    let refused = |number: c_long, words: [c_long; 6]| match call(number, words) {
        // Refused before the kernel looked at what it was given.
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => Err(error),
        Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => Err(error),
        _ => Ok(()),
    };
    let mut attacks: Vec<Attack<'_>> = vec![
        ("a socket", Box::new(|| opens(socket))),
        ("a socket through /proc/self/root", Box::new(|| opens(format!("/proc/self/root{socket}")))),
        (
            "a socket through a link",
            Box::new(|| {
                let link = format!("{work}/link");
                std::os::unix::fs::symlink(socket, &link)?;
                opens(&link)
            }),
        ),
        (
            "a socket by a relative name",
            Box::new(|| {
                let back = std::env::current_dir()?;
                std::env::set_current_dir(&folder)?;
                let opened = opens(&name);
                std::env::set_current_dir(back)?;
                opened
            }),
        ),
        (
            "a socket through an open directory",
            Box::new(|| {
                let path = c(&folder.display().to_string());
                let open =
                    call(libc::SYS_openat, [-100, at(&path), (libc::O_PATH | libc::O_DIRECTORY).into(), 0, 0, 0])?;
                opens(format!("/proc/self/fd/{open}/{}", name.display()))
            }),
        ),
        (
            "a socket under another name",
            Box::new(|| {
                let other = format!("{work}/hard");
                std::fs::hard_link(socket, &other)?;
                opens(&other)
            }),
        ),
        (
            "a socket moved away",
            Box::new(|| {
                let other = format!("{work}/moved");
                std::fs::rename(socket, &other)?;
                opens(&other)
            }),
        ),
        (
            "the directory of a socket moved away",
            Box::new(|| {
                let other = format!("{work}/folder");
                std::fs::rename(&folder, &other)?;
                opens(format!("{other}/{}", name.display()))
            }),
        ),
        ("what hides a socket taken away", Box::new(|| bare(socket).and_then(|()| opens(socket)))),
        (
            "what hides a socket taken away in a namespace",
            Box::new(|| child(|| namespace().and_then(|()| bare(socket)).and_then(|()| opens(socket)))),
        ),
        (
            "its directory bound elsewhere",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    bind(&folder.display().to_string(), &mount_point)?;
                    opens(format!("{mount_point}/{}", name.display()))
                })
            }),
        ),
        (
            "its directory as another tree of mounts",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    let path = c(&folder.display().to_string());
                    let open = call(428, [-100, at(&path), 1, 0, 0, 0])?;
                    opens(format!("/proc/self/fd/{open}/{}", name.display()))
                })
            }),
        ),
        (
            "everything under another root",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    let root = c("/proc/self/root");
                    call(libc::SYS_chroot, [at(&root), 0, 0, 0, 0, 0])?;
                    opens(socket)
                })
            }),
        ),
        (
            "the mounts of a process outside",
            Box::new(|| {
                let path = c(&format!("/proc/{pid}/ns/mnt"));
                let open = call(libc::SYS_openat, [-100, at(&path), 0, 0, 0, 0])?;
                call(libc::SYS_setns, [open, 0, 0, 0, 0, 0])?;
                opens(socket)
            }),
        ),
        ("the root of a process outside", Box::new(|| opens(format!("/proc/{pid}/root{socket}")))),
        (
            "an abstract socket",
            Box::new(|| {
                use std::os::linux::net::SocketAddrExt;
                let address = std::os::unix::net::SocketAddr::from_abstract_name(hidden)?;
                UnixStream::connect_addr(&address).map(drop)
            }),
        ),
        ("a secret", Box::new(|| reads(secret))),
        ("a secret through /proc/self/root", Box::new(|| reads(format!("/proc/self/root{secret}")))),
        ("a secret through a process outside", Box::new(|| reads(format!("/proc/{pid}/root{secret}")))),
        (
            "a secret opened as a path, then anew",
            Box::new(|| {
                let path = c(secret);
                let open = call(libc::SYS_openat, [-100, at(&path), libc::O_PATH.into(), 0, 0, 0])?;
                reads(format!("/proc/self/fd/{open}"))
            }),
        ),
        (
            "a secret by its handle",
            Box::new(|| {
                let path = c(secret);
                let mut handle = [0_u32; 40];
                handle[0] = 128;
                let mut mount = 0_i32;
                let words = [-100, at(&path), handle.as_mut_ptr() as c_long, (&raw mut mount) as c_long, 0, 0];
                call(libc::SYS_name_to_handle_at, words)?;
                let root = c("/");
                let open = call(libc::SYS_openat, [-100, at(&root), 0, 0, 0, 0])?;
                let opened = call(libc::SYS_open_by_handle_at, [open, handle.as_ptr() as c_long, 0, 0, 0, 0])?;
                reads(format!("/proc/self/fd/{opened}"))
            }),
        ),
        ("a secret with every right in a namespace", Box::new(|| child(|| namespace().and_then(|()| reads(secret))))),
        (
            "a secret bound elsewhere",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    bind(&Path::new(secret).parent().expect("a folder").display().to_string(), &mount_point)?;
                    reads(format!("{mount_point}/{}", Path::new(secret).file_name().expect("a name").display()))
                })
            }),
        ),
        (
            "a secret under another name",
            Box::new(|| {
                let other = format!("{work}/key");
                std::fs::hard_link(secret, &other)?;
                reads(&other)
            }),
        ),
        (
            "a secret moved away",
            Box::new(|| {
                let other = format!("{work}/moved-key");
                std::fs::rename(secret, &other)?;
                reads(&other)
            }),
        ),
        (
            "a directory of secrets moved away",
            Box::new(|| std::fs::rename(Path::new(secret).parent().expect("a folder"), format!("{work}/keys"))),
        ),
        ("what decides, written", Box::new(|| std::fs::OpenOptions::new().append(true).open(guard).map(drop))),
        (
            "what decides, cut short",
            Box::new(|| {
                let path = c(guard);
                call(libc::SYS_truncate, [at(&path), 0, 0, 0, 0, 0]).map(drop)
            }),
        ),
        (
            "what decides, replaced",
            Box::new(|| {
                let other = format!("{work}/policy");
                std::fs::write(&other, "")?;
                std::fs::rename(&other, guard)
            }),
        ),
        ("what decides, removed", Box::new(|| std::fs::remove_file(guard))),
        (
            "what decides, put elsewhere",
            Box::new(|| std::fs::rename(Path::new(guard).parent().expect("a folder"), format!("{work}/config"))),
        ),
        ("what decides, under another name", Box::new(|| std::fs::hard_link(guard, format!("{work}/policy2")))),
        (
            "what decides, covered",
            Box::new(|| {
                child(|| {
                    namespace().and_then(|()| {
                        bind(&mount_point, &Path::new(guard).parent().expect("a folder").display().to_string())
                    })
                })
            }),
        ),
        ("a signal", Box::new(|| call(libc::SYS_kill, [pid_long, 0, 0, 0, 0, 0]).map(drop))),
        (
            "a signal by descriptor",
            Box::new(|| {
                let open = call(libc::SYS_pidfd_open, [pid_long, 0, 0, 0, 0, 0])?;
                call(libc::SYS_pidfd_send_signal, [open, 0, 0, 0, 0, 0]).map(drop)
            }),
        ),
        (
            "a descriptor of another process",
            Box::new(|| {
                let open = call(libc::SYS_pidfd_open, [pid_long, 0, 0, 0, 0, 0])?;
                call(libc::SYS_pidfd_getfd, [open, 0, 0, 0, 0, 0]).map(drop)
            }),
        ),
        ("the memory of another process", Box::new(|| std::fs::File::open(format!("/proc/{pid}/mem")).map(drop))),
        ("the environment of another process", Box::new(|| std::fs::read(format!("/proc/{pid}/environ")).map(drop))),
        (
            "the memory of another process, read",
            Box::new(|| {
                let mut byte = 0_u8;
                let own = libc::iovec { iov_base: (&raw mut byte).cast::<c_void>(), iov_len: 1 };
                let theirs = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 1 };
                // The address is none: only whether it may be asked for matters.
                let words = [pid_long, (&raw const own) as c_long, 1, (&raw const theirs) as c_long, 1, 0];
                refused(libc::SYS_process_vm_readv, words)
            }),
        ),
        (
            "another process traced",
            Box::new(|| call(libc::SYS_ptrace, [libc::PTRACE_SEIZE.into(), pid_long, 0, 0, 0, 0]).map(drop)),
        ),
        ("the fields of another process", Box::new(|| std::fs::read_link(format!("/proc/{pid}/exe")).map(drop))),
        ("rings", Box::new(|| refused(425, [0; 6]))),
        ("programs in the kernel", Box::new(|| refused(libc::SYS_bpf, [0; 6]))),
        ("keys of the kernel", Box::new(|| refused(libc::SYS_keyctl, [0; 6]))),
        ("counters of the kernel", Box::new(|| refused(libc::SYS_perf_event_open, [0; 6]))),
        ("faults served by a user", Box::new(|| refused(libc::SYS_userfaultfd, [0; 6]))),
        ("another root", Box::new(|| child(|| namespace().and_then(|()| refused(libc::SYS_pivot_root, [0; 6]))))),
        (
            "a mount made new",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    let root = c("/");
                    call(libc::SYS_mount, [0, at(&root), 0, (libc::MS_REMOUNT | libc::MS_BIND) as c_long, 0, 0])
                        .map(drop)
                })
            }),
        ),
        (
            "a file system opened",
            Box::new(|| {
                child(|| {
                    namespace()?;
                    let kind = c("tmpfs");
                    call(430, [at(&kind), 0, 0, 0, 0, 0]).map(drop)
                })
            }),
        ),
        ("a mount moved", Box::new(|| child(|| namespace().and_then(|()| refused(429, [0; 6]))))),
        ("a mount's settings", Box::new(|| child(|| namespace().and_then(|()| refused(442, [0; 6]))))),
        (
            "new privileges allowed again",
            Box::new(|| call(libc::SYS_prctl, [libc::PR_SET_NO_NEW_PRIVS.into(), 0, 0, 0, 0, 0]).map(drop)),
        ),
        (
            "typing for the human",
            Box::new(|| {
                let byte = b'x';
                refused(libc::SYS_ioctl, [-1, libc::TIOCSTI as c_long, (&raw const byte) as c_long, 0, 0, 0])
            }),
        ),
        (
            "more of a limit",
            Box::new(|| {
                let more = libc::rlimit { rlim_cur: 1 << 20, rlim_max: 1 << 20 };
                // SAFETY: the pointer is to a live structure.
                told(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const more) }.into()).map(drop)
            }),
        ),
        ("numbers of x32", Box::new(|| raw(0x4000_0000 | 39))),
    ];
    #[cfg(target_arch = "x86_64")]
    attacks.extend([
        ("keys by i386", Box::new(|| call_32(288)) as Box<dyn FnOnce() -> Result<(), Error>>),
        (
            "mounting by i386",
            Box::new(|| match call_32(21) {
                Err(error)
                    if error.raw_os_error() != Some(libc::EPERM) && error.raw_os_error() != Some(libc::ENOSYS) =>
                {
                    Ok(())
                }
                other => other,
            }),
        ),
    ]);
    attacks.into_iter().filter_map(|(name, attack)| attack().is_ok().then_some(name)).collect()
}
