//! R, Julia, Octave and Lua, as far as code only computes, prints and reads files named in it: every name must be known or
//! bound by the code itself, and what is called must be known and not bound. Nothing that takes a function is known.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::{CodeObject, CodeReading};
use crate::action::EffectKind::Reads;

/// A language: its keywords and values, what may be called, and what reads the file that its first argument names.
struct Language {
    plain: &'static str,
    calls: &'static str,
    reads: &'static str,
}

const R: Language = Language {
    plain: "if else for in while repeat break next TRUE FALSE T F NULL NA Inf NaN pi letters LETTERS month.name mtcars iris",
    calls: "print cat paste paste0 format sprintf message c list vector matrix array data.frame seq seq_len seq_along rep rev sort order unique length nchar sum mean \
            median min max range var sd quantile cumsum cumprod prod abs sqrt exp log log2 log10 sin cos tan round floor ceiling signif is.na is.null any all which \
            which.max which.min table summary str head tail names colnames rownames nrow ncol dim toupper tolower substr strsplit gsub sub grepl regmatches trimws \
            as.numeric as.integer as.character as.logical as.Date factor levels rnorm runif rbinom sample set.seed Sys.time Sys.Date date factorial choose cor t \
            solve det diag crossprod is.numeric nlevels subset with merge rbind cbind unlist invisible suppressWarnings tabulate cut diff if for while \
            R.version.string stopifnot identical numeric character logical integer basename dirname",
    reads: "read.csv read.csv2 read.table read.delim readLines file.exists file.size count.fields",
};
const JULIA: Language = Language {
    plain: "if else elseif for in while end begin true false nothing NaN Inf pi using Statistics LinearAlgebra Printf Dates Random Int Int64 Float64 \
            String Bool VERSION missing im",
    calls: "println print show display string repr sum prod mean median std var minimum maximum extrema length size ndims collect range rand randn zeros ones reverse sort \
            unique push! pop! append! abs sqrt exp log log2 log10 sin cos tan round floor ceil trunc div rem mod gcd lcm factorial binomial isprime split join strip replace \
            uppercase lowercase occursin startswith endswith parse Int Float64 typeof eltype cumsum diff dot norm det inv transpose now today year month day fill hcat vcat \
            vec reshape first last enumerate zip keys values haskey Dict Set Vector isempty in printf sprintf time_ns if for while",
    reads: "readlines countlines readdir isfile isdir filesize",
};
const OCTAVE: Language = Language {
    plain: "if else elseif for while end endif endfor endwhile pi e Inf NaN true false i j ans eps disp",
    calls: "disp printf fprintf display num2str mat2str sprintf sum prod mean median std var min max abs sqrt exp log log2 log10 sin cos tan round floor ceil fix mod rem gcd \
            lcm factorial nchoosek primes isprime zeros ones eye rand randn linspace length numel size det inv rank trace eig norm transpose sort unique find cumsum cumprod \
            diff dot cross kron reshape repmat upper lower strrep strsplit strjoin strtrim polyfit polyval roots interp1 trapz any all isempty version if while",
    reads: "csvread dlmread fileread",
};
const LUA: Language = Language {
    plain: "if then else elseif end for in do while repeat until local return break and or not true false nil _VERSION math.pi math.huge math.maxinteger",
    calls: "print tostring tonumber type ipairs pairs select unpack table.unpack table.concat table.insert table.remove math.floor math.ceil math.sqrt math.sin math.cos \
            math.max math.min math.abs math.random math.randomseed math.fmod math.tointeger math.log math.exp string.format string.rep string.sub string.upper string.lower \
            string.len string.reverse string.byte string.char string.find string.match string.gmatch os.time os.date os.clock io.write format rep sub upper lower len reverse \
            byte find match gmatch assert error next rawlen if while return and or not",
    reads: "io.lines",
};

#[derive(PartialEq, Eq)]
enum Token {
    Name(Vec<u8>),
    Text(Vec<u8>),
    Number,
    Sign(u8),
}

/// Reads code in one of these languages.
pub(super) fn read(language: &str, code: &[u8]) -> CodeReading {
    let known = match language {
        "r" => R,
        "julia" => JULIA,
        "octave" => OCTAVE,
        _ => LUA,
    };
    let Some(tokens) = tokens(language, code) else { return CodeReading::opaque("it is not plain terms") };
    let has = |words: &str, name: &[u8]| words.split_ascii_whitespace().any(|word| word.as_bytes() == name);
    let sign = |at: usize| match tokens.get(at) {
        Some(Token::Sign(byte)) => *byte,
        _ => 0,
    };
    let is = |at: Option<usize>, word: &[u8]| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| matches!(token, Token::Name(name) if name == word))
    };
    // What a block or an argument binds may be another's outside of it.
    let blocks = matches!(language, "julia" | "lua")
        && (0..tokens.len()).any(|at| is(Some(at), b"end") || is(Some(at), b"until"));
    let mut depth = 0usize;
    let mut inside = Vec::with_capacity(tokens.len());
    for token in &tokens {
        match token {
            Token::Sign(b'(' | b'[') => depth += 1,
            Token::Sign(b'{') if language != "r" => depth += 1,
            Token::Sign(b')' | b']') => depth = depth.saturating_sub(1),
            Token::Sign(b'}') if language != "r" => depth = depth.saturating_sub(1),
            _ => {}
        }
        inside.push(depth > 0);
    }
    let binds = |at: usize| {
        let loops = is(at.checked_sub(1), b"for")
            || is(at.checked_sub(2), b"for") && sign(at - 1) == b'('
            || language == "lua" && is(at.checked_add(1), b"in");
        let sets = match (sign(at + 1), sign(at + 2)) {
            (b'=', next) => next != b'=' && next != b'>',
            (b'<', b'-') => true,
            _ => false,
        };
        loops || sets && inside.get(at) == Some(&false)
    };
    let names = || {
        tokens.iter().enumerate().filter_map(|(at, token)| match token {
            Token::Name(name) => Some((at, name.as_slice())),
            _ => None,
        })
    };
    let bound: BTreeSet<&[u8]> =
        names().filter(|(at, name)| binds(*at) && (!blocks || name.len() < 3)).map(|(_, name)| name).collect();
    let mut found = CodeReading::harmless();
    for (at, name) in names() {
        let next = tokens.get(at + 1);
        let arguments =
            matches!(next, Some(Token::Sign(b'('))) || language == "lua" && matches!(next, Some(Token::Text(_)));
        // A column of a table; the name of an argument.
        let column = at > 0 && sign(at - 1) == b'$';
        let named = inside.get(at) == Some(&true) && sign(at + 1) == b'=' && sign(at + 2) != b'=';
        if language == "r" && (column || named) && !arguments {
            continue;
        }
        let reads = has(known.reads, name);
        let fine = match (arguments, bound.contains(name)) {
            (true, false) => reads || has(known.calls, name),
            (true, true) => false,
            (false, own) => own || has(known.plain, name),
        };
        if !fine {
            found.doubt(format!("nothing is known of `{}`", String::from_utf8_lossy(name)));
        }
        if reads {
            match tokens.get(at + 2) {
                Some(Token::Text(path)) if !path.starts_with(b"~") && !path.windows(3).any(|three| three == b"://") => {
                    found.add(Reads, CodeObject::Path(path.clone()));
                }
                _ => found.doubt("a file that is not named"),
            }
        }
    }
    // What stands in brackets or in a string is called.
    let computed = |pair: &[Token]| {
        matches!(pair, [Token::Sign(b')' | b']' | b'}'), Token::Sign(b'(')])
            || language == "r" && matches!(pair, [Token::Text(_), Token::Sign(b'(')])
            || language == "lua"
                && matches!(
                    pair,
                    [Token::Sign(b')' | b']'), Token::Text(_)]
                        | [Token::Sign(b')' | b']') | Token::Name(_), Token::Sign(b'{')]
                )
    };
    if tokens.windows(2).any(computed) {
        found.doubt("what is called is computed");
    }
    found
}

/// Splits code; `None`: it holds something that may do more.
fn tokens(language: &str, code: &[u8]) -> Option<Vec<Token>> {
    let (lua, julia) = (language == "lua", language == "julia");
    let mut at = Cursor::new(code);
    let mut list: Vec<Token> = Vec::new();
    while let Some(byte) = at.peek() {
        let value = matches!(list.last(), Some(Token::Name(_) | Token::Number | Token::Sign(b')' | b']' | b'\'')));
        match byte {
            b'#' if !lua => {
                at.take_while(|byte| byte != b'\n');
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let name = at.take_while(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || julia && byte == b'!'
                });
                list.push(Token::Name(name.strip_suffix(b".").unwrap_or(name).to_vec()));
            }
            b'0'..=b'9' => {
                at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
                list.push(Token::Number);
            }
            // A matrix is turned round.
            b'\'' if value && matches!(language, "octave" | "julia") => {
                at.next();
                list.push(Token::Sign(b'\''));
            }
            b'"' | b'\'' => {
                at.next();
                let mut text = Vec::new();
                loop {
                    match at.next()? {
                        end if end == byte => break,
                        b'\\' => text.extend([b'\\', at.next()?]),
                        // Code may stand in it.
                        b'$' if julia => return None,
                        other => text.push(other),
                    }
                }
                list.push(Token::Text(text));
            }
            b'`' | b'?' | b'\\' | b'@' | b'!'
                if !(byte == b'!' && (at.peek_at(1) == Some(b'=') || language != "octave")) =>
            {
                let rest = at.rest();
                if !(julia && (rest.starts_with(b"@printf(") || rest.starts_with(b"@sprintf("))) {
                    return None;
                }
                at.next();
            }
            b'%' if language == "octave" => return None,
            b'%' if language == "r" => {
                at.next();
                let inner = at.take_while(|byte| byte != b'%' && byte != b'\n');
                if !matches!(inner, b"" | b"/" | b"in" | b"*" | b"o") || at.next() != Some(b'%') {
                    return None;
                }
                list.push(Token::Sign(b'%'));
            }
            byte if byte.is_ascii_whitespace() => {
                at.next();
            }
            byte if byte.is_ascii() => {
                let pair = (byte, at.peek_at(1));
                if matches!(pair, (b':', Some(b':')) | (b'|', Some(b'>')) | (b'[', Some(b'[')))
                    && !(language == "r" && byte == b'[')
                    || lua && pair == (b'-', Some(b'-'))
                    || byte == 0
                {
                    return None;
                }
                at.next();
                list.push(Token::Sign(byte));
            }
            _ => return None,
        }
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn terms_are_proven_and_nothing_that_calls() {
        let cases = [
            ("r", "x <- c(1,2); print(mean(x)); cat(paste('a', sep=''), '\\n')", true),
            ("r", "d <- read.csv('a.csv'); print(table(d$name))", true),
            ("r", "for (i in 1:3) print(i %% 2)", true),
            ("r", "system('ls')", false),
            ("r", "c(system=1); print.POSIXct <- system; print(Sys.time())", false),
            ("r", "'system'('ls')", false),
            ("r", "base::system('ls')", false),
            ("r", "read.csv(pipe('ls'))", false),
            ("r", "d <- read.csv('a'); d$f('ls')", false),
            ("julia", "x = [1,2]; println(sum(x), x')", true),
            ("julia", "using Printf; @printf(\"%d\", 3)", true),
            ("julia", "for i in 1:3 println(i) end", true),
            ("julia", "println(\"$(run(`ls`))\")", false),
            ("julia", "for include in 1:1 end; sum(include, [\"x.jl\"])", false),
            ("julia", "Dict(include=>1); sum(include, [\"x.jl\"])", false),
            ("julia", "\"x.jl\" |> include", false),
            ("octave", "A = [1 2;3 4]; disp(A'); printf('%d', det(A))", true),
            ("octave", "system ls", false),
            ("octave", "x = 'a'; eval(x)", false),
            ("lua", "for i=1,3 do print(i, string.rep('x', i)) end", true),
            ("lua", "for k, v in pairs({1,2}) do print(k, v) end", true),
            ("lua", "os.execute'ls'", false),
            ("lua", "do local dofile=1 end for x in dofile,'x.lua' do end", false),
            ("lua", "t={os=1} os['execute']'ls'", false),
            ("lua", "local f = load f'x'", false),
        ];
        for (language, code, proven) in cases {
            let found = read(language, code.as_bytes());
            assert_eq!(found.proven, proven, "{language}: {code}: {:?}", found.why);
        }
    }
}
