//! What is known of Python's own library: which modules and names compute only, and which calls do what.

/// What a dotted name of a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Computes, or is a value.
    Pure,
    /// A module in a module: the next name decides.
    Module(&'static str),
    /// A call with an effect that is read from its arguments.
    Call(Call),
    /// `os.environ`
    Environment,
    /// A name of an installed package of which nothing is known: it may be looked at, and nothing else.
    Shown,
}

/// Calls that look at what they are given and do not call it.
const LOOKING: &[&str] =
    &["dir", "signature", "getsource", "getdoc", "getfile", "getsourcefile", "isclass", "isfunction", "callable"];

/// Whether the call only looks at its argument.
pub(super) fn looks(name: &[u8]) -> bool {
    LOOKING.iter().any(|own| own.as_bytes() == name)
}

/// Whether all of the module's values compute only.
pub(super) fn is_pure(module: &str) -> bool {
    PURE.contains(&module)
}

/// Methods that Python calls by itself, of which nothing is looked up elsewhere.
pub(super) fn special_is_plain(name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| {
        has(
            " __init__ __repr__ __str__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __len__ __iter__ __next__ __contains__ __getitem__ __setitem__ \
              __bool__ __add__ __radd__ __sub__ __mul__ __rmul__ __truediv__ __neg__ __abs__ __post_init__ __enter__ __exit__ __call__ __format__ ",
            name,
        )
    })
}

/// Whether the module is an installed package of which most is not known.
pub(super) fn is_package(module: &str) -> bool {
    PACKAGES.contains(&module)
}

/// Calls with an effect; the argument that names the object is the first, unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `open(path, mode)`
    Open,
    Reads,
    Names,
    Writes,
    Deletes,
    DeletesTree,
    Permits,
    /// First is read, second overwritten.
    Copies,
    /// First is moved away, second overwritten.
    Moves,
    /// Shell text.
    Shell,
    /// A list of words, or shell text with `shell=True`.
    Process,
    /// A URL.
    Connects,
    /// A URL that gets data.
    Sends,
    /// A variable's name.
    Variable,
    /// Sets up a log: to a file only where an argument says so.
    Logs,
    /// Decodes data.
    Decodes,
    Signals,
}

/// Modules of which every public name but the exceptions in [`name`] computes only.
const PURE: &[&str] = &[
    "math",
    "cmath",
    "re",
    "datetime",
    "collections",
    "collections.abc",
    "itertools",
    "textwrap",
    "string",
    "random",
    "hashlib",
    "hmac",
    "statistics",
    "decimal",
    "fractions",
    "functools",
    "pprint",
    "time",
    "struct",
    "urllib.parse",
    "csv",
    "tomllib",
    "platform",
    "enum",
    "uuid",
    "bisect",
    "heapq",
    "difflib",
    "unicodedata",
    "html",
    "calendar",
    "keyword",
    "ipaddress",
    "numbers",
    "zoneinfo",
    "secrets",
    "array",
    "copy",
    "json",
    "ast",
    "typing",
    "dataclasses",
    "os.path",
    "fnmatch",
    "colorsys",
    "abc",
    "__future__",
    "base64",
    "binascii",
    "zlib",
    "graphlib",
    "sysconfig",
    "stat",
    "token",
    "scipy.stats",
    "scipy.optimize",
    "scipy.special",
    "scipy.linalg",
    "scipy.signal",
    "scipy.integrate",
    "numpy.fft",
    "numpy.testing",
];

/// Public names of pure modules that are not: other modules they hold, and what evaluates, runs or reads.
const NOT_PURE: &[&str] = &[
    "sys",
    "os",
    "io",
    "re.enum",
    "functools",
    "itertools",
    "types",
    "builtins",
    "inspect",
    "codecs",
    "enum",
    "contextlib",
    "warnings",
    "collections",
    "abc",
    "copyreg",
    "keyword",
    "operator",
    "decoder",
    "encoder",
    "scanner",
    "socket",
    "subprocess",
    "importlib",
    "get_type_hints",
    "ForwardRef",
    "evaluate_forward_ref",
    "Formatter",
    "make_dataclass",
    "attrgetter",
    "methodcaller",
    "genericpath",
    "stat",
    "posixpath",
    "random",
    "math",
    "struct",
    "time",
    "datetime",
    "numbers",
    "string",
    "re",
    "libc_ver",
    "popen",
    "main",
    "test",
    "copy",
    "functions",
    "recursive_repr",
    "register_dialect",
    "Repl",
    "NodeTransformer",
];

/// Packages that many projects have: importing them runs their own installed code and does nothing of note. Of most only
/// the version is known.
const PACKAGES: &[&str] = &[
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "matplotlib",
    "torch",
    "tensorflow",
    "transformers",
    "cv2",
    "PIL",
    "networkx",
    "numba",
    "django",
    "rest_framework",
    "flask",
    "fastapi",
    "starlette",
    "pydantic",
    "sqlalchemy",
    "alembic",
    "celery",
    "jinja2",
    "click",
    "typer",
    "rich",
    "tqdm",
    "attr",
    "dateutil",
    "pytz",
    "six",
    "bs4",
    "lxml",
    "aiohttp",
    "uvicorn",
    "gunicorn",
    "boto3",
    "redis",
    "psycopg2",
    "psycopg",
    "pytest",
    "setuptools",
    "pip",
    "openai",
    "anthropic",
    "grpc",
    "cryptography",
    "jsonschema",
    "sphinx",
    "werkzeug",
    "urllib3",
    "certifi",
    "charset_normalizer",
    "packaging",
    "hypothesis",
    "coverage",
    "nltk",
    "spacy",
    "xgboost",
    "lightgbm",
    "seaborn",
    "plotly",
    "streamlit",
    "gradio",
    "langchain",
    "tiktoken",
    "datasets",
    "accelerate",
    "jax",
    "keras",
    "onnx",
    "onnxruntime",
    "wandb",
    "mlflow",
    "dask",
    "h5py",
    "sympy",
    "psutil",
    "pymongo",
    "marshmallow",
    "msgpack",
    "orjson",
    "toml",
    "tomli",
    "dotenv",
    "loguru",
    "structlog",
    "faker",
    "selenium",
    "playwright",
    "scrapy",
    "jwt",
    "bcrypt",
    "websockets",
    "httpcore",
    "markdown",
    "pygments",
    "docutils",
    "mypy",
    "black",
];

/// The module `name`, if it may be imported.
pub(super) fn module(name: &str) -> Option<&'static str> {
    const OTHERS: &[&str] = &[
        "sys",
        "os",
        "shutil",
        "subprocess",
        "pathlib",
        "glob",
        "io",
        "shlex",
        "tempfile",
        "urllib",
        "urllib.request",
        "requests",
        "yaml",
        "operator",
        "socket",
        "signal",
        "importlib.metadata",
        "importlib",
        "xml.etree.ElementTree",
        "xml.etree",
        "xml",
        "contextlib",
        "codecs",
        "gzip",
        "getpass",
        "locale",
        "errno",
        "types",
        "traceback",
        "warnings",
        "httpx",
        "inspect",
        "sqlite3",
        "torch.cuda",
        "ssl",
        "logging",
        "asyncio",
        "tokenize",
        "matplotlib.pyplot",
        "pyarrow.parquet",
        "configparser",
        "argparse",
        "threading",
        "queue",
        "email",
        "email.utils",
        "importlib.util",
        "zipfile",
        "tarfile",
        "dis",
        "pkgutil",
        "site",
        "linecache",
        "resource",
        "mimetypes",
        "concurrent",
        "concurrent.futures",
    ];
    PURE.iter().chain(OTHERS).chain(PACKAGES).find(|known| **known == name).copied()
}

/// What `attribute` of `module` is.
pub(super) fn name(module: &str, attribute: &str) -> Option<Known> {
    use Call::*;
    if attribute.starts_with('_') {
        return None;
    }
    let found = match (module, attribute) {
        ("datetime", "datetime")
        | ("time", "time")
        | ("copy", "copy")
        | ("random", "random")
        | ("pprint", "pprint")
        | ("collections", "abc") => Known::Pure,
        (
            "base64",
            "b64decode" | "b32decode" | "b16decode" | "b85decode" | "a85decode" | "urlsafe_b64decode"
            | "standard_b64decode" | "decodebytes",
        )
        | ("binascii", "unhexlify" | "a2b_hex" | "a2b_base64")
        | ("zlib", "decompress")
        | ("codecs", "decode") => Known::Call(Decodes),
        ("os", "path") => Known::Module("os.path"),
        ("urllib", "parse") => Known::Module("urllib.parse"),
        ("urllib", "request") => Known::Module("urllib.request"),
        ("importlib", "metadata") => Known::Module("importlib.metadata"),
        ("xml", "etree") => Known::Module("xml.etree"),
        ("xml.etree", "ElementTree") => Known::Module("xml.etree.ElementTree"),
        (
            "sys",
            "argv"
            | "stdin"
            | "stdout"
            | "stderr"
            | "version"
            | "version_info"
            | "exit"
            | "platform"
            | "executable"
            | "path"
            | "maxsize"
            | "byteorder"
            | "getsizeof"
            | "getrecursionlimit"
            | "setrecursionlimit"
            | "prefix"
            | "base_prefix"
            | "implementation"
            | "float_info"
            | "flags"
            | "getdefaultencoding"
            | "hexversion"
            | "maxunicode"
            | "getfilesystemencoding"
            | "builtin_module_names"
            | "stdlib_module_names"
            | "abiflags"
            | "getrefcount"
            | "int_info"
            | "api_version",
        ) => Known::Pure,
        (
            "os",
            "getcwd" | "sep" | "linesep" | "name" | "cpu_count" | "getpid" | "getppid" | "getuid" | "geteuid"
            | "getgid" | "uname" | "pathsep" | "curdir" | "get_terminal_size" | "fspath" | "urandom" | "times"
            | "getloadavg" | "devnull" | "sched_getaffinity" | "isatty" | "getlogin" | "sysconf" | "getpgid"
            | "SEEK_SET" | "SEEK_END",
        ) => Known::Pure,
        ("os", "environ") => Known::Environment,
        ("os", "getenv") => Known::Call(Variable),
        ("os", "listdir" | "scandir" | "walk" | "stat" | "lstat" | "access" | "readlink") => Known::Call(Names),
        ("os", "remove" | "unlink") => Known::Call(Deletes),
        ("os", "rmdir" | "removedirs" | "mkdir" | "makedirs" | "utime") => Known::Call(Writes),
        ("os", "rename" | "replace" | "renames") | ("shutil", "move") => Known::Call(Moves),
        ("os", "symlink" | "link") | ("shutil", "copy" | "copy2" | "copyfile" | "copytree") => Known::Call(Copies),
        ("os", "chmod" | "chown" | "lchown") => Known::Call(Permits),
        ("os", "system" | "popen") | ("subprocess", "getoutput" | "getstatusoutput") => Known::Call(Shell),
        ("os", "kill" | "killpg") => Known::Call(Signals),
        ("shutil", "rmtree") => Known::Call(DeletesTree),
        ("shutil", "which" | "get_terminal_size" | "disk_usage") => Known::Pure,
        ("subprocess", "run" | "call" | "check_call" | "check_output" | "Popen") => Known::Call(Process),
        ("subprocess", "PIPE" | "DEVNULL" | "STDOUT" | "CalledProcessError" | "TimeoutExpired") => Known::Pure,
        ("pathlib", "PurePath" | "PurePosixPath" | "Path" | "PosixPath") => Known::Pure,
        ("glob", "glob" | "iglob") => Known::Call(Names),
        (
            "pandas",
            "read_csv" | "read_json" | "read_parquet" | "read_excel" | "read_table" | "read_feather" | "read_fwf",
        )
        | ("polars", "read_csv" | "read_parquet" | "read_json" | "read_ndjson" | "scan_csv" | "scan_parquet")
        | ("pyarrow.parquet", "read_table" | "ParquetFile" | "read_schema" | "read_metadata")
        | ("sqlite3", "connect")
        | ("PIL.Image", "open")
        | ("cv2", "imread") => Known::Call(Reads),
        ("sqlite3", "Row" | "sqlite_version" | "version")
        | (
            "pandas",
            "DataFrame" | "Series" | "concat" | "merge" | "to_datetime" | "set_option" | "isna" | "notna" | "NA"
            | "Timestamp" | "Timedelta" | "to_numeric" | "to_timedelta" | "date_range" | "cut" | "qcut" | "crosstab"
            | "get_dummies" | "pivot_table" | "melt" | "Index" | "MultiIndex" | "Categorical" | "isnull" | "notnull"
            | "NaT" | "json_normalize" | "unique",
        )
        | (
            "numpy",
            "array" | "arange" | "zeros" | "ones" | "linspace" | "mean" | "median" | "std" | "sum" | "max" | "min"
            | "sqrt" | "log" | "exp" | "abs" | "dot" | "isnan" | "nan" | "inf" | "pi" | "allclose" | "unique" | "sort"
            | "argsort" | "float32" | "float64" | "int64" | "int32" | "percentile" | "where" | "concatenate" | "eye"
            | "zeros_like" | "ones_like" | "full" | "vstack" | "hstack" | "stack" | "cumsum" | "diff" | "histogram"
            | "corrcoef" | "cov" | "polyfit" | "polyval" | "argmax" | "argmin" | "any" | "all" | "round" | "floor"
            | "ceil" | "power" | "maximum" | "minimum" | "clip" | "isclose" | "array_equal" | "tile" | "repeat"
            | "reshape" | "expand_dims" | "squeeze" | "meshgrid" | "bincount" | "searchsorted" | "quantile" | "var"
            | "prod" | "log2" | "log10" | "log1p" | "expm1" | "sin" | "cos" | "tan" | "arctan2" | "bool_" | "uint8"
            | "ndarray" | "newaxis" | "set_printoptions" | "identity" | "outer" | "matmul" | "transpose" | "ravel"
            | "asarray" | "cross" | "sign" | "isfinite" | "isinf" | "nanmean" | "count_nonzero" | "show_config" | "e"
            | "uint32" | "int8",
        )
        | ("torch", "tensor" | "zeros" | "ones" | "rand" | "randn" | "arange" | "float32" | "version")
        | ("torch.cuda", "is_available" | "device_count" | "get_device_name")
        | ("django", "get_version" | "VERSION")
        | ("inspect", "signature" | "getsource" | "getfile" | "getsourcefile" | "getdoc" | "isclass" | "isfunction") => {
            Known::Pure
        }
        ("ssl", "OPENSSL_VERSION" | "OPENSSL_VERSION_INFO" | "OPENSSL_VERSION_NUMBER" | "HAS_TLSv1_3")
        | ("logging", "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL")
        | ("argparse", "ArgumentParser" | "Namespace")
        | ("email.utils", "formatdate" | "parseaddr" | "format_datetime" | "parsedate_to_datetime" | "localtime") => {
            Known::Pure
        }
        ("email", "utils") => Known::Module("email.utils"),
        ("importlib", "util") => Known::Module("importlib.util"),
        ("torch", "cuda") => Known::Module("torch.cuda"),
        ("matplotlib", "pyplot") => Known::Module("matplotlib.pyplot"),
        ("matplotlib", "use")
        | (
            "matplotlib.pyplot",
            "figure" | "subplots" | "subplot" | "plot" | "scatter" | "bar" | "barh" | "hist" | "title" | "xlabel"
            | "ylabel" | "legend" | "grid" | "tight_layout" | "close" | "show" | "xticks" | "yticks" | "xlim" | "ylim"
            | "axhline" | "axvline" | "imshow" | "colorbar" | "boxplot" | "pie" | "text" | "gca" | "gcf",
        ) => Known::Pure,
        ("matplotlib.pyplot", "savefig") => Known::Call(Writes),
        ("pyarrow", "parquet") => Known::Module("pyarrow.parquet"),
        ("numpy", "load" | "loadtxt" | "genfromtxt") => Known::Call(Reads),
        ("numpy", "savetxt" | "save") => Known::Call(Writes),
        ("numpy", "fft") => Known::Module("numpy.fft"),
        ("numpy", "testing") => Known::Module("numpy.testing"),
        ("numpy", attribute)
            if has(
                " einsum finfo iinfo argwhere nonzero isin intersect1d setdiff1d union1d digitize gradient interp convolve cumprod flip roll split pad lexsort ptp \
                 average nanstd nanmax nanmin nansum nanmedian mod radians degrees hypot sinh cosh tanh arcsin arccos arctan logspace geomspace full_like empty \
                 empty_like triu tril diag kron trace broadcast_to atleast_2d column_stack int16 uint16 uint64 float16 complex64 complex128 datetime64 \
                 timedelta64 size ndim shape inner vdot take swapaxes moveaxis fliplr flipud rot90 nan_to_num logical_and logical_or logical_not correlate \
                 histogram2d select floating integer number generic array_split apply_along_axis vectorize ",
                attribute,
            ) =>
        {
            Known::Pure
        }
        ("numpy", "random") => Known::Module("numpy.random"),
        ("numpy", "linalg") => Known::Module("numpy.linalg"),
        (
            "numpy.random",
            "default_rng" | "seed" | "rand" | "randn" | "randint" | "random" | "normal" | "uniform" | "choice"
            | "shuffle" | "permutation" | "Generator",
        )
        | (
            "numpy.linalg",
            "norm" | "inv" | "det" | "eig" | "eigh" | "eigvals" | "svd" | "solve" | "matrix_rank" | "pinv" | "lstsq",
        )
        | (
            "asyncio",
            "run" | "sleep" | "gather" | "wait_for" | "create_task" | "Queue" | "Lock" | "Semaphore" | "TimeoutError"
            | "Event",
        )
        | ("concurrent.futures", "ThreadPoolExecutor" | "as_completed")
        | ("bs4", "BeautifulSoup")
        | ("logging", "getLogger" | "info" | "debug" | "warning" | "error")
        | ("socket", "gethostname") => Known::Pure,
        ("logging", "basicConfig") => Known::Call(Logs),
        ("concurrent", "futures") => Known::Module("concurrent.futures"),
        ("PIL", "Image") => Known::Module("PIL.Image"),
        ("matplotlib", "get_backend") => Known::Pure,
        ("glob", "escape") | ("io", "StringIO" | "BytesIO") | ("shlex", "split" | "quote" | "join") => Known::Pure,
        ("io" | "gzip" | "codecs" | "tarfile" | "tokenize", "open") | ("zipfile", "ZipFile") => Known::Call(Open),
        ("zipfile", "is_zipfile") | ("tarfile", "is_tarfile") | ("linecache", "getline" | "getlines") => {
            Known::Call(Reads)
        }
        ("codecs", "encode" | "lookup" | "BOM_UTF8")
        | ("dis", "dis" | "code_info")
        | ("pkgutil", "iter_modules")
        | ("mimetypes", "guess_type" | "guess_extension" | "types_map")
        | ("site", "getsitepackages" | "getusersitepackages" | "ENABLE_USER_SITE")
        | ("resource", "getrusage" | "getrlimit" | "RUSAGE_SELF" | "RLIMIT_NOFILE")
        | ("tokenize", "generate_tokens" | "tok_name" | "NAME" | "COMMENT" | "STRING" | "OP") => Known::Pure,
        ("urllib.request", "urlopen" | "urlretrieve") | ("requests" | "httpx", "get" | "head" | "options") => {
            Known::Call(Connects)
        }
        ("requests" | "httpx", "post" | "put" | "patch" | "delete" | "request") => Known::Call(Sends),
        ("toml" | "tomli", "loads" | "dumps") | ("tomli", "load") | ("certifi", "where") => Known::Pure,
        ("toml", "load") => Known::Call(Reads),
        ("yaml", "safe_load" | "safe_load_all" | "safe_dump" | "dump" | "YAMLError" | "SafeLoader") => Known::Pure,
        (
            "operator",
            "itemgetter" | "add" | "mul" | "sub" | "eq" | "lt" | "gt" | "xor" | "or_" | "and_" | "neg" | "not_",
        ) => Known::Pure,
        ("importlib.metadata", "version" | "distributions" | "metadata" | "requires" | "PackageNotFoundError") => {
            Known::Pure
        }
        ("xml.etree.ElementTree", "fromstring" | "tostring" | "indent" | "ParseError" | "Element" | "SubElement") => {
            Known::Pure
        }
        ("xml.etree.ElementTree", "parse" | "iterparse") => Known::Call(Reads),
        ("contextlib", "suppress" | "redirect_stdout" | "redirect_stderr" | "nullcontext") => Known::Pure,
        ("getpass", "getuser") | ("locale", "getlocale" | "getpreferredencoding" | "setlocale" | "LC_ALL") => {
            Known::Pure
        }
        ("errno", _)
        | ("types", "SimpleNamespace" | "MappingProxyType")
        | ("traceback", "print_exc" | "format_exc") => Known::Pure,
        ("warnings", "filterwarnings" | "simplefilter" | "warn") | ("tempfile", "gettempdir") => Known::Pure,
        (module, attribute) if PURE.contains(&module) && !NOT_PURE.contains(&attribute) => Known::Pure,
        _ => return None,
    };
    Some(found)
}

/// Builtins that reach beyond computing; the rest of the names compute or do not exist.
pub(super) fn builtin_is_barred(name: &[u8]) -> bool {
    matches!(
        name,
        b"exec"
            | b"eval"
            | b"compile"
            | b"getattr"
            | b"setattr"
            | b"delattr"
            | b"globals"
            | b"locals"
            | b"vars"
            | b"breakpoint"
            | b"help"
            | b"execfile"
            | b"reload"
            | b"file"
            | b"apply"
            | b"intern"
            | b"memoryview"
            | b"super"
            | b"raw_input"
            | b"license"
            | b"credits"
            | b"copyright"
    )
}

fn has(words: &str, name: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

/// Attributes that tables of pandas have beside those of plain values.
pub(super) fn table_attribute_is_plain(name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| {
        has(
            " str len contains extract extractall cat merge map drop shift diff where mask abs eq ne lt gt le ge equals compare at iat squeeze cummax cummin add_suffix \
              add_prefix first_valid_index nsmallest to_period isocalendar dayofweek day_name month_name quarter normalize floor ceil ",
            name,
        )
    })
}

/// Attributes that plain values, files, dates, matches and numbers have, none of which reaches beyond them.
pub(super) fn attribute_is_plain(name: &[u8]) -> bool {
    const PLAIN: &str = " add append appendleft as_integer_ratio as_posix as_tuple astimezone attrib bit_count bit_length buffer capitalize casefold center \
        clear close closed columns conjugate copy count ctime date day days decode default_factory default denominator dialect difference digest discard \
        elements encode end endswith errno exponential expandtabs extend extendleft fieldnames fileno find findall finditer flush fold format fromisoformat \
        fromkeys fromordinal fromtimestamp fullmatch get getvalue group groupdict groups hex hexdigest hour imag index insert int intersection is_dir isalnum \
        isalpha isascii isdecimal isdigit isdisjoint isidentifier islower isnumeric isoformat isocalendar isoweekday isprintable isspace issubset \
        issuperset istitle isupper items iter itertext join json keys lastgroup lastindex line_num lines ljust lower lstrip major match maketrans max maxlen \
        measure message micro microsecond microseconds min minor minute month most_common msg name netloc new next now numerator parent params parts \
        partition path pattern pop popitem popleft port pos query real read readable readline readlines reason release relative_to remove removeprefix \
        removesuffix replace returncode reverse rfind rindex rjust rotate rpartition rsplit rstrip scheme search second seconds seek setdefault size sort span spans \
        split splitlines start startswith status status_code stderr stdin stdout stem stop strftime string strip strptime subn sub substitute \
        suffix suffixes swapcase symmetric_difference system tag tail tell text time timestamp timetuple title today toordinal total total_seconds translate truncate \
        tzinfo union update upper utc utcnow utcoffset from_iterable value values weekday width writable write writelines writeheader writerow writerows year zfill fragment hostname username machine node processor \
        exists is_file is_absolute joinpath with_suffix with_name parents anchor drive root st_size st_mtime st_mode args combine safe_substitute bytes fields \
        version info mode width height urn head dtypes dtype describe shape value_counts groupby mean median std nunique isnull isna notna notnull \
        sort_values loc iloc to_string to_dict drop_duplicates dropna fillna astype reset_index set_index sample corr quantile duplicated T \
        cursor fetchone fetchall fetchmany rowcount is_private is_global compressed exploded num_addresses network_address hosts cache_info cache_clear \
        lineno col_offset end_lineno end_col_offset body orelse targets func id arg decorator_list returns bases keywords elts level names asname annotation \
        getroot findtext iterfind namelist infolist getinfo getnames getmembers file_size compress_size filename isfile isdir \
        reshape sum argmax argmin cumsum flatten tolist ndim itemsize nbytes all any item ravel transpose clip round prod var dot diagonal \
        unique nlargest nsmallest isin iterrows itertuples to_list idxmax idxmin cumcount ngroups pct_change empty \
        ratio quick_ratio get_opcodes get_matching_blocks get_grouped_opcodes quantize sqrt to_integral_value to_bytes from_bytes is_integer fromhex \
        parameters kind return_annotation static_order \
        utcfromtimestamp fromisocalendar utctimetuple \
        schema num_rows num_columns num_row_groups column_names metadata to_pandas to_pylist collect height \
        melt pivot pivot_table assign to_numpy sort_index rolling resample between dt cat rank mode explode \
        stack unstack squeeze cummax cummin first last nth add_prefix add_suffix to_frame get_group memory_usage select_dtypes \
        value_counts nrows ncols swaplevel droplevel droplevels rename_axis ffill bfill interpolate ewm expanding kurt skew mad sem \
        normal integers uniform choice shuffle permutation standard_normal poisson binomial swapaxes cumprod argsort ptp \
        add_argument parse_args parse_known_args add_argument_group set_defaults print_help format_help add_subparsers add_parser \
        plot scatter bar barh hist set_title set_xlabel set_ylabel legend grid tight_layout set_xlim set_ylim axhline axvline imshow boxplot \
        info debug warning error exception type \
        is_loopback is_multicast prefixlen netmask broadcast_address with_prefixlen supernet subnets overlaps subnet_of ";
    let Ok(name) = core::str::from_utf8(name) else { return false };
    PLAIN.split_ascii_whitespace().any(|known| known == name)
}
