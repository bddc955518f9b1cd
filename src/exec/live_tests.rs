//! Live orders: every occurrence once, taken over when it is handed down, and nothing for what was not in them.

use super::*;

struct Place {
    folder: tempfile::TempDir,
    live: Live,
    table: Table,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let live = Live::in_folder(folder.path().to_owned(), b"boot".to_vec());
        Place { folder, live, table: Table::read(&|_, _| false) }
    }

    fn write(&self, order: &LiveOrder, tried: Option<Tried>, above: Option<&Above>) {
        self.live.write(self.table.own(), order, tried, above).expect("a writable folder");
    }

    fn own(&self) -> LiveProcess {
        self.live.of(&ourselves()).expect("our order")
    }

    fn cover(&self, digest: &str) -> Option<String> {
        self.live.cover(&self.table, digest, &[], || false).map(|above| above.order.record)
    }
}

fn ourselves() -> Process {
    let pid = crate::sys::process::own();
    Process { pid, birth: Birth::of(pid), ..Process::default() }
}

fn call(words: &[&str]) -> String {
    digest(b"/w", &words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
}

fn order(record: &str, digests: &[&str]) -> LiveOrder {
    let digests = digests.iter().map(|digest| (*digest).to_owned()).collect();
    LiveOrder { record: record.into(), digests, ..LiveOrder::default() }
}

#[test]
fn an_occurrence_is_taken_once() {
    let place = Place::new();
    let rm = call(&["rm", "x"]);
    place.write(&order("id-1", &[&rm, &rm]), None, None);
    assert_eq!(place.own().orders, [order("id-1", &[&rm, &rm])]);
    for other in [call(&["rm", "y"]), call(&["./rm", "x"]), digest(b"/", &[b"rm".to_vec(), b"x".to_vec()])] {
        assert_eq!(place.cover(&other), None);
    }
    assert_eq!(place.cover(&rm).as_deref(), Some("id-1"));
    assert_eq!(place.cover(&rm).as_deref(), Some("id-1"));
    assert_eq!(place.cover(&rm), None);
}

#[test]
fn what_is_handed_down_is_taken_above() {
    let place = Place::new();
    let (sh, rm) = (call(&["sh", "-c", "rm x"]), call(&["rm", "x"]));
    place.write(&order("outer", &[&sh, &rm]), None, None);
    let above = place.live.cover(&place.table, &sh, &[], || false);
    place.write(&order("inner", &[&rm]), None, above.as_ref());
    assert_eq!(place.cover(&rm).as_deref(), Some("inner"));
    assert_eq!(place.cover(&rm), None, "the outer order gave its one away");
}

#[test]
fn an_earlier_order_of_the_same_process_holds_for_what_it_left_running() {
    let place = Place::new();
    let (rm, ls) = (call(&["rm", "x"]), call(&["ls"]));
    for number in 0..10 {
        place.write(&order(&format!("id-{number}"), &[&ls]), None, None);
    }
    place.write(&order("first", &[&rm]), None, None);
    place.write(&order("second", &[&ls]), None, None);
    assert_eq!(place.cover(&rm).as_deref(), Some("first"));
    assert_eq!(place.own().orders.len(), MOST_ORDERS);
}

#[test]
fn a_wrapper_calls_its_own_name_again_only_to_get_further() {
    let place = Place::new();
    let git = call(&["git", "push"]);
    let own = LiveOrder { again: Some(git.clone()), ..order("id-1", &[]) };
    place.write(&own, None, None);
    let cover = |onward: bool| place.live.cover(&place.table, &git, &[], || onward).is_some();
    assert_eq!([cover(false), cover(true), cover(true)], [false, true, false]);
}

#[test]
fn a_file_with_other_contents_is_not_what_was_approved() {
    let place = Place::new();
    let run = call(&["sh", "x.sh"]);
    let read = |text: &[u8]| files([(&b"/w/x.sh"[..], text)]);
    let with = LiveOrder { read: read(b"one"), ..order("id-1", &[&run]) };
    place.write(&with, None, None);
    let cover = |read: &[(String, String)]| place.live.cover(&place.table, &run, read, || false).is_some();
    assert!(!cover(&read(b"two")));
    assert!(cover(&read(b"one")));
}

#[test]
fn what_was_tried_stays_over_the_next_exec() {
    let place = Place::new();
    let git = |inode| Tried { name: b"git x".to_vec(), identity: (1, inode) };
    place.write(&order("id-1", &[]), Some(git(7)), None);
    place.write(&order("id-2", &["00"]), Some(git(8)), None);
    assert_eq!(place.own().tried, [git(7), git(8)]);
    assert_eq!(place.own().orders, [order("id-2", &["00"])], "nothing can be had of the first");
}

#[test]
fn another_process_with_the_same_id_has_no_order() {
    let place = Place::new();
    place.write(&order("id-1", &[]), None, None);
    let own = ourselves();
    let live = |boot: &[u8]| Live::in_folder(place.folder.path().to_owned(), boot.to_vec());
    for birth in [Some(Birth::Ticks(7)), Some(Birth::Inode(7)), None] {
        assert_eq!(live(b"boot").of(&Process { birth, ..own.clone() }), None);
    }
    assert_eq!(live(b"later").of(&own), None);
    assert!(live(b"boot").of(&own).is_some());
}

#[test]
fn an_order_too_long_for_its_slot_is_whole_and_so_is_the_short_one_after_it() {
    let place = Place::new();
    let many: Vec<String> = (0..400).map(|number| format!("{number:064}")).collect();
    for count in [1, 400, 2] {
        let order = LiveOrder { digests: many[..count].to_vec(), ..order("id-1", &[]) };
        place.write(&order, None, None);
        assert_eq!(place.own().orders[0], order);
    }
}

/// Else whoever goes through process ids until one shares a slot could wipe out the order of a run above him.
#[test]
fn a_slot_is_not_taken_from_a_living_process_but_from_a_dead_one() {
    let Place { live, .. } = &Place::new();
    let own = ourselves();
    let slots = u32::try_from(SLOTS).expect("few");
    let sharing = Process { pid: own.pid + slots, birth: Some(Birth::Ticks(7)), ..Process::default() };
    let next = Process { pid: own.pid + 2 * slots, birth: Some(Birth::Ticks(9)), ..Process::default() };
    let write = |process: &Process, record: &str| {
        live.write(Some(process), &order(record, &[]), None, None).expect("a writable folder");
    };
    write(&own, "id-1");
    write(&sharing, "id-2");
    let record = |process: &Process| live.of(process).map(|live| live.orders[0].record.clone());
    assert_eq!((record(&own).as_deref(), record(&sharing).as_deref()), (Some("id-1"), Some("id-2")));
    let gone = Process { birth: Some(Birth::Ticks(11)), ..own };
    write(&gone, "id-3");
    write(&next, "id-4");
    assert_eq!((record(&gone), record(&next).as_deref()), (None, Some("id-4")));
}

#[test]
fn words_do_not_run_together() {
    assert_ne!(call(&["rm", "a", "b"]), call(&["rm", "ab"]));
    assert_ne!(call(&["rm", "", "b"]), call(&["rm", "b", ""]));
    let at = |cwd: &[u8]| digest(cwd, &[]);
    assert_ne!(at(b"/w"), at(b"/w\0"));
}

#[test]
fn a_client_is_remembered_by_its_birth_in_this_boot() {
    let place = Place::new();
    let client = Process { parent: 7, started: 77, ..ourselves() };
    let birth = || client.birth;
    if !matches!(client.birth, Some(Birth::Inode(_))) {
        eprintln!("SKIPPED: the kernel numbers no processes (before Linux 6.13)");
        return;
    }
    assert_eq!(place.live.top(client.pid, &birth), None);
    place.live.remember(&client);
    let top = place.live.top(client.pid, &birth).expect("what was remembered");
    assert_eq!((top.parent, top.started), (7, 77));
    let first = FirstEnvironment::read(client.pid).expect("our environment");
    assert_eq!(top.path.strip_prefix(b"PATH="), first.value(b"PATH"));
    assert_eq!(place.live.top(client.pid, &|| Some(Birth::Inode(1))), None, "another process of that id");
    assert_eq!(place.live.top(client.pid + u32::try_from(SLOTS).expect("few"), &birth), None, "another id there");
    let other = Live::in_folder(place.folder.path().to_owned(), b"another boot".to_vec());
    assert_eq!(other.top(client.pid, &birth), None);
    assert_eq!(place.live.of(&client), None, "no order was made of it");
}
