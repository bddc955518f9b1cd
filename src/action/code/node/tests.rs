use super::*;

#[test]
fn printing_and_computing_are_proven() {
    for code in [
        "console.log(1+1)",
        "1+1",
        "console.log(process.version)",
        "console.log(process.versions.node, process.platform, process.arch)",
        "console.log(process.argv.slice(2))",
        "console.log(process.argv[1])",
        "process.stdout.write('x')",
        "process.exit(0)",
        "console.log(`a ${1 + 2} b`)",
        "console.log(`a ${`b ${1}`}` / 2)",
        "console.log(JSON.stringify({a: 1, b: [1, 2]}, null, 2))",
        "const x = [1,2,3].map(n => n * 2); console.log(x)",
        "const {a, b: c} = {a: 1, b: 2}; console.log(a, c)",
        "let s = 0; for (const i of [1,2]) { s += i } console.log(s)",
        "console.log(new Date().toISOString())",
        "console.log('eval(1) require(\"x\")')",
        "// require('child_process')\nconsole.log(1)",
        "/* eval(x) */ 1",
        "console.log(/eval\\(/.test('x'))",
        "console.log('a b'.split(/\\s+/).length)",
        "function f(a, b) { return a / b } console.log(f(4, 2))",
        "console.log(Object.entries({a:1}).map(([k, v]) => k + v).join())",
        "const path = require('path'); console.log(path.join('a', 'b'))",
        "console.log(require('path').resolve('a'))",
        "console.log(require('os').cpus().length)",
        "console.log(require('crypto').createHash('sha256').update('x').digest('hex'))",
        "const {join} = require('node:path'); console.log(join('a', 'b'))",
        "let d = ''; process.stdin.on('data', c => d += c).on('end', () => console.log(JSON.parse(d).name))",
        "const d = JSON.parse(require('fs').readFileSync(0, 'utf8')); console.log(d.module, d['a-b'])",
        "console.log(Math.max(...[1,2,3]))",
        "try { JSON.parse('x') } catch (e) { console.error(e.message) }",
        "console.log({system: 1, eval: 2}.system)",
        "console.log([1,2][0])",
    ] {
        let reading = read(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
}

#[test]
fn what_could_run_or_reach_is_not_proven() {
    for code in [
        "eval('1')",
        "(0, eval)('1')",
        "new Function('return 1')()",
        "[].constructor.constructor('x')()",
        "(()=>1)['constructor']('x')()",
        "(()=>1)['constr' + 'uctor']('x')()",
        "(()=>1)['constr\\x75ctor']('x')()",
        "let k = 'x'; ({})[k]",
        "const k = 'constructor'; ({})[k][k]('x')",
        "const {constructor: c} = () => 1; c('x')()",
        "const {['constr' + 'uctor']: c} = () => 1; c('x')()",
        "const {'constructor': c} = () => 1; c('x')()",
        "(() => 1).c\\u006fnstructor('x')",
        "import('fs')",
        "import fs from './fs.js'",
        "require('vm')",
        "require('./x')",
        "require('./x.js')",
        "require('lodash')",
        "require(process.argv[1])",
        "require('f' + 's')",
        "require",
        "const r = require; r('fs')",
        "const f = fs; f.rmSync('x')",
        "fs['rmSync']('x')",
        "fs[k]('x')",
        "const {rmSync} = fs; rmSync('x')",
        "[fs]",
        "process.binding('fs')",
        "process.mainModule.require('fs')",
        "process['env']",
        "process.kill(1)",
        "process.dlopen(x)",
        "const p = process; p.exit()",
        "globalThis.process",
        "global.x",
        "this.process",
        "module.require('fs')",
        "Reflect.get(x)",
        "new Proxy({}, {})",
        "Object.getOwnPropertyDescriptors(x)",
        "Object.getPrototypeOf(x)",
        "Error.prepareStackTrace = (a, b) => b",
        "fs.readFileSync(process.argv[1])",
        "fs.writeFileSync('a' + x, '')",
        "['x'].map(fs.rmSync)",
        "child_process.execSync('ls ' + x)",
        "require('child_process').execSync(`ls ${x}`)",
        "require('child_process').spawnSync('ls', ['a', x])",
        "require('child_process').spawnSync('ls', ['a'], {shell: true})",
        "require('child_process').execSync('ls', {env: {PATH: '.'}})",
        "require('child_process').fork('x.js')",
        "process.env.PATH = '.'",
        "((a = fetch) => a('http://x'))()",
        "{ let fetch; } fetch(x)",
        "x = a ? fetch : eval",
        "with ({}) {}",
        "class A { static { } }",
        "if (1) /x/.test('`eval(1)`')",
        "`${eval(1)}`",
        "`${`${require('vm')}`}`",
        "WebAssembly.compile(x)",
        "new WebSocket('ws://x')",
        "console.log('x",
        "`x",
        "console.log(1",
        "net.connect(1)",
        "é",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code:?}");
    }
}

#[test]
fn calls_are_named() {
    let named = |code: &str, kind: EffectKind, object: CodeObject| {
        let reading = read(code.as_bytes());
        assert!(reading.proven, "{code:?}: {reading:?}");
        let found = reading.effects.iter().any(|effect| effect.kind == kind && effect.object == object);
        assert!(found, "{code:?}: {reading:?}");
    };
    let path = |text: &str| CodeObject::Path(text.as_bytes().to_vec());
    let shell = |text: &str| CodeObject::Shell(text.as_bytes().to_vec());
    let variable = |text: &str| CodeObject::Variable(text.as_bytes().to_vec());
    named("console.log(require('./package.json').version)", EffectKind::Reads, path("./package.json"));
    named("fs.readFileSync('a')", EffectKind::Reads, path("a"));
    named("const fs = require('fs'); fs.writeFileSync('a', 'b')", EffectKind::Overwrites, path("a"));
    named("const x = 1, f = require('fs'); f.unlinkSync('a')", EffectKind::Deletes, path("a"));
    named("const {rmSync: r} = require('fs'); r('a')", EffectKind::Deletes, path("a"));
    named("require('fs').promises.readFile('a')", EffectKind::Reads, path("a"));
    named("require('fs').existsSync('a')", EffectKind::Names, path("a"));
    named("require('child_process').execSync('id')", EffectKind::Executes, shell("id"));
    named(
        "const {execSync} = require('child_process'); execSync('id', {stdio: 'inherit'})",
        EffectKind::Executes,
        shell("id"),
    );
    named("`${require('child_process').execSync('id')}`", EffectKind::Executes, shell("id"));
    let words = CodeObject::Argv([&b"rm"[..], b"-rf", b"x"].map(<[u8]>::to_vec).to_vec());
    named("require('child_process').spawnSync('rm', ['-rf', 'x'])", EffectKind::Executes, words);
    named("console.log(process.env.HOME)", EffectKind::Reads, variable("HOME"));
    named("console.log(process.env['HOME'])", EffectKind::Reads, variable("HOME"));
    named("console.log(process.env)", EffectKind::Reads, variable("*"));
    named("fetch('https://example.com/x')", EffectKind::Connects, CodeObject::Host(b"example.com".to_vec()));
    let sends = CodeObject::Host(b"example.com".to_vec());
    named("fetch('https://example.com/x', {method: 'POST'})", EffectKind::Sends, sends);
    let removed = read(b"fs.rmSync('x', {recursive: true})");
    assert!(removed.effects.iter().any(|effect| effect.flags.has(Flag::Recursive)), "{removed:?}");
}

#[test]
fn a_list_of_names_that_loops_go_over() {
    let found = read(b"const fs = require('fs');\nconst files = ['a', 'b'];\nfor (const f of files) { fs.writeFileSync(f, fs.readFileSync(f, 'utf8')) }");
    assert!(found.proven, "{:?}", found.why);
    assert!(found.effects.iter().any(|effect| effect.object == CodeObject::Path(b"b".to_vec())));
    for code in [
        "const fs = require('fs'); const l = ['a']; l.push(x); for (const f of l) fs.readFileSync(f)",
        "const fs = require('fs'); const l = ['a', x]; for (const f of l) fs.readFileSync(f)",
        "const fs = require('fs'); let l = ['a']; l = x; for (const f of l) fs.readFileSync(f)",
        "const fs = require('fs'); const l = ['a']; g(l); for (const f of l) fs.readFileSync(f)",
        "const fs = require('fs'); const l = ['a'].concat(x); for (const f of l) fs.readFileSync(f)",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code}");
    }
}

#[test]
fn paths_are_known_through_calls_and_pairs() {
    for code in [
        "const fs = require('fs'); for (const [f, a] of [['src/a', 'x'], ['src/b', 'y']]) { fs.writeFileSync(f, a) }",
        "const fs = require('fs'); const edits = {'src/a': [['x', 'y']], 'src/b': []}; for (const [f, pairs] of Object.entries(edits)) { fs.writeFileSync(f, 'x') }",
        "const fs = require('fs'); function fix(f, a) { fs.writeFileSync(f, a) } fix('src/a', 'x'); fix('src/b', 'y');",
        "const fs = require('fs'); const fix = (f, a) => { fs.writeFileSync(f, a) }; fix('src/a', 'x'); fix('src/b', 'y');",
        "const fs = require('fs'); ['src/a', 'src/b'].forEach(f => { fs.writeFileSync(f, 'x') });",
        "const fs = require('fs'); const files = ['src/a', 'src/b']; files.forEach((f, i) => { fs.writeFileSync(f, 'x') });",
    ] {
        let reading = read(code.as_bytes());
        assert!(reading.proven, "{code}: {reading:?}");
        for path in ["src/a", "src/b"] {
            let object = CodeObject::Path(path.into());
            assert!(reading.effects.iter().any(|effect| effect.object == object), "{code}: {reading:?}");
        }
    }
    for code in [
        "const fs = require('fs'); function f(p, x) { [p] = [x]; fs.writeFileSync(p, 'y') } f('src/a', '/etc/x')",
        "const fs = require('fs'); function f(p, x) { for (p of x) fs.writeFileSync(p, 'y') } f('src/a', ['/etc/x'])",
        "const fs = require('fs'); function f(p) { fs.writeFileSync(p, 'y') } f('src/a'); f.call(null, '/etc/x')",
        "const fs = require('fs'); const e = {'src/a': 1}; e['/etc/x'] = 2; for (const [f, n] of Object.entries(e)) fs.writeFileSync(f, 'x')",
        "const fs = require('fs'); const e = {'src/a': 1, ...x}; for (const [f, n] of Object.entries(e)) fs.writeFileSync(f, 'x')",
        "const fs = require('fs'); Object.entries = () => [['/etc/x', 1]]; for (const [f, n] of Object.entries({'src/a': 1})) fs.writeFileSync(f, 'x')",
        "const fs = require('fs'); const Object = {entries: () => [['/etc/x', 1]]}; for (const [f, n] of Object.entries({'src/a': 1})) fs.writeFileSync(f, 'x')",
        "const fs = require('fs'); const a = ['src/a']; a.push('/etc/x'); a.forEach(f => fs.writeFileSync(f, 'x'))",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code}");
    }
}
