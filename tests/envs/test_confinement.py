"""Each layer of confinement, in a process that confines itself and then tries what it must not be able to do."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
LAYERS = {
    "limits": "limits.limit(2 << 30)",
    "privileges": "privileges.drop()",
    "landlock": "landlock.restrict(readable)",
    "seccomp": "seccomp.restrict(platform.machine())",
}
CHILD = """
import ctypes, fcntl, json, os, platform, resource, signal, socket, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
from envs.sandbox.confinement import confine, landlock, limits, privileges, seccomp
from envs.sandbox.confinement.kernel import prctl, syscall
{loading}
readable, attempts, parent = json.loads(sys.argv[2]), json.loads(sys.argv[3]), os.getppid()
answers, report = {{}}, {confining}
for name, code in attempts.items():
    try:
        answers[name] = "allowed: " + repr(eval(code))[:200]
    except Exception as error:
        answers[name] = f"{{type(error).__name__}}: {{error}}"[:200]
os.write(1, json.dumps([report, answers]).encode())
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
REFUSED = ("PermissionError", "OSError: [Errno 1]", "ValueError: not allowed")


def attempt(
    attempts: Mapping[str, str],
    readable: tuple[Path, ...] = (),
    confining: str = "confine(readable, 2 << 30, parent)",
    loading: str = "",
) -> tuple[object, dict[str, str]]:
    """What the layers report, and what came of each attempt (an expression) in a process confined like that."""
    code = CHILD.format(confining=confining, loading=loading)
    arguments = [str(ROOT), json.dumps([str(path) for path in readable]), json.dumps(attempts)]
    done = subprocess.run([sys.executable, "-I", "-c", code, *arguments], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    report, answers = json.loads(done.stdout)
    return report, answers


def refused(answers: Mapping[str, str]) -> dict[str, bool]:
    return {name: answer.startswith(REFUSED) for name, answer in answers.items()}


def all_refused(attempts: Mapping[str, str]) -> dict[str, bool]:
    return dict.fromkeys(attempts, True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "allowed.txt").write_text("for you")
    (tmp_path / "beside.txt").write_text("the canary")
    return tmp_path


def writing(folder: Path) -> dict[str, str]:
    allowed, there, new = (repr(str(folder / name)) for name in ("allowed.txt", "beside.txt", "new"))
    return {
        "write": f"open({there}, 'w')",
        "append": f"open({there}, 'a')",
        "update": f"open({allowed}, 'r+')",
        "create": f"open({new}, 'x')",
        "nameless": f"os.open({str(folder)!r}, os.O_TMPFILE | os.O_RDWR)",
        "truncate": f"os.truncate({there}, 0)",
        "rename": f"os.rename({there}, {new})",
        "unlink": f"os.unlink({there})",
        "mkdir": f"os.mkdir({new})",
        "link": f"os.link({there}, {new})",
        "symlink": f"os.symlink({there}, {new})",
        "fifo": f"os.mkfifo({new})",
    }


CHANGING = {"chmod": "os.chmod({}, 0o777)", "utime": "os.utime({})", "xattr": "os.setxattr({}, 'user.a', b'b')"}
PROCESSES = {
    "fork": "os.fork()",
    "exec": "os.execv('/bin/true', ['true'])",
    "subprocess": "subprocess.run(['/bin/true'])",
    "kill the parent": "os.kill(parent, 0)",
    "kill the group": "os.kill(0, 0)",
    "a signal from a descriptor": "fcntl.fcntl(0, fcntl.F_SETOWN, parent)",
    "slow the parent": "os.setpriority(os.PRIO_PROCESS, parent, 19)",
    "limit the parent": "resource.prlimit(parent, resource.RLIMIT_NOFILE, (8, 8))",
    "a session": "os.setsid()",
    "outlive the parent": "prctl(1, 0)",
    "be dumpable again": "prctl(4, 1)",
    "openat2": "syscall(437, -100, b'/etc/passwd', bytes(24), 24)",
}
NETWORK = {
    "tcp": "socket.socket()",
    "unix": "socket.socket(socket.AF_UNIX)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "pair": "socket.socketpair()",
}


def test_every_layer_is_on_here() -> None:
    assert attempt({})[0] == dict.fromkeys(LAYERS, "on")


def test_only_the_allowed_file_is_read_and_nothing_beside_it(folder: Path) -> None:
    attempts = {
        "beside": f"open({str(folder / 'beside.txt')!r}).read()",
        "folder": f"os.listdir({str(folder)!r})",
        "passwd": "open('/etc/passwd').read()",
        "environment": "open('/proc/self/environ').read()",
        "parent": "open(f'/proc/{parent}/environ').read()",
        "checkout": f"open({str(ROOT / 'pyproject.toml')!r}).read()",
    }
    allowed = {"allowed": f"open({str(folder / 'allowed.txt')!r}).read()"}
    _, answers = attempt(allowed | attempts, (folder / "allowed.txt",))
    assert answers.pop("allowed") == "allowed: 'for you'"
    assert refused(answers) == all_refused(attempts)
    assert refused(attempt(attempts, (folder,))[1]) == all_refused(attempts), "a folder is no file"


def test_nothing_is_written_anywhere(folder: Path) -> None:
    attempts = writing(folder) | {
        name: code.format(repr(str(folder / "beside.txt"))) for name, code in CHANGING.items()
    }
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert refused(attempt(attempts, (folder / "allowed.txt",))[1]) == all_refused(attempts)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_no_socket_no_process_no_signal() -> None:
    attempts = NETWORK | PROCESSES
    _, answers = attempt(attempts)
    assert answers.pop("openat2").startswith("OSError: [Errno 38]")
    attempts.pop("openat2")
    assert refused(answers) == all_refused(attempts)


def test_too_much_memory_is_an_error_and_not_the_end() -> None:
    _, answers = attempt({"much": "len(bytearray(3 << 30))", "little": "len(bytearray(1 << 20))"})
    assert answers == {"much": "MemoryError: ", "little": "allowed: 1048576"}


def test_limits_do_not_come_up_again() -> None:
    attempts = {
        "memory": "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))",
        "files": "resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))",
    }
    assert refused(attempt(attempts)[1]) == all_refused(attempts)


def test_python_goes_on_working() -> None:
    _, answers = attempt({
        "thread": "[t := threading.Thread(target=print), t.start(), t.join()] and 'ended'",
        "standard library": "__import__('xml.dom.minidom').dom.minidom.parseString('<a/>').toxml()",
        "site-packages": "__import__('sqlglot').parse_one('SELECT 1', read='duckdb').sql()",
        "a module of ours": "__import__('envs.gate').gate.CHARACTERS",
        "time zone": "str(__import__('zoneinfo').ZoneInfo('Europe/Berlin'))",
        "random": "len(os.urandom(8))",
        "own signal": "os.kill(os.getpid(), 0)",
        "own limit": "resource.getrlimit(resource.RLIMIT_AS)",
    })  # fmt: skip
    assert all(answer.startswith("allowed: ") for answer in answers.values()), answers


def test_both_engines_work_inside(tmp_path: Path) -> None:
    duck, lite, beside = (tmp_path / name for name in ("a.duckdb", "a.sqlite", "b.sqlite"))
    with duckdb.connect(str(duck)) as file:
        file.execute("CREATE TABLE t AS SELECT 42 AS x")
    for path in (lite, beside):
        code = "import apsw, sys; apsw.Connection(sys.argv[1]).execute('CREATE TABLE t AS SELECT 42 AS x')"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    opened = "apsw.Connection('file:{}?mode=ro&immutable=1', flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)"
    _, answers = attempt(
        {
            "sqlite": opened.format(lite) + ".execute('SELECT x FROM t').fetchall()",
            "duckdb": "duckdb.connect(':memory:', config={'threads': 1}).execute('SELECT 42').fetchall()",
            "duckdb file": f"duckdb.connect({str(duck)!r}, read_only=True).execute('SELECT x FROM t').fetchall()",
            "beside": opened.format(beside),
        },
        (lite, duck),
        loading="import apsw, duckdb",
    )
    assert answers.pop("beside").startswith("CantOpenError")
    assert answers == dict.fromkeys(answers, "allowed: [(42,)]")


def test_landlock_alone_keeps_files_shut(folder: Path) -> None:
    beside = {"read": f"open({str(folder / 'beside.txt')!r}).read()", "list": f"os.listdir({str(folder)!r})"}
    attempts = writing(folder) | beside
    assert refused(attempt(attempts, confining=LAYERS["landlock"])[1]) == all_refused(attempts)
    assert not any(refused(attempt(beside, confining=LAYERS["seccomp"])[1]).values()), "else this test proves nothing"


def test_seccomp_alone_stops_writing_sockets_processes_and_signals(folder: Path) -> None:
    attempts = writing(folder) | NETWORK | PROCESSES
    attempts.pop("openat2")
    assert refused(attempt(attempts, confining=LAYERS["seccomp"])[1]) == all_refused(attempts)


def test_limits_alone_stop_memory_and_growing_files(folder: Path) -> None:
    growing = f"os.write(os.open({str(folder / 'beside.txt')!r}, os.O_WRONLY | os.O_APPEND), b'more')"
    _, answers = attempt({"memory": "len(bytearray(3 << 30))", "file": growing}, confining=LAYERS["limits"])
    assert answers == {"memory": "MemoryError: ", "file": "OSError: [Errno 27] File too large"}
    assert (folder / "beside.txt").read_text() == "the canary"


def test_privileges_alone_leave_no_capability_and_no_core() -> None:
    told = "[line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapEff', 'NoNewPrivs'))]"
    _, answers = attempt({"status": told, "dumpable": "ctypes.CDLL(None).prctl(3)"}, confining=LAYERS["privileges"])
    assert answers["status"] in ("allowed: ['0000000000000000', '1']", "allowed: ['0000000000000004', '1']")
    assert answers["dumpable"] == "allowed: 0"


def test_a_process_whose_parent_is_gone_ends_instead_of_being_confined() -> None:
    code = CHILD.format(confining="confine(readable, 2 << 30, parent + 1)", loading="")
    done = subprocess.run([sys.executable, "-I", "-c", code, str(ROOT), "[]", "{}"], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_layer_that_fails_says_so_in_words_and_the_rest_hold() -> None:
    fork = {"fork": "os.fork() or os._exit(0)", "memory": "len(bytearray(3 << 30))", "passwd": "open('/etc/passwd')"}
    report, answers = attempt(fork, confining="confine(readable, 2 << 30, machine='vax')")
    assert isinstance(report, dict)
    assert "on vax are not listed, only those on x86_64 and aarch64" in report.pop("seccomp")
    assert report == {"limits": "on", "privileges": "on", "landlock": "on"}
    assert [answer.split(":")[0] for answer in answers.values()] == ["allowed", "MemoryError", "PermissionError"]


def test_the_numbers_of_system_calls_are_those_of_the_kernel_headers() -> None:
    from envs.sandbox.confinement import syscalls

    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.is_file():
        pytest.skip(f"{header} is not installed")
    told = dict(line.split()[1:3] for line in header.read_text().splitlines() if line.startswith("#define __NR_"))
    for table in (syscalls.NETWORK, syscalls.FILES, syscalls.PROCESSES, syscalls.KERNEL, syscalls.JUDGED):
        ours = syscalls.numbers(table, "x86_64")
        assert ours == {name: int(told[f"__NR_{name}"]) for name in ours}


def decided(machine: str, name: str, *arguments: int, architecture: int | None = None) -> str:
    """What the filter for process 77 of that machine says to a call: the program run as the kernel would."""
    from envs.sandbox.confinement import seccomp, syscalls

    tables = (syscalls.NETWORK, syscalls.FILES, syscalls.PROCESSES, syscalls.KERNEL, syscalls.JUDGED)
    known = {name: number for table in tables for name, number in syscalls.numbers(table, machine).items()}
    number = int(name) if name.isdigit() else known[name]
    architecture = syscalls.ARCHITECTURES[machine] if architecture is None else architecture
    words = [number, architecture, 0, 0, *(word for one in arguments for word in (one & 0xFFFFFFFF, one >> 32))]
    words += [0] * (16 - len(words))
    program, at, value = seccomp.program(machine, 77), 0, 0
    tests = {
        seccomp.JUMP_EQUAL: lambda k: value == k,
        seccomp.JUMP_GREATER: lambda k: value > k,
        seccomp.JUMP_SET: lambda k: bool(value & k),
    }
    while True:
        code, true, false, constant = program[at]
        at += 1
        if code == seccomp.RETURN:
            return {seccomp.ALLOW: "allow", seccomp.KILL: "kill"}.get(constant, f"errno {constant & 0xFFFF}")
        if code == seccomp.LOAD:
            value = words[constant // 4]
        else:
            at += true if tests[code](constant) else false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("openat", (0, 0, 0), "allow"),
        ("openat", (0, 0, 0o2), "errno 1"),
        ("openat", (0, 0, 0o100), "errno 1"),
        ("clone", (0x3D0F00,), "allow"),
        ("clone", (0x11,), "errno 1"),
        ("clone", (0x3D0F00 | 0x10000000,), "errno 1"),
        ("clone3", (), "errno 38"),
        ("kill", (77,), "allow"),
        ("kill", (78,), "errno 1"),
        ("tgkill", (1,), "errno 1"),
        ("prlimit64", (0, 9, 0), "allow"),
        ("prlimit64", (77, 9, 0), "allow"),
        ("prlimit64", (0, 0, 1 << 32), "allow"),
        ("prlimit64", (0, 9, 1 << 32), "errno 1"),
        ("prlimit64", (0, 9, 1), "errno 1"),
        ("prlimit64", (1, 0, 0), "errno 1"),
        ("prctl", (15,), "allow"),
        ("prctl", (0x59616D61,), "errno 1"),
        ("fcntl", (0, 1), "allow"),
        ("fcntl", (0, 10), "errno 1"),
        ("ioctl", (0, 0x5401), "allow"),
        ("ioctl", (0, 0x5412), "errno 1"),
        ("ioctl", (0, 0x8902), "errno 1"),
        ("sendto", (3, 0, 0, 0, 0), "allow"),
        ("sendto", (3, 0, 0, 0, 1 << 32), "errno 1"),
        ("socket", (), "errno 1"),
        ("451", (), "errno 38"),
        (str(0x40000000), (), "errno 38"),
    ],
)
def test_the_filter_looks_at_arguments_on_both_processors(
    machine: str, name: str, arguments: tuple[int, ...], answer: str
) -> None:
    assert decided(machine, name, *arguments) == answer
    assert decided(machine, name, *arguments, architecture=0x40000003) == "kill", "a 32-bit call"
