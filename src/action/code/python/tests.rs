use super::*;

fn touches(code: &str, kind: EffectKind, object: CodeObject) {
    let reading = read(code.as_bytes());
    assert!(
        reading.effects.iter().any(|effect| effect.kind == kind && effect.object == object),
        "{code:?}: {reading:?}"
    );
}

fn below(directory: &str, name: &str) -> CodeObject {
    CodeObject::Below { directory: directory.into(), name: name.into() }
}

fn path(text: &str) -> CodeObject {
    CodeObject::Path(text.into())
}

#[test]
fn computing_and_printing_is_harmless() {
    for code in [
        "print(1)",
        "class Node:\n    def __init__(self, v): self.v = v; self.next = None\na = Node(1); a.next = Node(2)\nprint(a.next.v)",
        "import ast\nclass V(ast.NodeVisitor):\n    def visit_Name(self, n):\n        print(n.id); self.generic_visit(n)\nV().visit(ast.parse('x'))",
        "from functools import lru_cache\n@lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1)\nprint(f(9))",
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x\nprint(asyncio.run(f(1)))",
        "import logging\nlogging.basicConfig(level=logging.INFO, format='%(message)s')",
        "import sys; print(sys.path[:3])",
        "print('hello'); print(\"x\")",
        "import json,sys; print(json.load(sys.stdin)['name'])",
        "import sys, json\nd = json.load(sys.stdin)\nfor k, v in d.items():\n    print(f'{k}: {v!r:>10}')",
        "import sys; print(sys.version)",
        "import sys; print(sys.version_info[:2], sys.executable)",
        "from datetime import datetime, timezone; print(datetime.now(timezone.utc).isoformat())",
        "import datetime; print(datetime.datetime.now().strftime('%Y'))",
        "print('exec(1)')",
        "print(\"import os; os.system('id')\")",
        "# import os; os.system('id')\nprint(1)",
        "print('''\nimport os\nos.remove('x')\n''')",
        "print(f'{1+1}')",
        "print(f'{\"a\":>{3}}')",
        "x = [i*2 for i in range(10) if i % 2 == 0]; print(sum(x))",
        "import re; print(re.sub(r'\\d+', 'x', 'a1'))",
        "import os; print(os.getcwd(), os.path.join('a', 'b'))",
        "from os import path; print(path.basename('/a/b'))",
        "import math; print(math.pi / 2)",
        "import hashlib; print(hashlib.sha256(b'x').hexdigest())",
        "import collections; print(collections.Counter('abc').most_common(3))",
        "print('{} {}'.format(1, 2))",
        "print('%s' % 3)",
        "import urllib.parse; print(urllib.parse.quote('a b'))",
        "from urllib.parse import quote\nprint(quote('x'))",
        "import yaml, sys; print(yaml.safe_load(sys.stdin))",
        "import random; print(random.randint(1, 6))",
        "import time; time.sleep(1); print(time.time())",
        "def f(x):\n  return x + 1\nprint(f(2))",
        "try:\n  1/0\nexcept ZeroDivisionError as e:\n  print(type(e).__name__, e)",
        "if __name__ == '__main__': print('x')",
        "import ast; print(ast.literal_eval('[1]'))",
        "import uuid; print(uuid.uuid4())",
        "print(sorted({'b': 1, 'a': 2}.items(), key=lambda kv: kv[1]))",
        "print('a' if 1 != 2 else 'b')",
        "import secrets; print(secrets.token_hex(16))",
        "from importlib.metadata import version; print(version('pip'))",
        "print(0x1f, 1e5, 1_000, 3j, .5)",
        "import json; print(json.dumps({'a': [1, None, True]}, indent=2))",
        "",
        "x = 1; \\\nprint(x)",
    ] {
        let reading = read(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
}

#[test]
fn what_directories_and_lists_hold_is_named() {
    use EffectKind::*;
    let walk = "import os\nfor root, dirs, files in os.walk('src'):\n    dirs[:] = [d for d in dirs if d != 'x']\n    for name in files:\n        ";
    touches(
        &format!("{walk}path = os.path.join(root, name)\n        print(open(path).read())"),
        Reads,
        below("src", "*"),
    );
    touches(&format!("{walk}print(open(os.path.join(root, name)).read())"), Reads, below("src", "*"));
    touches(
        "import os\nfor f in os.listdir('src'):\n    print(open(os.path.join('src', f)).read())",
        Reads,
        below("src", "*"),
    );
    touches("fs = ['a', 'b']\nfor f in fs:\n    open(f, 'w').write('x')", Overwrites, path("b"));
    touches("fs = ['a', 'b']\nfor f in fs:\n    print(open(f).read())", Reads, path("a"));
    for code in [
        format!("{walk}files.append('/etc/shadow'); print(open(os.path.join(root, name)).read())"),
        format!("len = lambda f: f.append('/etc/shadow')\n{walk}len(files); print(open(os.path.join(root, name)).read())"),
        format!("{walk}root = '/etc'; print(open(os.path.join(root, name)).read())"),
        format!("{walk}name = '/etc/shadow'; print(open(os.path.join(root, name)).read())"),
        "import os\nfor f in os.listdir('src'):\n    print(open(os.path.join('/etc', f)).read())".to_owned(),
        "import os\nfor r, d, fs in os.walk('src'):\n    for f in ['/etc/shadow']:\n        print(open(os.path.join(r, f)).read()) if 0 else open(r)".to_owned(),
        "fs = ['a']\nfs.append('/etc/shadow')\nfor f in fs:\n    print(open(f).read())".to_owned(),
        "fs = ['a']\nfs += ['/etc/shadow']\nfor f in fs:\n    print(open(f).read())".to_owned(),
        "fs = ['a']\ng(fs)\nfor f in fs:\n    print(open(f).read())".to_owned(),
        "fs = ['a']\nfs[0] = '/etc/shadow'\nfor f in fs:\n    print(open(f).read())".to_owned(),
        "fs = [x]\nfor f in fs:\n    print(open(f).read())".to_owned(),
    ] {
        assert!(!read(code.as_bytes()).proven, "{code:?}");
    }
}

#[test]
fn names_of_packages_are_looked_at_and_not_used() {
    for code in [
        "import requests; print(dir(requests))",
        "import numpy as np; print([x for x in dir(np) if 'mean' in x])",
        "import inspect, requests; print(inspect.getsource(requests.get))",
        "import inspect; from fastapi import FastAPI; print(inspect.signature(FastAPI.__init__))",
        "from inspect import signature\nimport pandas as pd\nprint(signature(pd.DataFrame.merge))",
        "from pydantic import BaseModel; print(BaseModel.__doc__)",
        "from sqlalchemy import __version__; print(__version__)",
        "import pydantic; print(pydantic.VERSION)",
    ] {
        let reading = read(code.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{code:?}: {reading:?}");
    }
    for code in [
        "from torch import load; load('x')",
        "from pydantic import BaseModel; BaseModel()",
        "import pandas as pd; pd.eval('x')",
        "import pandas as pd; f = pd.eval; f('x')",
        "from pandas import eval as e; print([e][0]('x'))",
        "def dir(f): f('x')\nimport pandas as pd; dir(pd.eval)",
        "import inspect, pandas as pd; inspect.getsource = lambda f: f('x'); inspect.getsource(pd.eval)",
        "import pandas as pd\nfor dir in [lambda f: f('x')]: dir(pd.eval)",
        "import pandas as pd; print((dir := (lambda f: f('x')))(pd.eval))",
        "import pandas as pd; (lambda dir: dir(pd.eval))(lambda f: f('x'))",
        "import pydantic; pydantic.VERSION()",
        "import pandas as pd; print(dir(pd.eval('x')))",
        "import pandas as pd; from x import dir; print(dir(pd.eval))",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code:?}");
    }
}

#[test]
fn effects_are_named() {
    use EffectKind::*;
    touches("print(open('a').read())", Reads, path("a"));
    touches("open('a', 'w').write('x')", Overwrites, path("a"));
    touches("open('a', mode='a').write('x')", Writes, path("a"));
    touches("open('a', 'r+')", Writes, path("a"));
    touches("with open('/etc/shadow') as f: print(f.read())", Reads, path("/etc/shadow"));
    touches("import os; os.remove('x')", Deletes, path("x"));
    touches("import os as o; o.unlink('x')", Deletes, path("x"));
    touches("from os import remove as r; r('x')", Deletes, path("x"));
    touches("import shutil; shutil.rmtree('/')", Deletes, path("/"));
    touches("from shutil import rmtree\nrmtree('/')", Deletes, path("/"));
    touches("import os; os.system('id')", Executes, CodeObject::Shell(b"id".to_vec()));
    touches("import os\nos . system ( 'id' )", Executes, CodeObject::Shell(b"id".to_vec()));
    touches("x = f'{open(\"a\").read()}'", Reads, path("a"));
    touches(
        "import subprocess; subprocess.run(['ls', '-l'], check=True)",
        Executes,
        CodeObject::Argv(vec![b"ls".to_vec(), b"-l".to_vec()]),
    );
    touches(
        "import subprocess; subprocess.run('ls | wc', shell=True)",
        Executes,
        CodeObject::Shell(b"ls | wc".to_vec()),
    );
    touches("import os; print(os.environ['HOME'])", Reads, CodeObject::Variable(b"HOME".to_vec()));
    touches("import os; print(os.environ.get('X', ''))", Reads, CodeObject::Variable(b"X".to_vec()));
    touches("import os; print(os.getenv('X'))", Reads, CodeObject::Variable(b"X".to_vec()));
    touches("import os; print(dict(os.environ))", Reads, CodeObject::Variable(b"*".to_vec()));
    touches("from pathlib import Path; print(Path('a').read_text())", Reads, path("a"));
    touches("import pathlib; pathlib.Path('a').write_text('x')", Overwrites, path("a"));
    touches("import requests; requests.get('https://u@X.test:8/a')", Connects, CodeObject::Host(b"x.test".to_vec()));
    touches("import requests; requests.post('https://x.test', data='a')", Sends, CodeObject::Host(b"x.test".to_vec()));
    touches("import urllib.request as r; r.urlopen('http://x.test')", Connects, CodeObject::Host(b"x.test".to_vec()));
    touches("import base64; print(base64.b64decode('aGk='))", Decodes, CodeObject::None);
    touches("import os; print(os.listdir())", Names, path("."));
    touches("import os; os.rename('a', 'b')", Deletes, path("a"));
    touches("p = 'a'; s = open(p).read(); open(p, 'w').write(s)", Overwrites, path("a"));
    touches("from pathlib import Path\np = Path('a')\np.write_text(p.read_text())", Overwrites, path("a"));
    touches("import pathlib\nroot = pathlib.Path('a')\nprint((root / 'b').read_text())", Reads, path("a/b"));
    touches("for p in ['a', 'b']:\n  with open(p) as f: print(f.read())", Reads, path("b"));
    touches("import os\np = os.path.join('a', 'b')\nprint(open(p).read())", Reads, path("a/b"));
    touches(
        "from pathlib import Path\nfor p in sorted(Path('a').rglob('*.py')): print(p.read_text())",
        Reads,
        below("a", "*.py"),
    );
    touches(
        "import glob\nfor p in glob.glob('a/**/*.py', recursive=True): print(open(p).read())",
        Reads,
        below("a", "*.py"),
    );
    assert!(read(b"open('a', 'w').write('x')").proven);
    assert_eq!(read(b"import json, os.path").modules, ["json", "os"]);
}

#[test]
fn tables_and_parameters() {
    for code in [
        "import pandas as pd\ndf = pd.read_csv('a.csv')\ndf[df.amount > 10].to_csv('b.csv', index=False)",
        "import pandas as pd\nprint(pd.read_csv('a.csv').groupby('x')['y'].agg(['sum', 'mean']).round(2).to_csv())",
        "import pandas as pd\nprint(pd.read_csv('a.csv').groupby('x').agg(total=('y', 'sum')).agg({'total': ['min', 'max']}))",
        "import numpy as np\nr = np.random.default_rng(0)\nprint(r.normal(size=9).mean(), np.linalg.norm([1, 2]))",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')",
        "from pathlib import Path\ndef fix(p: Path):\n  p.write_text(p.read_text())\nfor x in Path('a').rglob('*.py'): fix(x)",
        "def main(path):\n  print(open(path).read())\nmain('a')",
    ] {
        assert!(read(code.as_bytes()).proven, "{code}: {:?}", read(code.as_bytes()).why);
    }
    for code in [
        "import pandas as pd\npd.read_csv('a.csv').to_csv('s3://x/y')",
        "import pandas as pd\npd.read_csv('a.csv').to_csv(path_or_buf=p)",
        "import pandas as pd\nw = pd.DataFrame().to_csv\nw('b')",
        "import pandas as pd\npd.DataFrame().to_pickle('b')",
        "import pandas as pd\nf = pd.DataFrame().eval\nf('x')",
        "import pandas as pd\nf = [pd.DataFrame().query]\nf[0]('@x')",
        "from threading import Thread\nThread(target=open, args=('a', 'w')).start()",
        "import os\nfrom concurrent.futures import ThreadPoolExecutor as T\nT().submit(os.remove, 'a')",
        "from concurrent.futures import ThreadPoolExecutor as T\nimport subprocess\nT().map(subprocess.run, x)",
        "def f(p):\n  open(p, 'w')\nf('a')\nf(x)",
        "def f(p):\n  open(p, 'w')\nmap(f, x)",
        "def f(p):\n  p = input()\n  open(p, 'w')\nf('a')",
        "def d(g): return lambda x: g(input())\n@d\ndef f(p): open(p, 'w')\nf('a')",
        "def f(p):\n  open(p, 'w')\nx.f('a')\nfor f in y: f()",
        "import pandas as pd\npd.DataFrame().agg('to_clipboard')",
        "import pandas as pd\npd.DataFrame().agg(('to_clipboard', 'sum'))",
        "import pandas as pd\npd.DataFrame().agg([f])",
        "import pandas as pd\nf = pd.DataFrame().agg\nf('x')",
        "import logging\nlogging.basicConfig(filename='a')",
    ] {
        assert!(!read(code.as_bytes()).proven, "{code}");
    }
}

#[test]
fn what_is_imported_by_a_call_is_seen() {
    for code in [
        "__import__('shutil').rmtree(__import__('os').path.expanduser('~/x'))",
        "import importlib, os\nimportlib.import_module('shutil').rmtree(os.path.expanduser('~/x'))",
        "from importlib import import_module\nimport_module('shutil').rmtree('~/x')",
    ] {
        let reading = read(code.as_bytes());
        assert!(
            !reading.proven && reading.effects.iter().any(|effect| effect.kind == EffectKind::Deletes),
            "{reading:?}"
        );
    }
    assert!(!read(b"x.import_module('os')").proven && !read(b"__import__('json')").proven);
}

#[test]
fn what_reaches_further_is_not_proven() {
    for code in [
        "exec('1')",
        "eval(input())",
        "compile('1', '', 'exec')",
        "__import__('os').system('id')",
        "getattr(x, 'y')",
        "import mypkg",
        "from mypkg import x",
        "from . import x",
        "from os import *",
        "from os import system as s, execv as e; e('x')",
        "import os; os.execv('/bin/sh', [])",
        "import os; x = os; x.system('id')",
        "import os; (os).system('id')",
        "import os; [os][0].system('id')",
        "import os; s = os.system; s('id')",
        "import os; os.system('rm ' + x)",
        "import os; os.system(f'rm {x}')",
        "import os; os.system(*['id'])",
        "import os; os.system('rm' ' -rf /')",
        "import json; json.codecs.open('x')",
        "import re; re.enum.sys.modules['os'].system('id')",
        "import random; random._os.system('id')",
        "import sys; sys.modules['os'].system('id')",
        "().__class__.__base__.__subclasses__()",
        "print('{0.__class__.__init__.__globals__}'.format(x))",
        "x = y + '{0.a}'; print(x.format(1))",
        "f = (i for i in []); f.gi_frame.f_builtins['exec']('1')",
        "open(input())",
        "open('a', m)",
        "open(f'{x}')",
        "open(file='a')",
        "print(open)",
        "list(map(open, ['a']))",
        "import pickle; pickle.loads(b'')",
        "import ctypes",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(cmd)",
        "import subprocess; subprocess.run(['ls'], env={})",
        "import subprocess; subprocess.run(['ls'], cwd='/')",
        "import subprocess; subprocess.run(['rm', x])",
        "from pathlib import Path; p = Path(x); p.unlink()",
        "from pathlib import Path; Path('a').replace('b')",
        "p = 'a'; p = 'b'; open(p)",
        "p = 'a'; p += 'b'; open(p)",
        "p = 'a'\ndef f(p): return open(p)",
        "p = 'a'\nprint([open(p) for p in x])",
        "p = 'a'\nprint(list(map(lambda p: open(p), x)))",
        "p = 'a'\nif (p := x): open(p)",
        "p = 'a'\nwith x as p: open(p)",
        "p = 'a'\nx: p = 'b'\nopen(p)",
        "p = 'a'\nmatch x:\n  case p: open(p)",
        "eval(x); eval = 'a'",
        "from pathlib import Path\nPath = str\nprint(Path('a'))",
        "Path = x\np = Path('a')\np.read_text()",
        "def glob(x): return y\nfor p in glob('*'): open(p)",
        "import glob\nfor p in glob.glob('*', root_dir='/'): open(p)",
        "from pathlib import Path\nfor p in Path('a').glob(x): p.read_text()",
        "for c in 'ab': open(c)",
        "str = x\np = 'a'\nopen(str(p))",
        "import typing; typing.get_type_hints(x)",
        "import operator; operator.methodcaller('system', 'id')(x)",
        "import os; os.environ['LD_PRELOAD'] = 'x'",
        "import sys; sys.path.insert(0, '.')",
        "class A: pass\nimport os; os.listdir('.')",
        "class A:\n    def symlink_to(self): pass\nfrom pathlib import Path\nPath('x').symlink_to('/etc')",
        "class A:\n    def f_globals(self): pass\ndef g(): yield\nprint(g().gi_frame.f_globals)",
        "class A:\n    def __getattr__(self, name): return name\nprint(A().x)",
        "class A:\n    def sys(self): pass\nimport json; json.sys",
        "import pandas as pd\npd.read_csv('a.csv').apply('to_csv', path_or_buf='x')",
        "import sqlite3\nsqlite3.connect(':memory:').execute(\"attach 'x' as x\")",
        "import numpy as np; np.load('a.npy', allow_pickle=True)",
        "import logging; logging.basicConfig(filename='x')",
        "import os\n@os.system\ndef f(): pass",
        "import concurrent.futures as cf, os\ncf.ThreadPoolExecutor().map(os.system, ['ls'])",
        "def fix(path): open(path, 'w')\nfix('src/a')\nfix(input())",
        "e = {'src/a': 1}\ne['/etc/x'] = 2\nfor path, text in e.items(): open(path, 'w')",
        "for path, text in [('src/a', 1)] + x: open(path, 'w')",
        "@exec\nclass X: pass",
        "\u{ff45}xec('1')",
        "print('a",
        "print(",
        "print)",
        "# -*- coding: utf-7 -*-\nprint(1)",
        "# x\rimport os; os.system(x)",
        "print(f'{x # }')",
        "print(f'{exec(\"1\")}')",
        "print(f'{x:{exec(\"1\")}}')",
        "print(f\"{'a' if exec('1') else ''}\")",
        "globals()['x']",
        "import json as j, os as j; j.system('id')",
        "print(`1`)",
        "import builtins; builtins.exec('1')",
        "raise SystemExit from exec('1')",
    ] {
        let reading = read(code.as_bytes());
        assert!(!reading.proven && reading.why.is_some(), "{code:?}: {reading:?}");
    }
}

#[test]
fn paths_are_known_through_calls_and_pairs() {
    for code in [
        "def fix(path, old, new):\n    s = open(path).read()\n    open(path, 'w').write(s.replace(old, new))\nfix('src/a', 'x', 'y')\nfix('src/b', 'x', 'y')",
        "for path, old in [('src/a', 'x'), ('src/b', 'y'),]:\n    open(path, 'w').write(old)",
        "edits = {'src/a': [('x', 'y')], 'src/b': []}\nfor path, pairs in edits.items():\n    open(path, 'w').write('x')",
    ] {
        assert!(read(code.as_bytes()).proven, "{code}");
        touches(code, EffectKind::Overwrites, path("src/a"));
        touches(code, EffectKind::Overwrites, path("src/b"));
    }
    let code =
        "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    open(os.path.join(d, 'a'), 'w').write('x')";
    assert!(read(code.as_bytes()).proven);
    touches(code, EffectKind::Overwrites, path("/tmp/tempfile/a"));
}
