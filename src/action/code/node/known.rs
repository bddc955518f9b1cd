//! What is known of JavaScript's globals and of Node's own library.

use crate::action::EffectKind;

/// What a call of a library does, by its constant arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Pure,
    /// One path.
    File(EffectKind),
    /// First is read, second replaced.
    Copies,
    /// First goes away, second is replaced.
    Moves,
    /// Shell text.
    Shell,
    /// A program and a list of words.
    Process,
    /// A URL.
    Connects,
    /// A module in a module.
    Module(&'static str),
}

/// The modules that may be named.
pub(super) fn module(name: &[u8]) -> Option<&'static str> {
    const KNOWN: &[&str] = &[
        "fs",
        "path",
        "url",
        "util",
        "os",
        "assert",
        "events",
        "crypto",
        "querystring",
        "string_decoder",
        "child_process",
        "http",
        "https",
        "perf_hooks",
    ];
    let name = name.strip_prefix(b"node:").unwrap_or(name);
    if name == b"fs/promises" {
        return Some("fs");
    }
    KNOWN.iter().find(|known| known.as_bytes() == name).copied()
}

/// Packages that many projects have: loading them runs their own installed code and does nothing of note.
pub(super) fn package(name: &[u8]) -> bool {
    const KNOWN: &str = " typescript react react-dom vue svelte next express koa fastify webpack rollup vite esbuild eslint prettier jest vitest \
        mocha lodash axios zod rxjs d3 three @angular/core @babel/core ts-node prisma @prisma/client tailwindcss postcss sass ";
    let Ok(name) = core::str::from_utf8(name) else { return false };
    KNOWN.split_ascii_whitespace().any(|known| known == name)
}

/// What `attribute` of `module` is.
pub(super) fn call(module: &str, attribute: &[u8]) -> Option<Call> {
    use EffectKind::{Deletes, Names, Overwrites, Permits, Reads, Writes};
    let name = core::str::from_utf8(attribute).ok()?;
    let plain = name.strip_suffix("Sync").unwrap_or(name);
    Some(match (module, plain) {
        ("fs", "promises") => Call::Module("fs"),
        ("fs", "readFile" | "createReadStream") => Call::File(Reads),
        ("fs", "exists" | "stat" | "lstat" | "readdir" | "access" | "realpath" | "readlink" | "opendir") => {
            Call::File(Names)
        }
        ("fs", "constants") => Call::Pure,
        ("fs", "writeFile" | "createWriteStream" | "truncate") => Call::File(Overwrites),
        ("fs", "appendFile" | "mkdir" | "utimes") => Call::File(Writes),
        ("fs", "unlink" | "rmdir" | "rm") => Call::File(Deletes),
        ("fs", "chmod") => Call::File(Permits),
        ("fs", "copyFile" | "cp") => Call::Copies,
        ("fs", "rename") => Call::Moves,
        ("child_process", "exec") => Call::Shell,
        ("child_process", "spawn" | "execFile") => Call::Process,
        ("http" | "https", "get") => Call::Connects,
        ("path", "posix") => Call::Module("path"),
        (
            "path",
            "join" | "resolve" | "dirname" | "basename" | "extname" | "relative" | "normalize" | "parse" | "format"
            | "isAbsolute" | "sep" | "delimiter",
        )
        | (
            "url",
            "parse" | "format" | "resolve" | "URL" | "URLSearchParams" | "fileURLToPath" | "pathToFileURL"
            | "domainToASCII",
        )
        | (
            "util",
            "inspect"
            | "format"
            | "isDeepStrictEqual"
            | "types"
            | "stripVTControlCharacters"
            | "styleText"
            | "TextDecoder"
            | "TextEncoder",
        )
        | (
            "os",
            "cpus"
            | "totalmem"
            | "freemem"
            | "platform"
            | "arch"
            | "release"
            | "type"
            | "hostname"
            | "homedir"
            | "tmpdir"
            | "uptime"
            | "loadavg"
            | "EOL"
            | "endianness"
            | "version"
            | "machine"
            | "availableParallelism"
            | "networkInterfaces"
            | "userInfo",
        )
        | (
            "assert",
            "ok" | "equal" | "strictEqual" | "deepEqual" | "deepStrictEqual" | "notEqual" | "notStrictEqual" | "strict"
            | "throws",
        )
        | ("events", "EventEmitter" | "once")
        | (
            "crypto",
            "createHash" | "createHmac" | "randomBytes" | "randomUUID" | "randomInt" | "getHashes" | "timingSafeEqual",
        )
        | ("querystring", "parse" | "stringify" | "escape" | "unescape")
        | ("string_decoder", "StringDecoder")
        | ("perf_hooks", "performance")
        | ("http", "STATUS_CODES" | "METHODS") => Call::Pure,
        _ => return None,
    })
}

/// What may be asked of `process`.
pub(super) fn process(attribute: &[u8]) -> bool {
    const KNOWN: &str = " argv version versions platform arch cwd exit pid ppid uptime memoryUsage hrtime stdout stderr stdin exitCode nextTick \
        release title execPath env execArgv argv0 getuid getgid resourceUsage cpuUsage features config ";
    word_of(KNOWN, attribute)
}

/// Globals that compute, words of the language, and values.
pub(super) fn plain(name: &[u8]) -> bool {
    const KNOWN: &str = " break case catch const continue default delete do else finally for function if in instanceof let new of return switch throw \
        try typeof var void while async await true false null undefined NaN Infinity console JSON Math Object Array String Number Boolean Date Set \
        Map WeakMap WeakSet RegExp Symbol BigInt parseInt parseFloat isNaN isFinite Error TypeError RangeError SyntaxError Promise Buffer URL \
        URLSearchParams encodeURIComponent decodeURIComponent encodeURI decodeURI TextEncoder TextDecoder structuredClone Intl performance \
        setTimeout clearTimeout setInterval clearInterval setImmediate queueMicrotask Uint8Array Int8Array Uint16Array Int16Array Uint32Array \
        Int32Array Float32Array Float64Array BigInt64Array BigUint64Array ArrayBuffer DataView btoa atob __filename __dirname AbortController AggregateError ";
    word_of(KNOWN, name)
}

/// Names that reach what code is made of: never, wherever they stand.
pub(super) fn barred(name: &[u8]) -> bool {
    const KNOWN: &str = " constructor __proto__ prototype caller callee __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ \
        prepareStackTrace getOwnPropertyDescriptors getOwnPropertyDescriptor getPrototypeOf setPrototypeOf defineProperty defineProperties ";
    word_of(KNOWN, name)
}

/// Methods of the globals that hand out more than values.
pub(super) fn static_is_plain(global: &[u8], attribute: &[u8]) -> bool {
    match global {
        b"Object" => word_of(" keys values entries assign fromEntries freeze is hasOwn groupBy isFrozen ", attribute),
        b"console" => word_of(
            " log error warn info debug table dir time timeEnd timeLog group groupEnd assert count trace ",
            attribute,
        ),
        _ => true,
    }
}

fn word_of(list: &str, name: &[u8]) -> bool {
    let Ok(name) = core::str::from_utf8(name) else { return false };
    list.split_ascii_whitespace().any(|known| known == name)
}
