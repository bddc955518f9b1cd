use super::*;

fn path(text: &str) -> CodeObject {
    CodeObject::Path(text.into())
}

fn touches(reading: CodeReading, kind: EffectKind, object: CodeObject) {
    assert!(reading.proven, "{reading:?}");
    assert!(reading.effects.iter().any(|effect| effect.kind == kind && effect.object == object), "{reading:?}");
}

fn starts(reading: CodeReading, object: CodeObject) {
    let found = reading.effects.iter().any(|effect| effect.kind == EffectKind::Executes && effect.object == object);
    assert!(found && !reading.proven, "{reading:?}");
}

#[test]
fn ruby_that_computes_and_prints() {
    for code in [
        "puts 1+1",
        "puts RUBY_VERSION",
        "puts [1,2,3].sum",
        "puts Time.now",
        "puts Time.now.strftime('%F')",
        "puts \"%.2f\" % 3.14159",
        "print if /TODO/",
        "puts /x/.match?('x')",
        "$_.upcase!",
        "puts $_.split(',')[1]",
        "puts ARGF.read.scan(/\\w+/).tally.sort_by { |_, c| -c }.first(5).inspect",
        "require 'json'; puts JSON.pretty_generate(JSON.parse(STDIN.read))",
        "x = 5; y = x * 2; puts \"#{x} #{y}\"",
        "(1..3).each { |i| puts i * i }",
        "puts ['a','b'].map(&:upcase).join(', ')",
        "puts({a: 1, 'b' => 2}.to_json)",
        "a, b = [1, 2]; puts a + b",
        "puts [1,2].inject(:+)",
        "if 1 == 1 then puts 'x' else puts 'y' end",
        "begin; Integer('x'); rescue ArgumentError => e; puts e.message; end",
        "require 'securerandom'; puts SecureRandom.hex(8)",
        "puts %w[a b].join('-')",
        "puts 'a'.gsub(/a/, 'b').length",
    ] {
        let reading = ruby(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
}

#[test]
fn ruby_effects_are_named() {
    use EffectKind::*;
    touches(ruby(b"puts File.read('a')"), Reads, path("a"));
    touches(ruby(b"s = File.read('a'); File.write('a', s.gsub('x', 'y'))"), Overwrites, path("a"));
    touches(ruby(b"File.open('a', 'w') { |f| f.puts 1 }"), Overwrites, path("a"));
    touches(ruby(b"File.delete('a', 'b')"), Deletes, path("b"));
    touches(ruby(b"require 'fileutils'; FileUtils.rm_rf('a')"), Deletes, path("a"));
    starts(ruby(b"system('id')"), CodeObject::Shell(b"id".to_vec()));
    starts(ruby(b"puts `id`"), CodeObject::Shell(b"id".to_vec()));
    starts(ruby(b"system 'ls', '-l'"), CodeObject::Argv(vec![b"ls".to_vec(), b"-l".to_vec()]));
    touches(ruby(b"puts ENV['X']"), Reads, CodeObject::Variable(b"X".to_vec()));
    touches(ruby(b"p = 'a'; puts File.read(p)"), Reads, path("a"));
    touches(ruby(b"%w[a b].each { |f| puts File.read(f) }"), Reads, path("b"));
    let listed = CodeObject::Below { directory: b"lib".to_vec(), name: b"*.rb".to_vec() };
    touches(ruby(b"Dir.glob('lib/**/*.rb').each { |f| puts \"#{f}: #{File.readlines(f).size}\" }"), Reads, listed);
    touches(ruby(b"puts \"#{File.read('/etc/shadow')}\""), Reads, path("/etc/shadow"));
}

#[test]
fn ruby_that_reaches_further_is_not_proven() {
    for code in [
        "eval(gets)",
        "system(gets)",
        "system \"rm #{x}\"",
        "exec x",
        "send(:system, 'id')",
        "Kernel.system('id')",
        "Object.const_get(:File).read('x')",
        "x = File; x.read('a')",
        "[File][0].read('a')",
        "STDIN.class.read('a')",
        "method(:system).call('id')",
        "['id'].each(&method(:system))",
        "['id'].map(&:system)",
        "m = :system; ['', 'id'].inject(m)",
        "open(gets)",
        "open('|id')",
        "IO.read('|id')",
        "IO.popen('id')",
        "File.read(x)",
        "p = 'a'; p << '/../x'; File.read(p)",
        "p = 'a'; p = 'b'; File.read(p)",
        "p = 'a'; q = p; q << 'x'; File.read(p)",
        "%w[a b].each { |f| f << 'x'; File.read(f) }",
        "require './x'",
        "require 'socket'",
        "require_relative 'x'",
        "load 'x'",
        "TCPSocket.new('x', 1)",
        "YAML.load(x)",
        "JSON.parse(x, create_additions: true)",
        "Marshal.load(x)",
        "ENV['PATH'] = 'x'",
        "ARGV << '/etc/shadow'; puts ARGF.read",
        "$LOAD_PATH << '.'",
        "def puts(x); end",
        "class String; end",
        "fork { exec 'id' }",
        "puts %x(id)",
        "puts <<~A\n#{`id`}\nA",
        "a = 1; puts a /system(\"id\")/ 1",
        "puts /#{`id`}/",
        "puts / system(gets) / 1",
        "puts = 1; puts /system(gets)/ 1",
        "x ? 1 :system",
        "instance_eval 'x'",
        "Process.kill(9, 1)",
        "URI.open('http://x')",
        "=begin\n=end\nsystem(x)",
        "File.open('a', mode: 'w')",
        "puts ::File.read('a')",
        "trap('INT') { }",
        "[1].each { |eval| eval 'x' }",
        "[1].each { |eval| }; eval *['x']",
        "load = 1; load 'x'",
        "[1].each { |instance_eval| instance_eval 'x' }",
        "send = 1; send :system, 'id'",
        "\u{ff45}val('1')",
        "Dir.chdir('/')",
    ] {
        let reading = ruby(code.as_bytes());
        assert!(!reading.proven && reading.why.is_some(), "{code:?}: {reading:?}");
    }
}

#[test]
fn php_that_computes_and_prints() {
    for code in [
        "echo PHP_VERSION, PHP_EOL;",
        "echo json_encode([\"a\" => 1], JSON_PRETTY_PRINT);",
        "var_dump(version_compare(\"8.1.2\", \"8.1.10\", \"<\"));",
        "foreach (range(1, 3) as $i) { printf(\"%d\\n\", $i * $i); }",
        "echo date(\"Y-m-d\"), \"\\n\";",
        "echo strlen(\"x\"), \" \", mb_strlen('y'), \"\\n\";",
        "echo ini_get(\"memory_limit\");",
        "echo implode(\",\", get_loaded_extensions());",
        "$x = 5; echo \"x is $x\";",
        "echo array_sum(array_map(fn($x) => $x * 2, [1, 2]));",
        "echo implode(',', array_map('strtoupper', ['a']));",
        "usort($a, function ($x, $y) { return $x <=> $y; });",
        "$d = json_decode('{}'); echo $d->name ?? 'none';",
        "echo (new DateTime('2026-01-01'))->format('Y');",
        "<?php echo 1;",
        "if (1 > 0) { echo 'a'; } else { echo 'b'; }",
    ] {
        let reading = php(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
}

#[test]
fn php_effects_are_named() {
    use EffectKind::*;
    touches(
        php(b"print_r(json_decode(file_get_contents('composer.json'), true)['require']);"),
        Reads,
        path("composer.json"),
    );
    touches(php(b"file_put_contents('a', str_replace('x', 'y', file_get_contents('a')));"), Overwrites, path("a"));
    touches(php(b"file_put_contents('a', 'x', FILE_APPEND);"), Writes, path("a"));
    touches(php(b"unlink('a');"), Deletes, path("a"));
    starts(php(b"system('id');"), CodeObject::Shell(b"id".to_vec()));
    starts(php(b"echo `id`;"), CodeObject::Shell(b"id".to_vec()));
    touches(php(b"echo getenv('X');"), Reads, CodeObject::Variable(b"X".to_vec()));
    touches(php(b"echo $_ENV['X'];"), Reads, CodeObject::Variable(b"X".to_vec()));
    touches(php(b"echo file_get_contents('https://x.test/a');"), Connects, CodeObject::Host(b"x.test".to_vec()));
    touches(php(b"$p = 'a'; echo file_get_contents($p);"), Reads, path("a"));
    touches(php(b"foreach (['a', 'b'] as $f) { echo file_get_contents($f); }"), Reads, path("b"));
    touches(php(b"phpinfo();"), Reads, CodeObject::Variable(b"*".to_vec()));
    touches(php(b"FILE_GET_CONTENTS('a');"), Reads, path("a"));
}

#[test]
fn php_that_reaches_further_is_not_proven() {
    for code in [
        "system($x);",
        "$f = 'system'; $f('id');",
        "'system'('id');",
        "('sys' . 'tem')('id');",
        "array_map('system', ['id']);",
        "$f = 'system'; array_map($f, ['id']);",
        "usort($a, 'system');",
        "call_user_func('system', 'id');",
        "eval('1');",
        "assert($x);",
        "include 'x.php';",
        "require $x;",
        "echo \"{$f('id')}\";",
        "echo \"${x}\";",
        "$$x = 1;",
        "$GLOBALS['x']('id');",
        "new SplFileObject('/etc/shadow');",
        "(new ReflectionFunction('system'))->invoke('id');",
        "$o->$m();",
        "Foo::bar();",
        "unserialize($x);",
        "file_get_contents($x);",
        "file_get_contents('php://filter/resource=x');",
        "file_get_contents('expect://id');",
        "fopen('a', $m);",
        "$p = 'a'; $p .= '/../x'; file_get_contents($p);",
        "$p = 'a'; preg_match('/x/', $y, $p); file_get_contents($p);",
        "$p = 'a'; foreach ($x as $p) { file_get_contents($p); }",
        "$p = 'a'; $q = &$p; $q = 'b'; file_get_contents($p);",
        "putenv('LD_PRELOAD=x'); mail('a', 'b', 'c');",
        "echo `$x`;",
        "fsockopen('x', 1);",
        "echo 1; ?> <?php system($x);",
        "#[Attribute]\nclass A {}",
        "extract($_GET);",
        "preg_replace_callback('/x/', $f, $s);",
        "\\system('id');",
        "ob_start('system');",
        "register_shutdown_function('system', 'id');",
        "array_filter(...[['id'], 'system']);",
        "array_map(callback: 'system', array: ['id']);",
        "filter_var('id', FILTER_CALLBACK, ['options' => 'system']);",
        "EVAL('1');",
        "INCLUDE 'x.php';",
        "INCLUDE $x;",
        "PCNTL_EXEC('/bin/sh');",
        "CALL_USER_FUNC('system', 'id');",
        "System('id');",
        "new class { function __destruct() {} };",
    ] {
        let reading = php(code.as_bytes());
        assert!(!reading.proven && reading.why.is_some(), "{code:?}: {reading:?}");
    }
}
