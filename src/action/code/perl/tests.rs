use super::*;

#[test]
fn loops_with_patterns_and_prints_are_proven() {
    for code in [
        "s/a/b/",
        "s/foo/bar/g",
        "s{foo}{bar}gx",
        "s#a/b#c/d#",
        "s|http://|https://|g",
        "print if /x/",
        "print \"$1\\n\" if /(\\d+)/",
        "print $F[0], \"\\n\"",
        "$s += $F[1]; END { print $s }",
        "s/(\\d+)/$1+1/e",
        "tr/a-z/A-Z/",
        "y/a/b/; print",
        "next unless /^#/; print",
        "print scalar reverse \"abc\"",
        "print join(\",\", map { $_ * 2 } 1..5), \"\\n\"",
        "my %h; $h{$_}++ for 1..3; print \"$_ $h{$_}\\n\" for sort keys %h",
        "undef $/; s/a\\nb/c/",
        "print \"$.: $_\"",
        "local $/; $_ = <STDIN>; print length",
        "while (<>) { print if 5..10 }",
        "$h{system} = 1; print $h{exec}",
        "my %h = (system => 1, unlink => 2)",
        "print 'system(1)'",
        "print q(`id`)",
        "print time / 60 / 60",
        "$x / 2; $y / 3",
        "use strict; use warnings; print 1",
        "use List::Util qw(sum max); print sum(1,2)",
        "print \"user\\@example.com\"",
        "s/\\$\\{x\\}/y/",
        "s/^\\s+|\\s+$//g",
        "if (/^version = \"(.*)\"/) { print $1; exit }",
        "printf \"%.2f\\n\", 3.14159",
        "s/a$/b/; s/(a|b)$/c/",
        "print \"$h{a}[0] $x->{b}\"",
        "$_ = uc; print # system('x')",
    ] {
        let reading = read(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
}

#[test]
fn what_could_run_or_reach_is_not_proven() {
    for code in [
        "eval $x",
        "eval 'system(1)'",
        "do \"x.pl\"",
        "require \"x.pl\"",
        "use lib 'x'; use Evil",
        "use Socket",
        "s/x/system($1)/ee",
        "s/x/`$1`/e",
        "s/x/foo($1)/e",
        "/(?{ system 'id' })/",
        "/(??{ `id` })/",
        "print \"@{[system('id')]}\"",
        "print \"${\\ system('id')}\"",
        "print \"$x[`id`]\"",
        "print \"$x{system id}\"",
        "print \"$x[qx/id/]\"",
        "&$x",
        "$x->method",
        "$x->()",
        "&{\"system\"}('id')",
        "\"system\"->('id')",
        "CORE::system('id')",
        "CORE::GLOBAL::exec('id')",
        "*x = \\&y",
        "@ARGV = ('id|'); while (<>) { print }",
        "$SIG{ALRM} = 'x'",
        "print <*.c>",
        "print <<E;\nx\nE\n",
        "=pod\n'\n=cut\nsystem 'id'",
        "syscall 59",
        "fork",
        "dump",
        "kill 9, 1",
        "socket(S, 2, 1, 6)",
        "open F, \"id|\"",
        "open(F, $x)",
        "open(F, '<', $x)",
        "system $x",
        "system \"rm $x\"",
        "system('a' . $x)",
        "unlink $x",
        "unlink glob '*'",
        "print `$x`",
        "$main::ENV{X}",
        "print \"$ENV{X}\"",
        "print \"@{[%ENV]}\"",
        "-e $x",
        "sub f { } f()",
        "$$x",
        "@$x",
        "print 'x",
        "s/a/b",
        "syswrite F, 1",
        "$h{x}('a')",
        "truncate 'x', 0",
        "chdir '/'",
        "goto &x",
        "bless $x",
        "tie %h, 'X'",
        "é",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code:?}");
    }
}

#[test]
fn calls_are_named() {
    let shell = |code: &str, text: &str| {
        let reading = read(code.as_bytes());
        let object = CodeObject::Shell(text.as_bytes().to_vec());
        assert!(reading.effects.iter().any(|effect| effect.object == object), "{code:?}: {reading:?}");
    };
    shell("system('rm -rf /')", "rm -rf /");
    shell("print `id`", "id");
    shell("print qx(id)", "id");
    shell("print qx'id $x'", "id $x");
    shell("exec \"id\"", "id");
    shell("s/x/`id`/e", "id");
    shell("open(my $f, '-|', 'id') or die", "id");
    let named = |code: &str, kind: EffectKind, path: &str| {
        let reading = read(code.as_bytes());
        let object = CodeObject::Path(path.as_bytes().to_vec());
        assert!(reading.proven, "{code:?}: {reading:?}");
        assert!(reading.effects.iter().any(|effect| effect.kind == kind && effect.object == object), "{code:?}");
    };
    named("unlink 'a'", EffectKind::Deletes, "a");
    named("unlink qw(a b)", EffectKind::Deletes, "b");
    named("open(my $f, '<', '/etc/shadow'); print <STDIN>", EffectKind::Reads, "/etc/shadow");
    named("open my $f, '>', 'out' or die", EffectKind::Overwrites, "out");
    named("rename 'a', 'b'", EffectKind::Deletes, "a");
    named("chmod 0755, 'x'", EffectKind::Permits, "x");
    let argv = read(b"system('rm', '-rf', 'x')");
    let words = [&b"rm"[..], b"-rf", b"x"].map(<[u8]>::to_vec).to_vec();
    assert!(argv.effects.iter().any(|effect| effect.object == CodeObject::Argv(words.clone())), "{argv:?}");
    for (code, name) in [("print $ENV{HOME}", "HOME"), ("print %ENV", "*"), ("print $ENV{$x}", "*")] {
        let object = CodeObject::Variable(name.as_bytes().to_vec());
        assert!(read(code.as_bytes()).effects.iter().any(|effect| effect.object == object), "{code:?}");
    }
}
