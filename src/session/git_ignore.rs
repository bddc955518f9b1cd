//! The patterns of `.gitignore`, as git matches them. Pure.

/// One file of patterns and the directory it stands in.
#[derive(Clone, Debug)]
pub struct Patterns {
    /// The directory, relative to the top level, without slashes at the ends; empty for the top.
    directory: Vec<u8>,
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: Vec<u8>,
    negated: bool,
    directory_only: bool,
    anchored: bool,
}

impl Patterns {
    /// Reads the patterns of a file that stands in `directory`.
    #[must_use]
    pub fn read(directory: &[u8], text: &[u8]) -> Patterns {
        let patterns = text.split(|byte| *byte == b'\n').filter_map(pattern).collect();
        Patterns { directory: directory.to_vec(), patterns }
    }

    /// What the last pattern that fits `path` says: ignored, not ignored, or nothing.
    fn verdict(&self, path: &[u8], is_directory: bool) -> Option<bool> {
        let inside = if self.directory.is_empty() {
            path
        } else {
            path.strip_prefix(self.directory.as_slice())?.strip_prefix(b"/")?
        };
        let name = inside.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let last = self.patterns.iter().rfind(|pattern| {
            (is_directory || !pattern.directory_only)
                && if pattern.anchored { fits(&pattern.text, inside) } else { fits(&pattern.text, name) }
        })?;
        Some(!last.negated)
    }
}

fn pattern(line: &[u8]) -> Option<Pattern> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut end = line.len();
    while end > 0 && line.get(end - 1) == Some(&b' ') && (end < 2 || line.get(end - 2) != Some(&b'\\')) {
        end -= 1;
    }
    let line = line.get(..end)?;
    if line.is_empty() || line.starts_with(b"#") {
        return None;
    }
    let (line, negated) = line.strip_prefix(b"!").map_or((line, false), |rest| (rest, true));
    let (line, directory_only) = line.strip_suffix(b"/").map_or((line, false), |rest| (rest, true));
    let anchored = line.contains(&b'/');
    let text = line.strip_prefix(b"/").unwrap_or(line).to_vec();
    (!text.is_empty()).then_some(Pattern { text, negated, directory_only, anchored })
}

/// Whether git ignores `path` (relative to the top level). `files` from the outermost to the innermost.
#[must_use]
pub fn ignored(files: &[Patterns], path: &[u8], is_directory: bool) -> bool {
    // Nothing below an ignored directory can be taken back.
    let mut ends: Vec<usize> = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at).collect();
    ends.push(path.len());
    for end in ends {
        let part = path.get(..end).unwrap_or_default();
        let directory = end < path.len() || is_directory;
        if files.iter().rev().find_map(|file| file.verdict(part, directory)) == Some(true) {
            return true;
        }
    }
    false
}

/// Whether a pattern fits a whole text: `*` and `?` stay inside a component, `**` crosses them.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    fits_within(pattern, text, &mut 20_000)
}

fn fits_within(pattern: &[u8], text: &[u8], steps: &mut u32) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    let mut again = |pattern: &[u8], text: &[u8]| fits_within(pattern, text, steps);
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            again(rest, text)
                || text
                    .iter()
                    .enumerate()
                    .any(|(at, byte)| *byte == b'/' && again(rest, text.get(at + 1..).unwrap_or_default()))
        }
        [b'/', b'*', b'*'] => text.starts_with(b"/") && text.len() > 1,
        [b'*', rest @ ..] => {
            let rest = rest.strip_prefix(b"*").filter(|rest| rest.is_empty()).unwrap_or(rest);
            let end = text.iter().position(|byte| *byte == b'/').unwrap_or(text.len());
            (0..=end).any(|at| again(rest, text.get(at..).unwrap_or_default()))
        }
        [b'?', rest @ ..] => text.split_first().is_some_and(|(byte, after)| *byte != b'/' && again(rest, after)),
        [b'\\', byte, rest @ ..] => text.strip_prefix(&[*byte][..]).is_some_and(|after| again(rest, after)),
        [b'[', rest @ ..] => {
            let Some((class, rest)) = bracket(rest) else { return false };
            text.split_first().is_some_and(|(byte, after)| *byte != b'/' && class.holds(*byte) && again(rest, after))
        }
        [byte, rest @ ..] => text.strip_prefix(&[*byte][..]).is_some_and(|after| again(rest, after)),
    }
}

struct Class {
    negated: bool,
    ranges: Vec<(u8, u8)>,
}

impl Class {
    fn holds(&self, byte: u8) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&byte)) != self.negated
    }
}

fn bracket(text: &[u8]) -> Option<(Class, &[u8])> {
    let (negated, text) = match text {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let close = 1 + text.get(1..)?.iter().position(|byte| *byte == b']')?;
    let (inside, rest) = (text.get(..close)?, text.get(close + 1..)?);
    let mut ranges = Vec::new();
    let mut left = inside;
    loop {
        left = match left {
            [] => break,
            [from, b'-', to, rest @ ..] => {
                ranges.push((*from, *to));
                rest
            }
            [byte, rest @ ..] => {
                ranges.push((*byte, *byte));
                rest
            }
        };
    }
    Some((Class { negated, ranges }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_git_does() {
        let top = Patterns::read(
            b"",
            b"target/\n*.log\n!keep.log\n/build\ndoc/*.txt\n**/gen\na/**/z\n# no\n\\#yes\nx[0-9]\ntail \n",
        );
        let nested = Patterns::read(b"sub", b"*.tmp\n!important.log\n");
        let files = [top, nested];
        let check = |path: &str, directory: bool| ignored(&files, path.as_bytes(), directory);
        for (path, directory) in [
            ("target", true),
            ("target/debug/x", false),
            ("sub/target/x", false),
            ("a.log", false),
            ("d/a.log", false),
            ("build", false),
            ("build/x", false),
            ("doc/a.txt", false),
            ("p/q/gen", false),
            ("gen/x", false),
            ("a/z", false),
            ("a/b/c/z", false),
            ("#yes", false),
            ("x7", false),
            ("sub/a.tmp", false),
            ("tail", false),
        ] {
            assert!(check(path, directory), "{path}");
        }
        for path in
            ["target", "keep.log", "sub/build", "doc/d/a.txt", "xa", "a.tmp", "sub/important.log", "src/main.rs"]
        {
            assert!(!check(path, false), "{path}");
        }
    }
}
