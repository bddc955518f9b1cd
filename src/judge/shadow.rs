//! Modules that the line writes where an interpreter looks before its own library.

use crate::action::{Action, Value};

/// Top-level modules of Python's library that programs of one line load: a file of such a name in the directory it is
/// started in, or on its path, runs instead.
const LIBRARY: &[&str] = &[
    "abc",
    "argparse",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bdb",
    "binascii",
    "bisect",
    "builtins",
    "bz2",
    "calendar",
    "cmath",
    "cmd",
    "code",
    "codecs",
    "codeop",
    "collections",
    "colorsys",
    "compileall",
    "concurrent",
    "configparser",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "csv",
    "ctypes",
    "curses",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "dis",
    "doctest",
    "email",
    "encodings",
    "ensurepip",
    "enum",
    "errno",
    "faulthandler",
    "filecmp",
    "fileinput",
    "fnmatch",
    "fractions",
    "ftplib",
    "functools",
    "gc",
    "genericpath",
    "getopt",
    "getpass",
    "gettext",
    "glob",
    "graphlib",
    "grp",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "imaplib",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "lzma",
    "mailbox",
    "math",
    "mimetypes",
    "mmap",
    "modulefinder",
    "multiprocessing",
    "netrc",
    "ntpath",
    "numbers",
    "opcode",
    "operator",
    "optparse",
    "os",
    "pathlib",
    "pdb",
    "pickle",
    "pickletools",
    "pkgutil",
    "platform",
    "plistlib",
    "posixpath",
    "pprint",
    "profile",
    "pstats",
    "pty",
    "pwd",
    "py_compile",
    "pyclbr",
    "pydoc",
    "queue",
    "quopri",
    "random",
    "re",
    "reprlib",
    "resource",
    "runpy",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "site",
    "sitecustomize",
    "smtplib",
    "socket",
    "socketserver",
    "sqlite3",
    "sre_compile",
    "sre_constants",
    "sre_parse",
    "ssl",
    "stat",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "subprocess",
    "symtable",
    "sys",
    "sysconfig",
    "tabnanny",
    "tarfile",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "token",
    "tokenize",
    "tomllib",
    "trace",
    "traceback",
    "tracemalloc",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "usercustomize",
    "uuid",
    "venv",
    "warnings",
    "wave",
    "weakref",
    "webbrowser",
    "wsgiref",
    "xml",
    "xmlrpc",
    "zipapp",
    "zipfile",
    "zipimport",
    "zlib",
    "zoneinfo",
];

/// Whether `action` is an interpreter that loads such modules.
pub(super) fn is_python(action: &Action) -> bool {
    action.program.as_deref().is_some_and(|name| name.starts_with(b"python") || name.starts_with(b"pypy"))
        || action.via.last().is_some_and(|name| name.starts_with(b"python"))
}

/// Whether it has the name of one of the library.
pub(super) fn is_library(module: &[u8]) -> bool {
    LIBRARY.iter().any(|own| own.as_bytes() == module)
}

/// The module a written path would be: `json.py`, `json/__init__.py`, `json.cpython-312.so`.
pub(super) fn module(path: &[u8]) -> Option<&[u8]> {
    let mut parts = path.rsplit(|byte| *byte == b'/');
    let name = parts.next()?;
    let dot = name.iter().position(|byte| *byte == b'.')?;
    let (stem, ending) = name.split_at_checked(dot)?;
    let code = [&b".py"[..], b".so", b".pyc", b".pyd", b".pth"].iter().any(|known| ending.ends_with(known));
    match stem {
        _ if !code => None,
        b"__init__" | b"__main__" => parts.next(),
        stem => Some(stem),
    }
}

/// Whether the action's code or `-m` names a module that was `written`; the file itself as an operand is another matter.
pub(super) fn names_any(action: &Action, written: impl Fn(&[u8]) -> bool) -> bool {
    let word = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b'_');
    let code = action.argv.windows(2).filter(|pair| {
        matches!(pair.first().and_then(Value::text), Some(option) if option.starts_with(b"-")
            && option.last().is_some_and(|last| matches!(last, b'c' | b'm')))
    });
    code.filter_map(|pair| pair.get(1)).any(|code| {
        let shown = code.display();
        match imports(&shown) {
            true => shown.split(word).any(&written),
            false => shown.split(|byte| *byte == b'.').next().is_some_and(&written),
        }
    })
}

fn imports(code: &[u8]) -> bool {
    code.windows(6).any(|window| window == b"import")
}
