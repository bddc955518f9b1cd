//! Approvals that are signed, end to end, with the stock ssh-keygen and ssh-agent: what counts, what does not, and what an agent with
//! the same user can try.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene, id};

/// Two must sign it; it leaves one letter behind for each time it ran.
const LINE: &str = "printf x > one; cat one >> ran; cp one two";
/// One must sign it.
const OTHER: &str = "printf x > one; cat one >> ran; ln one three";

const NAMESPACE: &str = "vetsh-approval";
const PASSPHRASE: &str = "correct horse";

fn main() {
    if !["/usr/bin/ssh-keygen", "/usr/bin/ssh-agent"].iter().all(|path| Path::new(path).exists()) {
        eprintln!("SKIPPED: no ssh-keygen (openssh-client) is installed; where .ci/run runs, this must not be skipped");
        return;
    }
    scene::main(CASES);
}

const CASES: &[Case] = &[
    ("as_many_as_are_needed_run_it_once", as_many_as_are_needed_run_it_once),
    ("the_agent_reads_how_it_stands", the_agent_reads_how_it_stands),
    ("a_passphrase_is_asked_at_the_terminal", a_passphrase_is_asked_at_the_terminal),
    ("a_plain_yes_is_none", a_plain_yes_is_none),
    ("what_is_exported_verifies_with_stock_tools", what_is_exported_verifies_with_stock_tools),
    ("one_counts_once", one_counts_once),
    ("signatures_for_anything_else_are_none", signatures_for_anything_else_are_none),
    ("a_listed_approver_ends_it", a_listed_approver_ends_it),
    ("who_is_named_must_be_among_them", who_is_named_must_be_among_them),
    ("the_list_is_as_a_human_trusted_it", the_list_is_as_a_human_trusted_it),
    ("what_changed_between_yes_and_run_refuses", what_changed_between_yes_and_run_refuses),
    ("revoked_and_out_of_time_keys_count_no_more", revoked_and_out_of_time_keys_count_no_more),
    ("a_key_that_the_session_reaches_is_its_own", a_key_that_the_session_reaches_is_its_own),
    ("a_token_counts_when_it_was_touched", a_token_counts_when_it_was_touched),
    ("forged_answers_are_none", forged_answers_are_none),
    ("a_signed_yes_is_not_used_twice", a_signed_yes_is_not_used_twice),
    ("what_was_signed_before_a_no_is_none_after_it", what_was_signed_before_a_no_is_none_after_it),
    ("watching_shows_who_has_signed", watching_shows_who_has_signed),
    ("a_policy_may_want_every_yes_signed", a_policy_may_want_every_yes_signed),
    ("an_agents_line_cannot_sign", an_agents_line_cannot_sign),
    ("what_was_signed_is_checked_again_in_the_record", what_was_signed_is_checked_again_in_the_record),
    ("a_client_that_ignores_its_children_is_served", a_client_that_ignores_its_children_is_served),
    ("doctor_says_who_may_approve", doctor_says_who_may_approve),
    ("without_a_verifier_nothing_signed_runs", without_a_verifier_nothing_signed_runs),
    ("what_wants_both_is_typed_and_signed", what_wants_both_is_typed_and_signed),
];

fn rules(wait: &str) -> String {
    let rule = |id: &str, program: &str, asks: &str| {
        format!(
            "[[rule]]\nid = \"mine.{id}\"\ntier = \"supervised\"\n{asks}\nwhat = \"{id} a file\"\nwhy = \"a test\"\ninstead = \"nothing\"\n\
             when = {{ program = \"{program}\" }}\nmatch = [\"{program} a b\", \"{program} c d\"]\npass = [\"mv a b\", \"ls\"]\n\n"
        )
    };
    format!("format = 1\n\n[approval]\nwait = \"{wait}\"\n\n")
        + &rule("copy", "cp", "approvals = 2\nrequire = \"signed\"")
        + &rule("link", "ln", "require = \"signed\"")
        + &rule("carol", "install", "require = [\"carol\", \"signed\"]\napprovals = 2")
}

/// A machine with approvers: their keys lie where no agent looks, as on machines of their own.
struct Desks<'a> {
    scene: &'a Scene,
}

impl<'a> Desks<'a> {
    /// alice, bob and carol are root's approvers.
    fn new(scene: &'a Scene, wait: &str) -> Desks<'a> {
        let desks = Desks { scene };
        std::fs::create_dir(scene.at("keys")).expect("a folder");
        for name in ["alice", "bob", "carol", "mallory"] {
            desks.make(name, "");
        }
        desks.list(&["alice", "bob", "carol"]);
        scene.trust(&rules(wait));
        desks
    }

    fn key(&self, name: &str) -> PathBuf {
        self.scene.at("keys").join(name)
    }

    fn make(&self, name: &str, passphrase: &str) {
        let mut command = self.scene.plain("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-C", name, "-N", passphrase, "-f"]).arg(self.key(name));
        assert!(command.status().expect("ssh-keygen runs").success());
    }

    fn public(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.key(name).with_extension("pub")).expect("a public key");
        text.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    fn line(&self, name: &str) -> String {
        format!("{name} {}\n", self.public(name))
    }

    fn list(&self, names: &[&str]) {
        self.write(&names.iter().map(|name| self.line(name)).collect::<String>());
    }

    fn write(&self, text: &str) {
        std::fs::write(self.scene.system().join("allowed_signers"), text).expect("a list");
    }

    fn out(&self) -> PathBuf {
        self.scene.at("out")
    }

    fn export(&self, id: &str) -> PathBuf {
        let ended = self.scene.verb(&["approvals", "export", id, &self.out().display().to_string()]);
        assert_eq!(ended.code, 0, "{ended:?}");
        self.out().join(format!("{id}.yes"))
    }

    /// The signature that `by` makes of a file, as another file.
    fn sign(&self, by: &str, namespace: &str, file: &Path) -> PathBuf {
        let made = PathBuf::from(format!("{}.sig", file.display()));
        let _ = std::fs::remove_file(&made);
        let mut command = self.scene.plain("ssh-keygen");
        let ended =
            self.scene.end(command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.key(by)).arg(file));
        assert_eq!(ended.code, 0, "{ended:?}");
        let kept = PathBuf::from(format!("{}.{by}.sig", file.display()));
        std::fs::rename(&made, &kept).expect("moved");
        kept
    }

    fn import(&self, file: &Path) -> String {
        self.scene.human(&["approvals", "import", &file.display().to_string()])
    }

    /// `by` signs a request on a machine of their own, and it is brought back.
    fn approve(&self, by: &str, id: &str) -> String {
        let statement = self.export(id);
        self.import(&self.sign(by, NAMESPACE, &statement))
    }

    fn approved(&self, by: &str, id: &str) -> String {
        let said = self.approve(by, id);
        assert!(said.contains("code=0"), "{by}: {said}");
        said
    }
}

/// What an agent asks, and the id of it.
fn ask(scene: &Scene, agent: &mut Agent, line: &str) -> String {
    let (code, text) = agent.run(scene, line);
    assert_eq!(code, 75, "{text}");
    text.split("vetsh approve ").nth(1).expect("an id").chars().take(8).collect()
}

fn as_many_as_are_needed_run_it_once(scene: &Scene) {
    let desks = Desks::new(scene, "90s");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    let request = id(&scene.waiting());
    let said = desks.approved("alice", &request);
    assert!(said.contains("it still waits") && said.contains("1 of 2"), "{said}");
    let waiting = scene.waiting();
    assert_eq!((&waiting["signatures"]["needed"], &waiting["signatures"]["signed"][0]), (&2.into(), &"alice".into()));
    let listed = scene.human(&["approvals"]);
    assert!(listed.contains("1 of 2 signed approvals are there (alice); who may still sign: bob, carol"), "{listed}");
    assert_eq!(scene.ran(), 0);
    let said = desks.approved("bob", &request);
    assert!(said.contains("approved, once"), "{said}");
    let (code, text) = agent.end();
    assert_eq!((code, text.as_str(), scene.ran()), (0, "", 1));
    let answers = scene.of_kind("answer");
    for (record, name) in answers.iter().zip(["alice", "bob"]) {
        let approval = &record["approvals"][0];
        assert_eq!((&approval["channel"], &approval["by"]), (&"signed".into(), &name.into()), "{record}");
        assert!(approval["signature"].as_str().is_some_and(|text| text.starts_with("-----BEGIN SSH SIGNATURE")));
        assert!(record["detail"]["statement"].as_str().is_some_and(|text| text.contains("answer: yes")), "{record}");
    }
    let launch = scene.of_kind("launch").pop().expect("a launch");
    assert_eq!(launch["decision"]["basis"], "signed");
    let by: Vec<&str> =
        launch["approvals"].as_array().into_iter().flatten().filter_map(|one| one["by"].as_str()).collect();
    assert_eq!((answers.len(), by), (2, vec!["alice", "bob"]));
    let verified = scene.human(&["audit", "verify"]);
    assert!(verified.contains("the chain holds") && verified.contains("code=0"), "{verified}");
    assert!(
        verified.contains("2 signed answers") && verified.matches("the signature holds").count() == 2,
        "{verified}"
    );
    let shown = scene.human(&["audit", "show", answers[0]["id"].as_str().expect("an id")]);
    assert!(shown.contains("alice") && shown.contains("SHA256:") && shown.contains("BEGIN SSH SIGNATURE"), "{shown}");
    scene.chain_holds();
}

fn the_agent_reads_how_it_stands(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, LINE);
    assert_eq!(code, 75);
    assert!(text.contains("0 of 2 signed approvals are there; who may still sign: alice, bob, carol"), "{text}");
    let request = id(&scene.waiting());
    desks.approved("bob", &request);
    let (code, text) = agent.run(scene, LINE);
    assert_eq!(code, 75);
    assert!(text.contains("1 of 2 signed approvals are there (bob); who may still sign: alice, carol"), "{text}");
    assert_eq!(id(&scene.waiting()), request);
    desks.approved("carol", &request);
    assert_eq!((agent.run(scene, LINE).0, scene.ran()), (0, 1));
    // It was for once.
    let (code, text) = agent.run(scene, LINE);
    assert!(code == 75 && text.contains("0 of 2"), "{text}");
    assert_ne!(id(&scene.waiting()), request);
}

fn a_passphrase_is_asked_at_the_terminal(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    desks.make("dora", PASSPHRASE);
    desks.list(&["alice", "dora"]);
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let approve = format!("{} approve {request} --key {}", scene.vetsh().display(), desks.key("dora").display());
    let mut desk = Desk::start(scene, &approve);
    let shown = desk.until("Enter passphrase");
    assert!(shown.contains("ln one three"), "{shown}");
    desk.press("wrong\n");
    let shown = desk.until("code=");
    assert!(shown.contains("code=1") && shown.contains("not signed"), "{shown}");
    let mut desk = Desk::start(scene, &approve);
    desk.until("Enter passphrase");
    desk.press(&format!("{PASSPHRASE}\n"));
    let shown = desk.until("code=");
    assert!(shown.contains("approved, once") && shown.contains("code=0"), "{shown}");
    assert!(!shown.contains(PASSPHRASE), "{shown}");
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
}

fn a_plain_yes_is_none(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let said = scene.human(&["approve", &request]);
    assert!(said.contains("code=1") && said.contains("--key FILE"), "{said}");
    let said = scene.human(&["approve", &request, "--for", "10m"]);
    assert!(said.contains("code=1"), "{said}");
    // Nobody is asked at a terminal either.
    let mut desk = Desk::ask(scene, OTHER);
    let shown = desk.until("code=");
    assert!(shown.contains("code=75") && !shown.contains("[y/N]"), "{shown}");
    // Nor is a session let go on unasked.
    let session = id_of_session(scene);
    let mut allow = Desk::start(scene, &format!("{} session allow {session} --for 5m", scene.vetsh().display()));
    allow.yes();
    assert!(allow.until("code=").contains("code=0"));
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (75, 0));
    desks.approved("alice", &request);
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
    // Without a list nobody can be asked, and nothing waits for nobody.
    std::fs::remove_file(scene.system().join("allowed_signers")).expect("removed");
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("nobody is listed"), "{text}");
    desks.list(&["alice"]);
    let (code, text) = agent.run(scene, LINE);
    assert!(code == 126 && text.contains("there are only alice"), "{text}");
}

fn id_of_session(scene: &Scene) -> String {
    let record = scene.of_kind("request").into_iter().next().expect("a request");
    record["session"].as_str().expect("a session").to_owned()
}

fn what_is_exported_verifies_with_stock_tools(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, LINE);
    let statement = desks.export(&request);
    let text = std::fs::read_to_string(&statement).expect("a statement");
    for row in [
        "vetsh approval 1".to_owned(),
        "answer: yes".to_owned(),
        format!("request: {request}"),
        "signatures: 2".to_owned(),
        format!("cwd: {}", scene.work().canonicalize().expect("a place").display()),
        "rule: mine.copy".to_owned(),
        format!("| {LINE}"),
    ] {
        assert!(text.lines().any(|line| line == row), "{row}: {text}");
    }
    let signature = desks.sign("alice", NAMESPACE, &statement);
    assert!(desks.import(&signature).contains("code=0"));
    desks.export(&request);
    let out = desks.out();
    let verify = format!(
        "ssh-keygen -Y verify -f {0}/{request}.allowed_signers -I alice -n {NAMESPACE} -s {0}/{request}.yes.alice.sig < {0}/{request}.yes",
        out.display()
    );
    let ended = scene.end(scene.plain("/bin/bash").args(["-c", &verify]));
    assert!(ended.code == 0 && ended.stdout.contains("Good \"vetsh-approval\" signature for alice"), "{ended:?}");
    let ended = scene
        .end(scene.plain("/bin/bash").args(["-c", &verify.replace(".yes\"", ".no\"").replace("< ", "< /dev/null #")]));
    assert_ne!(ended.code, 0);
    let shown = out.join(format!("{request}.allowed_signers")).metadata().expect("a list").permissions().mode() & 0o777;
    assert_eq!(shown, 0o600);
}

fn one_counts_once(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, LINE);
    desks.approved("alice", &request);
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("alice has signed already"), "{said}");
    // A second key of the same name is the same approver.
    desks.make("alice2", "");
    desks.write(&format!("{}{}alice {}\n", desks.line("alice"), desks.line("bob"), desks.public("alice2")));
    let said = desks.approve("alice2", &request);
    assert!(said.contains("code=1") && said.contains("signed already"), "{said}");
    // A second name for the same key is nobody's, and the first then neither.
    desks.write(&format!("{}{}alicia {}\n", desks.line("alice"), desks.line("bob"), desks.public("alice")));
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("no approver's key"), "{said}");
    let said = desks.approved("bob", &request);
    assert!(said.contains("1 of 2 signatures hold"), "{said}");
    assert_eq!((agent.run(scene, LINE).0, scene.ran()), (126, 0));
}

fn signatures_for_anything_else_are_none(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let (other, request) = (ask(scene, &mut agent, LINE), ask(scene, &mut agent, OTHER));
    let statement = desks.export(&request);
    let text = std::fs::read_to_string(&statement).expect("a statement");
    let refused = |file: &Path, why: &str, what: &str| {
        let said = desks.import(file);
        assert!(said.contains("code=1") && said.contains(why), "{what}: {said}");
    };
    // Another request's.
    let of_other = desks.sign("alice", NAMESPACE, &desks.export(&other));
    let named = desks.out().join(format!("{request}.yes.other.sig"));
    std::fs::copy(&of_other, &named).expect("a copy");
    refused(&named, "does not hold for this request", "another request's");
    // Of a statement that says anything else.
    let changes = [
        ("a line", "| printf x > one; cat", "| printf y > one; cat"),
        ("a directory", "cwd: /", "cwd: /elsewhere/"),
        ("an end", "expires: 1", "expires: 2"),
        ("a number", "nonce: ", "nonce: 0"),
        ("a session", "session: ", "session: 0"),
        ("fewer", "signatures: 1", "signatures: 0"),
        ("a denial", "answer: yes", "answer: no"),
        ("a row more", "tier: ", "tier: autonomous\ntier: "),
        ("an end of row", "\n|", "\r\n|"),
    ];
    for (what, from, to) in changes {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{what}");
        let path = desks.out().join(format!("{request}.yes.changed"));
        std::fs::write(&path, changed).expect("a statement");
        refused(&desks.sign("alice", NAMESPACE, &path), "does not hold for this request", what);
    }
    refused(&desks.sign("alice", "git", &statement), "no signature in the namespace", "another namespace");
    refused(&desks.sign("mallory", NAMESPACE, &statement), "no approver's key", "not listed");
    let good = desks.sign("alice", NAMESPACE, &statement);
    let armour = std::fs::read_to_string(&good).expect("a signature");
    for (what, text) in [
        ("cut", armour[..armour.len() / 2].to_owned()),
        ("nothing", String::new()),
        ("a letter", armour.replacen("AAAA", "AAAB", 1)),
        ("two", format!("{armour}{armour}")),
    ] {
        let path = desks.out().join(format!("{request}.yes.bad.sig"));
        std::fs::write(&path, text).expect("a signature");
        refused(&path, "no signature", what);
    }
    // One that has expired: the request as it lies there says so, and the signature is of that.
    let place = scene.state().join("spool").join(format!("{request}.json"));
    let kept = std::fs::read_to_string(&place).expect("a request");
    let mut late: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    late["expires"] = 1_700_000_000.into();
    std::fs::write(&place, late.to_string()).expect("a request");
    std::fs::remove_file(&statement).expect("removed");
    std::fs::remove_file(statement.with_extension("no")).expect("removed");
    refused(&desks.sign("alice", NAMESPACE, &desks.export(&request)), "expired", "expired");
    std::fs::write(&place, kept).expect("a request");
    std::fs::write(&good, armour).expect("a signature");
    let said = desks.import(&good);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
}

fn a_listed_approver_ends_it(scene: &Scene) {
    let desks = Desks::new(scene, "90s");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    let request = id(&scene.waiting());
    desks.approved("alice", &request);
    let no = desks.export(&request).with_extension("no");
    let mallory = desks.import(&desks.sign("mallory", NAMESPACE, &no));
    assert!(mallory.contains("code=1"), "{mallory}");
    assert!(desks.import(&desks.sign("bob", NAMESPACE, &no)).contains("denied"));
    let (code, text) = agent.end();
    assert!(code == 126 && text.contains("bob said no"), "{text}");
    let said = desks.import(&desks.out().join(format!("{request}.yes.alice.sig")));
    assert!(said.contains("code=1"), "{said}");
    assert_eq!(scene.ran(), 0);
    let record = scene.of_kind("answer").pop().expect("an answer");
    assert_eq!((&record["detail"]["answer"], &record["approvals"][0]["by"]), (&"no".into(), &"bob".into()));
    // A human at the terminal may say no as ever.
    agent.begin(scene, LINE);
    assert!(scene.human(&["deny", &id(&scene.waiting()), "--reason", "not now"]).contains("code=0"));
    assert!(agent.end().1.contains("not now"));
}

fn who_is_named_must_be_among_them(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let line = "printf x > one; cat one >> ran; install one four";
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, line);
    desks.approved("alice", &request);
    let said = desks.approved("bob", &request);
    assert!(said.contains("carol must be among them"), "{said}");
    assert_eq!((agent.run(scene, line).0, scene.ran()), (75, 0));
    assert!(desks.approved("carol", &request).contains("approved, once"));
    assert_eq!((agent.run(scene, line).0, scene.ran()), (0, 1));
}

fn the_list_is_as_a_human_trusted_it(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let system = scene.system().join("allowed_signers");
    std::fs::remove_file(&system).expect("removed");
    let list = scene.config().join("allowed_signers");
    std::fs::write(&list, desks.line("alice")).expect("a list");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("vetsh trust"), "{text}");
    let trusted = scene.human(&["trust", &list.display().to_string()]);
    assert!(trusted.contains("code=0") && trusted.contains("alice"), "{trusted}");
    let request = ask(scene, &mut agent, OTHER);
    // Whoever adds a name makes the whole list worth nothing, until a human looks at it.
    std::fs::write(&list, desks.line("alice") + &desks.line("mallory")).expect("a list");
    let said = desks.approve("mallory", &request);
    assert!(said.contains("vetsh trust"), "{said}");
    std::fs::write(&list, desks.line("alice")).expect("a list");
    std::fs::set_permissions(&list, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    let said = desks.approve("alice", &request);
    assert!(said.contains("may be written by others"), "{said}");
    std::fs::set_permissions(&list, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    desks.approved("alice", &request);
    // Root's list takes the place of the user's.
    desks.list(&["bob"]);
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("no approver's key"), "{text}");
    std::fs::set_permissions(scene.system(), std::fs::Permissions::from_mode(0o777)).expect("a mode");
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("may be written by others"), "{text}");
    std::fs::set_permissions(scene.system(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    std::fs::set_permissions(&system, std::fs::Permissions::from_mode(0o646)).expect("a mode");
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("may be written by others"), "{text}");
    assert_eq!(scene.ran(), 0);
}

fn what_changed_between_yes_and_run_refuses(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let script = scene.work().join("s.sh");
    std::fs::write(&script, "echo one\n").expect("a script");
    let line = format!("sh ./s.sh; {OTHER}");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, &line);
    desks.approved("alice", &request);
    std::fs::write(&script, "echo two\n").expect("a script");
    assert_eq!(agent.run(scene, &line).0, 75, "a changed script");
    std::fs::write(&script, "echo one\n").expect("a script");
    assert_eq!(agent.run(scene, &format!("{line} ")).0, 75, "a changed line");
    std::fs::create_dir(scene.work().join("sub")).expect("a folder");
    agent.begin_at(&scene.work().join("sub"), OTHER);
    assert_eq!(agent.end().0, 75, "a changed directory");
    let mut other = Agent::start(scene);
    assert_eq!(other.run(scene, &line).0, 75, "another session");
    // The list changed after the yes: alice is no approver any more.
    desks.list(&["bob"]);
    let (code, text) = agent.run(scene, &line);
    assert!(code == 126 && text.contains("no approver's key"), "{text}");
    assert_eq!(scene.ran(), 0);
}

fn revoked_and_out_of_time_keys_count_no_more(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let revoked = scene.system().join("revoked_keys");
    std::fs::write(&revoked, desks.public("alice") + "\n").expect("a list");
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("revoked"), "{said}");
    // As ssh-keygen makes it.
    let krl = scene.at("krl");
    let mut make = scene.plain("ssh-keygen");
    make.args(["-q", "-k", "-f"]).arg(&krl).arg(desks.key("alice").with_extension("pub"));
    assert!(make.status().expect("ssh-keygen runs").success());
    std::fs::copy(&krl, &revoked).expect("a copy");
    assert!(desks.approve("alice", &request).contains("revoked"));
    std::fs::write(&revoked, "what is this\n").expect("a list");
    assert!(desks.approve("alice", &request).contains("code=1"), "a list that cannot be read");
    std::fs::remove_file(&revoked).expect("removed");
    for (options, counts) in [
        ("valid-before=\"20200101\"", false),
        ("valid-after=\"20990101\"", false),
        ("cert-authority", false),
        ("no-touch-required", false),
        ("namespaces=\"git\"", false),
        ("namespaces=\"git,vetsh-approval\",valid-after=\"20200101\",valid-before=\"20990101\"", true),
    ] {
        desks.write(&format!("alice {options} {}\n", desks.public("alice")));
        let said = desks.approve("alice", &request);
        assert_eq!(said.contains("code=0"), counts, "{options}: {said}");
    }
    // Revoked after the yes and before the run.
    std::fs::write(&revoked, desks.public("alice") + "\n").expect("a list");
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("revoked"), "{text}");
    assert_eq!(scene.ran(), 0);
}

fn a_key_that_the_session_reaches_is_its_own(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    // Without a passphrase in ~/.ssh.
    let folder = scene.at(".ssh");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(desks.key("alice"), folder.join("id_ed25519")).expect("a copy");
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("has no passphrase"), "{said}");
    let said = scene.human(&["approve", &request, "--key", &desks.key("bob").display().to_string()]);
    assert!(said.contains("code=1") && said.contains("has no passphrase"), "{said}");
    std::fs::remove_file(folder.join("id_ed25519")).expect("removed");
    // Open in an ssh-agent that only the session's own environment names.
    let socket = scene.at("agent.sock");
    let mut server = scene.plain("ssh-agent").arg("-D").arg("-a").arg(&socket).spawn().expect("ssh-agent runs");
    while !socket.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut add = scene.plain("ssh-add");
    add.env("SSH_AUTH_SOCK", &socket).arg("-q").arg(desks.key("alice"));
    assert!(add.status().expect("ssh-add runs").success());
    desks.approved("alice", &request);
    agent.set("SSH_AUTH_SOCK", &socket.display().to_string());
    let (code, text) = agent.run(scene, OTHER);
    // What was signed while nobody knew of it is no answer to what is asked now: then alice's key does not count.
    assert!(code == 75 && text.contains("who may still sign: bob, carol"), "{code} {text}");
    std::fs::remove_dir_all(scene.state().join("guard/tickets")).expect("removed");
    let public = desks.key("alice").with_extension("pub");
    let approve = format!(
        "SSH_AUTH_SOCK={} {} approve {} --key {}",
        socket.display(),
        scene.vetsh().display(),
        id(&scene.waiting()),
        public.display()
    );
    let mut desk = Desk::start(scene, &approve);
    let shown = desk.until("code=");
    assert!(shown.contains("code=1") && shown.contains("stood open to the session"), "{shown}");
    // It stood open when this was asked: closing it does not make it a human's word for that.
    let waiting = scene.waiting();
    assert_eq!(waiting["signatures"]["may"], serde_json::json!(["bob", "carol"]), "{waiting}");
    assert!(waiting["signatures"]["problems"][0].as_str().is_some_and(|text| text.contains("alice's key stands open")));
    let request = id(&waiting);
    let statement = desks.export(&request);
    let signature = desks.sign("alice", NAMESPACE, &statement);
    let said = desks.import(&signature);
    assert!(said.contains("code=1") && said.contains("stood open to the session when this was asked"), "{said}");
    // One that does not answer may hold anything.
    agent.set("SSH_AUTH_SOCK", "/nowhere");
    let request = ask(scene, &mut agent, OTHER);
    let signal = |name: &str| {
        let mut send = scene.plain("kill");
        assert!(send.args([name, &server.id().to_string()]).status().expect("kill runs").success());
    };
    signal("-STOP");
    let name = [("SSH_AUTH_SOCK", socket.display().to_string())];
    let mut idle = scene.plain("sleep").arg("60").envs(name).spawn().expect("sleep runs");
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("does not say what it holds"), "{said}");
    idle.kill().expect("ended");
    idle.wait().expect("ended");
    signal("-CONT");
    // Named by any process of the same user.
    let mut idle = scene.plain("sleep").arg("60").env("SSH_AUTH_SOCK", &socket).spawn().expect("sleep runs");
    let said = desks.approve("alice", &request);
    assert!(said.contains("code=1") && said.contains("stands open"), "{said}");
    idle.kill().expect("ended");
    idle.wait().expect("ended");
    desks.approved("alice", &request);
    server.kill().expect("ended");
    server.wait().expect("ended");
    assert_eq!(scene.ran(), 0);
}

fn a_token_counts_when_it_was_touched(scene: &Scene) {
    if !Path::new("/usr/bin/openssl").exists() {
        return eprintln!("SKIPPED: no openssl to stand for a token; where .ci/run runs, this must not be skipped");
    }
    let desks = Desks::new(scene, "0s");
    let token = Token::new(scene);
    desks.write(&format!("tess {}\n", token.public()));
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let statement = desks.export(&request);
    for (flags, touched) in [(0_u8, false), (4, false), (1, true)] {
        let text = token.sign(&std::fs::read(&statement).expect("a statement"), flags);
        let path = desks.out().join(format!("{request}.yes.tess{flags}.sig"));
        std::fs::write(&path, text).expect("a signature");
        // The stock tool takes them all: it does not ask for a touch.
        let verify = format!(
            "ssh-keygen -Y verify -f /etc/vetsh/allowed_signers -I tess -n {NAMESPACE} -s {} < {}",
            path.display(),
            statement.display()
        );
        assert_eq!(scene.end(scene.plain("/bin/bash").args(["-c", &verify])).code, 0);
        let said = desks.import(&path);
        assert_eq!(said.contains("code=0"), touched, "{flags}: {said}");
        assert!(touched || said.contains("without touching the token"), "{said}");
    }
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
}

/// A FIDO token as openssl plays it (PROTOCOL.u2f).
struct Token<'a> {
    scene: &'a Scene,
    point: Vec<u8>,
}

impl Token<'_> {
    fn new(scene: &Scene) -> Token<'_> {
        let made = scene.plain("openssl").args(["genpkey", "-algorithm", "ed25519", "-out", "../token.pem"]).status();
        assert!(made.expect("openssl runs").success());
        let public =
            scene.plain("openssl").args(["pkey", "-in", "../token.pem", "-pubout", "-outform", "DER"]).output();
        let public = public.expect("openssl runs").stdout;
        Token { scene, point: public[public.len() - 32..].to_vec() }
    }

    fn key(&self) -> Vec<u8> {
        [string(b"sk-ssh-ed25519@openssh.com"), string(&self.point), string(b"ssh:")].concat()
    }

    fn public(&self) -> String {
        format!("sk-ssh-ed25519@openssh.com {}", base64(&self.key()))
    }

    fn sign(&self, message: &[u8], flags: u8) -> String {
        let head = [&b"SSHSIG"[..], &string(NAMESPACE.as_bytes()), &string(b""), &string(b"sha512")].concat();
        let message = [head, string(&self.digest("-sha512", message))].concat();
        let tail = [flags, 0, 0, 0, 7];
        let signed = [self.digest("-sha256", b"ssh:"), tail.to_vec(), self.digest("-sha256", &message)].concat();
        std::fs::write(self.scene.at("signed"), signed).expect("a file");
        let words = ["pkeyutl", "-sign", "-rawin", "-inkey", "../token.pem", "-in", "../signed"];
        let signature = self.scene.plain("openssl").args(words).output().expect("openssl runs").stdout;
        assert_eq!(signature.len(), 64);
        let inner = [string(b"sk-ssh-ed25519@openssh.com"), string(&signature), tail.to_vec()].concat();
        let fields = [self.key(), NAMESPACE.as_bytes().to_vec(), Vec::new(), b"sha512".to_vec(), inner];
        let bytes = [b"SSHSIG\0\0\0\x01".to_vec(), fields.iter().flat_map(|field| string(field)).collect()].concat();
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", base64(&bytes))
    }

    fn digest(&self, kind: &str, bytes: &[u8]) -> Vec<u8> {
        std::fs::write(self.scene.at("digested"), bytes).expect("a file");
        let words = ["dgst", kind, "-binary", "../digested"];
        self.scene.plain("openssl").args(words).output().expect("openssl runs").stdout
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// What a process of our user can put into the state by itself.
fn forged_answers_are_none(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let statement = desks.export(&request);
    let waiting = scene.waiting();
    let spool = scene.state().join("spool").join(format!("{request}.json"));
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&spool).expect("a request")).expect("JSON");
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    let tickets = scene.state().join("guard/tickets");
    let forge = |signatures: serde_json::Value, once: serde_json::Value| {
        let ticket = serde_json::json!({
            "id": request, "digest": waiting["sha256"], "session": waiting["session"], "yes": true, "given": seconds,
            "expires": seconds + 600, "boot": kept["boot"], "record": "r", "waiter": { "pid": 0, "started": 0 },
            "nonce": once[0], "until": once[1], "signatures": signatures,
        });
        let digest = waiting["sha256"].as_str().expect("a digest");
        let path = tickets.join(format!("{digest}-{request}"));
        std::fs::write(&path, ticket.to_string()).expect("a ticket");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    };
    let once = serde_json::json!([kept["nonce"], kept["expires"]]);
    let by = |name: &str| {
        let text = std::fs::read_to_string(desks.sign(name, NAMESPACE, &statement)).expect("a signature");
        serde_json::json!([text])
    };
    let (mallory, alice) = (by("mallory"), by("alice"));
    for (what, signatures, once) in [
        ("no signature", serde_json::json!([]), once.clone()),
        ("not an approver's", mallory, once.clone()),
        ("another number", alice.clone(), serde_json::json!(["0".repeat(32), kept["expires"]])),
        ("a later end", alice.clone(), serde_json::json!([kept["nonce"], seconds + 900])),
        ("no end", alice.clone(), serde_json::json!([kept["nonce"], u64::MAX])),
        ("no number", alice.clone(), serde_json::json!(["x", kept["expires"]])),
    ] {
        forge(signatures, once);
        let (code, text) = agent.run(scene, OTHER);
        assert!(code == 126 && text.contains("the signatures are no yes"), "{what}: {code} {text}");
    }
    assert_eq!(scene.ran(), 0);
    // Another request in its place, for an approver to sign: its signature is of what stands there, not of what waits.
    let again = ask(scene, &mut agent, OTHER);
    let harmless = ask(scene, &mut agent, "printf y > one; ln one five");
    let place = |id: &str| scene.state().join("spool").join(format!("{id}.json"));
    let mut swapped: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place(&harmless)).expect("a request")).expect("JSON");
    swapped["id"] = again.clone().into();
    std::fs::write(place(&again), swapped.to_string()).expect("a request");
    desks.approved("alice", &again);
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (75, 0));
}

fn a_signed_yes_is_not_used_twice(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    desks.approved("alice", &request);
    let tickets = scene.state().join("guard/tickets");
    let name = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        entries.map(|entry| entry.path()).find(|path| path.display().to_string().contains(&request)).expect("a ticket")
    };
    let ticket = name(&tickets);
    let copy = std::fs::read(&ticket).expect("a ticket");
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
    let again = || {
        // All as it was before the run, so that the very same is asked.
        for name in ["one", "three", "ran"] {
            let _ = std::fs::remove_file(scene.work().join(name));
        }
        std::fs::write(&ticket, &copy).expect("a ticket");
        std::fs::set_permissions(&ticket, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    };
    again();
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("used before"), "{text}");
    assert_eq!(scene.ran(), 0);
    // Nor where the sign that it was used is taken away: the record of the run says so too.
    again();
    for entry in std::fs::read_dir(scene.state().join("guard/signatures")).expect("a folder").flatten() {
        std::fs::remove_file(entry.path()).expect("removed");
    }
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("used before"), "{text}");
    assert_eq!(scene.ran(), 0);
}

fn watching_shows_who_has_signed(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, LINE);
    let mut desk = Desk::start(scene, &format!("{} approvals --watch", scene.vetsh().display()));
    desk.until("0 of 2 signed");
    desks.approved("alice", &request);
    desk.until("1 of 2 signed approvals are there (alice)");
    std::thread::sleep(std::time::Duration::from_millis(600));
    desk.press("y");
    desk.until("sign it: vetsh approve");
    desk.press("q");
    desk.until("code=0");
    assert_eq!((agent.run(scene, LINE).0, scene.ran()), (75, 0));
}

fn a_policy_may_want_every_yes_signed(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    // It tightens: it holds before a human trusts it.
    scene.policy("format = 1\n[approval]\nwait = \"0s\"\nrequire = \"signed\"\n");
    let line = "no-such-program-here 2>/dev/null; printf x >> ran";
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, line);
    assert!(scene.human(&["approve", &request]).contains("code=1"));
    desks.approved("alice", &request);
    assert_eq!((agent.run(scene, line).0, scene.ran()), (0, 1));
}

fn an_agents_line_cannot_sign(scene: &Scene) {
    let ended = |line: &str| scene.verb(&["check", "--exit-code", "--", line]).code;
    for line in [
        "ssh-keygen -Y sign -n vetsh-approval -f k.pub request",
        "ssh-keygen -Ysign -nvetsh-approval -f k < request",
        "ssh-keygen -n vetsh-approval -f k -Y sign request",
        "vetsh approve abcdefgh --key k",
        "vetsh approvals import x.yes.sig",
    ] {
        assert_eq!(ended(line), 20, "{line}");
    }
    for line in ["ssh-keygen -Y verify -f a -I b -n vetsh-approval -s c", "vetsh approvals", "vetsh approvals --json"] {
        assert!(ended(line) < 20, "{line}");
    }
}

fn what_was_signed_is_checked_again_in_the_record(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    desks.approved("alice", &request);
    assert_eq!(agent.run(scene, OTHER).0, 0);
    // A secret in the line is not kept, and what was signed can then not be checked there.
    let secret = format!("{OTHER}; echo --password=Xk29fjwqpoiu2 >/dev/null");
    let request = ask(scene, &mut agent, &secret);
    desks.approved("alice", &request);
    let log = std::fs::read_dir(scene.state().join("audit")).expect("a folder").flatten().map(|entry| entry.path());
    let log = log.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).last().expect("a day");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(!text.contains("Xk29fjwqpoiu2"));
    let verified = scene.verb(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert!(
        verified.stdout.contains("the signature holds") && verified.stdout.contains("cannot be checked"),
        "{verified:?}"
    );
    // Who writes the record anew cannot sign anew: the words, the answer's key, the signature.
    use sha2::Digest;
    use vetsh::audit::signature::SignedAnswer;
    let answer = scene.of_kind("answer").into_iter().next().expect("an answer");
    let checked = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut record = answer.clone();
        change(&mut record);
        let statement = record["detail"]["statement"].as_str().expect("a statement").to_owned();
        let digest: String = sha2::Sha256::digest(statement).iter().map(|byte| format!("{byte:02x}")).collect();
        record["detail"]["statement_sha256"] = digest.into();
        SignedAnswer::of(record.to_string().as_bytes()).expect("a signed answer").holds
    };
    assert_eq!(checked(&|_| ()), Some(true));
    assert_eq!(
        checked(&|record| {
            let words = record["detail"]["statement"].as_str().expect("a statement").replace("three", "fours");
            record["detail"]["statement"] = words.into();
        }),
        Some(false)
    );
    assert_eq!(checked(&|record| record["approvals"][0]["key"] = "SHA256:another".into()), Some(false));
    let other = scene.of_kind("answer")[1]["approvals"][0]["signature"].clone();
    assert_eq!(checked(&|record| record["approvals"][0]["signature"] = other.clone()), Some(false));
}

fn a_client_that_ignores_its_children_is_served(scene: &Scene) {
    let desks = Desks::new(scene, "20s");
    let program =
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
    let Some(python) = ["/usr/bin/python3", "/usr/local/bin/python3"].into_iter().find(|path| Path::new(path).exists())
    else {
        return eprintln!("SKIPPED: no python3; where .ci/run runs, this must not be skipped");
    };
    let shim = scene.shim("bash");
    let mut client = scene
        .plain("/bin/bash")
        .args(["-c", "\"$@\"; exit $?", "client", python, "-c", program, &shim.display().to_string(), "-c", OTHER])
        .spawn()
        .expect("a client");
    let request = id(&scene.waiting());
    desks.approved("alice", &request);
    assert!(client.wait().expect("an end").success());
    assert_eq!(scene.ran(), 1);
}

fn doctor_says_who_may_approve(scene: &Scene) {
    let says = || {
        let text = scene.verb(&["doctor", "--json"]).stdout;
        let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let found = all["findings"].as_array().into_iter().flatten().filter(|one| one["probe"] == "approvers");
        found
            .map(|one| format!("{}: {}", one["state"].as_str().unwrap_or(""), one["what"].as_str().unwrap_or("")))
            .collect::<Vec<_>>()
    };
    let found = says();
    assert!(found.len() == 1 && found[0].starts_with("good: nobody is listed"), "{found:?}");
    let desks = Desks::new(scene, "0s");
    assert_eq!(says(), ["good: root's list of approvers holds: alice, bob, carol"]);
    desks.write(&format!("{}* {}\n", desks.line("alice"), desks.public("bob")));
    let found = says();
    assert!(found.len() == 2 && found[1].starts_with("degraded: makes nobody an approver: line 2"), "{found:?}");
    let own = scene.config().join("allowed_signers");
    std::fs::rename(scene.system().join("allowed_signers"), &own).expect("moved");
    assert!(says()[0].contains("vetsh trust"), "{:?}", says());
    scene.human(&["trust", &own.display().to_string()]);
    assert!(says()[0].starts_with("degraded: the list of approvers is a file of your user: alice"), "{:?}", says());
}

fn without_a_verifier_nothing_signed_runs(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    desks.approved("alice", &request);
    // One that anybody may write is none of root's.
    let copy = scene.at("keygen");
    std::fs::copy("/usr/bin/ssh-keygen", &copy).expect("a copy");
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o777)).expect("a mode");
    scene.mount(&["--bind", &copy.display().to_string(), "/usr/bin/ssh-keygen"]);
    let (code, text) = agent.run(scene, OTHER);
    assert!(code == 126 && text.contains("ssh-keygen is not installed"), "{code} {text}");
    assert_eq!(scene.ran(), 0);
    let doctor = scene.verb(&["doctor"]).stdout;
    assert!(doctor.contains("nothing that is signed can be verified"), "{doctor}");
}

fn what_wants_both_is_typed_and_signed(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    scene.trust(
        &rules("0s")
            .replace("require = \"signed\"\nwhat = \"link", "require = \"signed\"\nconfirm = \"typed\"\nwhat = \"link"),
    );
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, OTHER);
    let signature = desks.sign("alice", NAMESPACE, &desks.export(&request));
    let import = format!("{} approvals import {}", scene.vetsh().display(), signature.display());
    let mut desk = Desk::start(scene, &import);
    desk.code();
    desk.type_slowly("y");
    let shown = desk.until("code=");
    assert!(shown.contains("code=1") && shown.contains("not confirmed"), "{shown}");
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (75, 0));
    let mut desk = Desk::start(scene, &import);
    desk.yes();
    assert!(desk.until("code=").contains("code=0"), "{}", desk.seen);
    assert_eq!((agent.run(scene, OTHER).0, scene.ran()), (0, 1));
}

fn what_was_signed_before_a_no_is_none_after_it(scene: &Scene) {
    let desks = Desks::new(scene, "0s");
    let mut agent = Agent::start(scene);
    let request = ask(scene, &mut agent, LINE);
    desks.approved("alice", &request);
    let signatures = scene.state().join("guard/signatures");
    let kept: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(&signatures)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .chain([scene.state().join("spool").join(format!("{request}.json"))])
        .map(|path| (path.clone(), std::fs::read(path).expect("a file")))
        .collect();
    let no = desks.export(&request).with_extension("no");
    assert!(desks.import(&desks.sign("bob", NAMESPACE, &no)).contains("denied"));
    assert_eq!(agent.run(scene, LINE).0, 126);
    for clean in [false, true] {
        if clean {
            std::fs::remove_dir_all(&signatures).expect("removed");
            std::fs::create_dir(&signatures).expect("a folder");
            std::fs::set_permissions(&signatures, std::fs::Permissions::from_mode(0o700)).expect("a mode");
        }
        for (path, text) in &kept {
            std::fs::write(path, text).expect("a file");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        }
        let said = desks.approved("carol", &request);
        assert!(said.contains("approved, once"), "{said}");
        let (code, text) = agent.run(scene, LINE);
        assert!(code == 126 && text.contains("used before"), "{code} {text}");
    }
    assert_eq!(scene.ran(), 0);
}
