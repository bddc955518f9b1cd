//! Options that a variable of the environment hands to a runtime, and that load no code: sizes, encodings, warnings.

use crate::action::Value;

/// The variables of a runtime and the beginnings of its harmless options.
const PLAIN: &[(&[&str], &[&str])] = &[
    (
        &["NODE_OPTIONS"],
        &[
            "--max-old-space-size=",
            "--max_old_space_size=",
            "--max-semi-space-size=",
            "--max-http-header-size=",
            "--stack-trace-limit=",
            "--no-warnings",
            "--trace-warnings",
            "--disable-warning=",
            "--trace-deprecation",
            "--no-deprecation",
            "--throw-deprecation",
            "--pending-deprecation",
            "--trace-uncaught",
            "--trace-exit",
            "--unhandled-rejections=",
            "--enable-source-maps",
            "--openssl-legacy-provider",
            "--dns-result-order=",
            "--experimental-vm-modules",
            "--experimental-strip-types",
            "--experimental-transform-types",
            "--no-experimental-strip-types",
            "--experimental-json-modules",
            "--experimental-fetch",
            "--no-experimental-fetch",
            "--experimental-specifier-resolution=",
        ],
    ),
    (
        &[
            "JAVA_TOOL_OPTIONS",
            "_JAVA_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "MAVEN_OPTS",
            "GRADLE_OPTS",
            "JAVA_OPTS",
            "SBT_OPTS",
        ],
        &[
            "-Xmx",
            "-Xms",
            "-Xss",
            "-Xmn",
            "-XX:MaxMetaspaceSize=",
            "-XX:MaxRAMPercentage=",
            "-XX:ReservedCodeCacheSize=",
            "-XX:TieredStopAtLevel=",
            "-XX:+Use",
            "-XX:-Use",
            "-XX:+TieredCompilation",
            "-Dfile.encoding=",
            "-Duser.language=",
            "-Duser.timezone=",
            "-Djava.awt.headless=",
            "-Dstyle.color=",
            "-Dorg.gradle.daemon=",
            "-Dorg.gradle.parallel=",
        ],
    ),
    (&["RUBYOPT"], &["-W0", "-W1", "-W2", "-W:no-", "-w"]),
];

/// Whether each word of `value` is a known option of the runtime that obeys `name`, and loads nothing.
pub(in crate::action) fn loads_nothing(name: &[u8], value: &Value) -> bool {
    let Some(text) = value.text() else { return false };
    if name == b"BROWSER" {
        // Front-end tools open no browser for it.
        return text == b"none";
    }
    let Some((_, options)) = PLAIN.iter().find(|(names, _)| names.iter().any(|known| known.as_bytes() == name)) else {
        return false;
    };
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).all(|word| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=:+.,".contains(byte);
        word.iter().all(plain)
            && options.iter().any(|known| {
                // A value, a size or more of the name may follow.
                let more = known.starts_with("-X") || known.ends_with(['=', '-']);
                word == known.as_bytes() || more && word.starts_with(known.as_bytes())
            })
    })
}
