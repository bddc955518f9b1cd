//! What a line that may run needs beyond its profile: the places it was let change, and what its tools read of their own, which
//! profiles close to everything else. A line that runs the tool gets them, where its profile says so (`own_keys`); with other
//! code in the same line only where a human said yes to it.

use std::os::unix::fs::{FileTypeExt, MetadataExt};

use crate::action::effect::Object;
use crate::action::{Action, EffectKind};
use crate::policy::Profile;
use crate::sys::{file, user};

/// What one kind of tool needs, below home: words, since a table of tables costs three times the room.
struct Tool {
    names: &'static str,
    /// Only where it does one of these; empty: whatever it does.
    does: &'static [EffectKind],
    /// `/` at the end: a directory that is made where it is missing.
    writes: &'static str,
    reads: &'static str,
    /// `@run/` is the login session's directory, `@agent` what the environment names. `@owners`: it runs ssh, which believes only
    /// settings that are root's or its user's, and so no user namespace hides sockets from it.
    sockets: &'static str,
    /// Without them it does not even build: they are open beside other code too.
    settings: bool,
}

const NOTHING: Tool = Tool { names: "", does: &[], writes: "", reads: "", sockets: "", settings: false };

const TOOLS: &[Tool] = &[
    Tool { names: "cargo", writes: ".cargo/registry/ .cargo/git/", settings: true, ..NOTHING },
    Tool { names: "npm npx", writes: ".npm/", settings: true, ..NOTHING },
    Tool { names: "go", writes: "go/pkg/", settings: true, ..NOTHING },
    Tool {
        names: "pnpm",
        writes: ".local/share/pnpm/store/ .local/state/pnpm/",
        reads: ".config/pnpm",
        settings: true,
        ..NOTHING
    },
    Tool { names: "yarn", writes: ".yarn/berry/", reads: ".yarnrc.yml", settings: true, ..NOTHING },
    Tool { names: "bun", writes: ".bun/install/cache/", reads: ".bunfig.toml", settings: true, ..NOTHING },
    Tool {
        names: "mvn mvnw mvnd",
        writes: ".m2/repository/",
        reads: ".m2/settings.xml .m2/settings-security.xml",
        settings: true,
        ..NOTHING
    },
    Tool {
        names: "gradle gradlew",
        writes: ".gradle/caches/ .gradle/daemon/ .gradle/wrapper/dists/ .gradle/native/ .gradle/.tmp/",
        reads: ".gradle/gradle.properties",
        settings: true,
        ..NOTHING
    },
    Tool {
        names: "dotnet nuget",
        writes: ".nuget/packages/ .local/share/NuGet/",
        reads: ".nuget/NuGet/NuGet.Config .config/NuGet",
        settings: true,
        ..NOTHING
    },
    Tool { names: "bundle gem rake", writes: ".bundle/cache/", reads: ".bundle/config", settings: true, ..NOTHING },
    Tool {
        names: "git",
        does: &[EffectKind::Connects, EffectKind::Publishes],
        reads: ".ssh .git-credentials .gitcookies .config/git/credentials .cache/git/credential .netrc .config/gh .config/glab-cli",
        sockets: "@agent @owners ~/.cache/git/credential",
        ..NOTHING
    },
    Tool {
        names: "git gpg gpg2",
        does: &[EffectKind::Commits],
        writes: ".gnupg",
        reads: ".ssh",
        sockets: "@agent @run/gnupg ~/.gnupg",
        ..NOTHING
    },
    Tool { names: "ssh scp sftp rsync mosh", reads: ".ssh", sockets: "@agent @owners", ..NOTHING },
    Tool {
        names: "gh glab hub tea",
        reads: ".config/gh .config/glab-cli .config/hub .config/tea .ssh .git-credentials",
        sockets: "@agent @owners @run/bus",
        ..NOTHING
    },
    Tool { names: "npm pnpm yarn", does: &[EffectKind::Publishes], reads: ".npmrc .yarnrc.yml", ..NOTHING },
    Tool {
        names: "cargo",
        does: &[EffectKind::Publishes],
        reads: ".cargo/credentials .cargo/credentials.toml",
        ..NOTHING
    },
    Tool {
        names: "twine uv poetry hatch flit",
        does: &[EffectKind::Publishes],
        reads: ".pypirc .config/pypoetry/auth.toml .config/uv/credentials.toml",
        ..NOTHING
    },
    Tool {
        names: "docker docker-compose podman nerdctl buildah skopeo",
        writes: ".docker",
        reads: ".config/containers/auth.json",
        sockets: "/run/docker.sock /run/podman /run/containerd @run/docker.sock @run/podman ~/.docker",
        ..NOTHING
    },
    Tool { names: "kubectl helm k9s oc", writes: ".kube .config/helm", reads: ".aws .azure .config/gcloud", ..NOTHING },
    Tool { names: "aws sam cdk", writes: ".aws", ..NOTHING },
    Tool { names: "az", writes: ".azure", ..NOTHING },
    Tool { names: "gcloud gsutil bq", writes: ".config/gcloud", reads: ".boto", ..NOTHING },
    Tool {
        names: "terraform tofu pulumi",
        reads: ".terraformrc .terraform.d .pulumi/credentials.json .aws .azure .config/gcloud",
        ..NOTHING
    },
    Tool { names: "psql pg_dump pg_restore", reads: ".pgpass .pg_service.conf", ..NOTHING },
    Tool { names: "mysql mysqldump mariadb", reads: ".my.cnf .mylogin.cnf", ..NOTHING },
];

/// What a line was let do, of which its walls are told.
#[derive(Debug)]
pub struct Let<'a> {
    /// Its actions.
    pub actions: &'a [Action],
    /// A human said yes to it.
    pub by_human: bool,
    /// The ssh-agent's socket, where the environment names one.
    pub agent: Option<&'a [u8]>,
}

/// The path of a socket of our own user: whoever sets the environment names neither another's (the Docker socket is root's), nor a
/// directory, nor a word that means more in a profile.
fn own_socket(path: &[u8]) -> Option<String> {
    let meta = path.starts_with(b"/").then(|| std::fs::metadata(file::path(path)).ok())??;
    let own = meta.file_type().is_socket() && meta.uid() == user::own();
    own.then(|| std::str::from_utf8(path).ok().map(str::to_owned))?
}

/// Of these nobody can tell where they reach.
const UNBOUND: &[EffectKind] =
    &[EffectKind::Escalates, EffectKind::Signals, EffectKind::Configures, EffectKind::Deploys, EffectKind::Spends];

const CHANGES: &[EffectKind] = &[EffectKind::Writes, EffectKind::Overwrites, EffectKind::Deletes, EffectKind::Permits];

impl Let<'_> {
    /// Whether it takes rights over more than files that can be named: a program installed for everybody, a process outside, an
    /// account's settings.
    #[must_use]
    pub fn is_unbound(&self) -> bool {
        let global = |action: &Action| action.options.iter().any(|(name, _)| name == "--global" || name == "-g");
        self.actions.iter().any(|action| {
            let unbound = |kind: EffectKind| UNBOUND.contains(&kind) || kind == EffectKind::Installs && global(action);
            action.effects.iter().any(|effect| unbound(effect.kind))
        })
    }

    /// The directories it was let change something in, as far as they are known.
    #[must_use]
    pub fn changes(&self) -> Vec<Vec<u8>> {
        let mut places = Vec::new();
        for effect in self.actions.iter().flat_map(|action| &action.effects) {
            let Object::Path { path, .. } = &effect.object else { continue };
            let Some(mut path) = path.text().map(file::path) else { continue };
            // Devices and the kernel's files are opened one by one, by the profile alone.
            if !CHANGES.contains(&effect.kind) || ["/dev", "/proc", "/sys"].iter().any(|tree| path.starts_with(tree)) {
                continue;
            }
            if effect.kind == EffectKind::Deletes || !path.is_dir() {
                path = path.parent().unwrap_or(path);
            }
            // What it makes on the way.
            while !path.is_dir() {
                let Some(above) = path.parent() else { break };
                path = above;
            }
            let place = path.as_os_str().as_encoded_bytes().to_vec();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// The profile with what the tools of the line need of their own, and what a human let it read.
    #[must_use]
    pub fn over(&self, mut profile: Profile) -> Profile {
        for effect in self.actions.iter().flat_map(|action| &action.effects).filter(|_| self.by_human) {
            if let (EffectKind::Reads, Object::Path { path, .. }) = (effect.kind, &effect.object)
                && let Some(Ok(path)) = path.text().map(std::str::from_utf8)
            {
                profile.readable.push(path.to_owned());
            }
        }
        if !profile.own_keys {
            return profile;
        }
        let runs = |action: &Action, tool: &Tool| {
            action
                .program
                .as_deref()
                .is_some_and(|program| tool.names.split(' ').any(|name| name.as_bytes() == program))
        };
        let has = |action: &Action, kind: EffectKind| action.effects.iter().any(|effect| effect.kind == kind);
        for tool in TOOLS {
            let needs = |action: &Action| {
                runs(action, tool) && (tool.does.is_empty() || tool.does.iter().any(|kind| has(action, *kind)))
            };
            let alone = || !self.actions.iter().any(|action| !runs(action, tool) && has(action, EffectKind::Executes));
            if !(self.actions.iter().any(needs) && (tool.settings || self.by_human || alone())) {
                continue;
            }
            for (words, list) in [(tool.reads, &mut profile.readable), (tool.writes, &mut profile.writable)] {
                list.extend(words.split_ascii_whitespace().map(|entry| ["~/", entry].concat()));
            }
            for socket in tool.sockets.split_ascii_whitespace() {
                match (self.agent, socket.strip_prefix("@run/")) {
                    (Some(agent), _) if socket == "@agent" => profile.sockets.extend(own_socket(agent)),
                    (_, Some(rest)) => profile.sockets.push(format!("/run/user/{}/{rest}", user::own())),
                    (_, None) => profile.sockets.push(socket.to_owned()),
                }
            }
        }
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::own_socket;

    #[test]
    fn the_environment_names_a_socket_of_its_users_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let path = folder.path().join("agent");
        let _listens = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
        let bytes = |path: &std::path::Path| path.as_os_str().as_encoded_bytes().to_vec();
        assert_eq!(own_socket(&bytes(&path)).as_deref(), path.to_str());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert!(own_socket(&bytes(&link)).is_some());
        for other in [&b"@all"[..], b"@owners", b"", b"/", b"/dev/null", b"/no/such", &bytes(folder.path())] {
            assert_eq!(own_socket(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
