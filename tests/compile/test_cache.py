"""The cache of compiled programs under faults: processes that write at once or are killed, damaged files, folders that cannot be written, a full
disk, clearing while in use.

What a process does to the cache it does in a process of its own (`work`), which compiles some numbered programs, checks their results, and says what
it met.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fgrad
from fgrad.compile import cache

pytestmark = pytest.mark.skipif(os.name == "nt", reason="file permissions, limits and signals are POSIX")

WORK = """
import json, sys, warnings
import numpy as np, fgrad

def program(k):
    # as many products: each number has machine code of its own
    def f(x):
        y = np.tanh(x)
        for _ in range(k):
            y = y * x + x
        return y
    return f

def use(numbers):
    x = np.linspace(-0.9, 0.9, 7)
    for k in numbers:
        np.testing.assert_allclose(fgrad.jit(program(k))(x), program(k)(x), rtol=1e-12)
"""
MAIN = """
exec(sys.argv[2])
done = fgrad.cache.stats()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    use(json.loads(sys.argv[1]))
stats = fgrad.cache.stats()
stats.update({k: stats[k] - done[k] for k in ("compiled", "loaded")})
print(json.dumps({"warnings": [str(w.message) for w in caught], **stats}))
"""


def start(folder: Path, numbers: list[int], before: str = "", **env: str) -> subprocess.Popen:
    """A process that uses these programs; `before` is run there first."""
    return subprocess.Popen(
        [sys.executable, "-c", WORK + MAIN, json.dumps(numbers), before],
        env={**os.environ, "FGRAD_COMPILE": "1", "FGRAD_CHECK": "0", "FGRAD_CACHE_DIR": str(folder), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen) -> dict[str, Any]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def work(folder: Path, numbers: list[int], before: str = "", **env: str) -> dict[str, Any]:
    return finished(start(folder, numbers, before, **env))


DROP_RIGHTS = """
import os
folder = os.environ.pop("FGRAD_CACHE_DIR")
os.environ["FGRAD_CACHE_DIR"] = os.devnull + "/cache"
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    use([30])  # everything is imported now; Python itself may lie where only root reads
fgrad.compile.cache._warned.clear()
os.environ["FGRAD_CACHE_DIR"] = folder
os.geteuid() or os.setresuid(65534, 65534, 65534)
"""
"""Files are open to root whatever their permissions are, so what needs permissions goes on as somebody else. (The function that calls programs is
loaded by then.)"""


def objects(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.o"))


def assert_whole(folder: Path) -> None:
    """Every object file is what its checksum says."""
    for path in objects(folder):
        whole = path.read_bytes()
        assert cache._digest(whole[32:]) == whole[:32], path


# -- several processes


def test_eight_processes_write_at_once(tmp_path):
    """The same programs and different ones into an empty cache; then there is nothing left to compile."""
    folder = tmp_path / "new" / "cache"
    for found in map(finished, [start(folder, [0, 1, 2 + k % 4]) for k in range(8)]):
        assert found["warnings"] == []
        assert found["loaded"] == 4  # the programs, and the function that calls programs
    assert len(objects(folder)) == 7
    assert list(folder.glob("*.part")) == []
    assert_whole(folder)
    assert work(folder, [0, 1, 2, 3, 4, 5])["compiled"] == 0


def test_processes_killed_while_they_compile(tmp_path, monkeypatch):
    """Whatever a killed process leaves, later ones compile what is missing and read nothing that is not whole."""
    script = (
        WORK
        + """
import os, random, signal, time
from fgrad.compile import cache
r = random.Random(0)
for n in range(15):
    child = os.fork()
    if not child:
        if n % 3:  # most in the middle of compiling, some in the middle of writing
            use(range(4))
        while True:
            cache.object_code(f"large{r.randrange(3)}", lambda: b"x" * 3_000_000)
            for k in range(3):
                try: os.remove(os.path.join(cache.folder(), f"large{k}.o"))
                except OSError: pass
    time.sleep(r.uniform(0.01, 0.25 if n % 3 else 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
    )
    env = {**os.environ, "FGRAD_COMPILE": "1", "FGRAD_CHECK": "0", "FGRAD_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=env, check=True, timeout=120)
    assert_whole(tmp_path)
    found = work(tmp_path, [0, 1, 2, 3])
    assert found["warnings"] == []
    assert_whole(tmp_path)
    assert work(tmp_path, [0, 1, 2, 3])["compiled"] == 0
    monkeypatch.setenv("FGRAD_CACHE_DIR", str(tmp_path))
    fgrad.cache.clear()
    assert list(tmp_path.iterdir()) == []  # what was written in part goes too


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user may read and write (pytest's own are for one)."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)
        Path(name).chmod(0o777)


# -- damaged files


def damage(path: Path, how: str) -> None:
    whole = path.read_bytes()
    path.unlink()
    match how:
        case "truncated":
            path.write_bytes(whole[: len(whole) // 2])
        case "empty":
            path.write_bytes(b"")
        case "short":
            path.write_bytes(whole[:31])
        case "garbage":
            path.write_bytes(bytes(range(256)) * 20)
        case "one bit":
            path.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
        case "longer":
            path.write_bytes(whole + b"\0")
        case "a link to nothing":
            path.symlink_to(path.parent / "nowhere" / "else")
        case "a link to itself":
            path.symlink_to(path)
        case "of another program":
            other = next(p for p in objects(path.parent) if p != path)
            path.write_bytes(other.read_bytes()[:-1])


def test_damaged_files_are_compiled_again(tmp_path):
    """One file for each kind of damage, all at once."""
    kinds = ["truncated", "empty", "short", "garbage", "one bit", "longer", "a link to nothing", "a link to itself", "of another program"]
    numbers = list(range(len(kinds) - 1))
    work(tmp_path, numbers)
    for path, how in zip(objects(tmp_path), kinds, strict=True):
        damage(path, how)
    found = work(tmp_path, numbers)
    assert (found["warnings"], found["compiled"]) == ([], len(kinds))
    assert_whole(tmp_path)
    assert work(tmp_path, numbers)["compiled"] == 0


def test_a_folder_in_place_of_a_file(tmp_path):
    """What cannot be replaced is said once, and the program runs."""
    work(tmp_path, [0, 1])
    for path in objects(tmp_path):
        path.unlink()
        path.mkdir()
        (path / "inside").mkdir()
    found = work(tmp_path, [0, 1])
    assert found["compiled"] == 3
    assert len(found["warnings"]) == 1
    assert "cannot be written" in found["warnings"][0]


def test_files_that_may_not_be_read(open_to_all):
    tmp_path = open_to_all
    work(tmp_path, [0])
    for path in objects(tmp_path):
        path.chmod(0)
    found = work(tmp_path, [0], DROP_RIGHTS)
    assert (found["warnings"], found["compiled"]) == ([], 1)  # compiled again, and replaced


# -- folders that cannot be written


def test_a_folder_that_may_only_be_read(open_to_all):
    """What is in it is used; what is not is compiled, with one warning."""
    work(open_to_all, [0, 1])
    open_to_all.chmod(0o555)
    found = work(open_to_all, [0, 1], DROP_RIGHTS)
    assert (found["warnings"], found["compiled"]) == ([], 0)
    found = work(open_to_all, [0, 1, 2, 3, 4], DROP_RIGHTS)
    assert found["compiled"] == 3
    assert len(found["warnings"]) == 1
    assert "Permission denied" in found["warnings"][0]
    found = work(open_to_all / "new", [0, 1], DROP_RIGHTS)
    assert (len(found["warnings"]), found["compiled"], found["on_disk"]) == (1, 2, 0)


@pytest.mark.parametrize(
    "before",
    [
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))",  # the file is written in part
        # a disk that is full when the file is closed, as network disks are
        "import os; from fgrad.compile import cache; r = os.replace\ndef full(*_): raise OSError(28, 'No space left on device')\nos.replace = full",
    ],
    ids=["in the middle", "at the end"],
)
def test_a_full_disk(tmp_path, before):
    found = work(tmp_path, [0, 1, 2], before)
    assert found["compiled"] == 4
    assert len(found["warnings"]) == 1
    assert "programs are compiled in each process" in found["warnings"][0]
    assert list(tmp_path.iterdir()) == []  # nothing half written is left


# -- size


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this process in an empty folder."""
    monkeypatch.setenv("FGRAD_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cache, "_unmeasured", [0])
    monkeypatch.setattr(cache, "_warned", [])
    return tmp_path


def put(name: str, size: int = 1000) -> bytes:
    return cache.object_code(name, lambda: name.encode().ljust(size, b"."))


def test_the_limit_is_kept_and_what_is_used_stays(here, monkeypatch):
    monkeypatch.setenv("FGRAD_CACHE_LIMIT", "20000")
    put("kept")
    (here / "killed.o.1.2.part").write_bytes(bytes(1000))  # left by a killed process: the oldest of all
    for path in here.iterdir():
        os.utime(path, (1, 1))
    for n in range(100):
        assert put("kept").startswith(b"kept")
        put(f"p{n}")
        total = sum(p.stat().st_size for p in here.iterdir())
        assert total <= 20000 + 8 * 1032  # measured at every eighth write
    left = {p.stem for p in objects(here)}
    assert "kept" in left
    assert {f"p{n}" for n in range(90, 100)} <= left
    assert not list(here.glob("*.part"))
    compiled = cache.stats()["compiled"]
    put("p99")
    put("kept")
    assert cache.stats()["compiled"] == compiled


def test_other_files_are_left_alone(here, monkeypatch):
    monkeypatch.setenv("FGRAD_CACHE_LIMIT", "3000")
    (here / "notes.txt").write_bytes(bytes(10_000))
    for n in range(20):
        put(f"q{n}")
    fgrad.cache.clear()
    assert [p.name for p in here.iterdir()] == ["notes.txt"]


def test_a_program_larger_than_the_limit_runs(tmp_path):
    found = work(tmp_path, [0, 1], FGRAD_CACHE_LIMIT="10")
    assert (found["warnings"], found["compiled"]) == ([], 3)


def test_a_limit_that_is_no_number(tmp_path):
    found = work(tmp_path, [0], FGRAD_CACHE_LIMIT="512M")
    assert found["compiled"] == 2
    assert len(found["warnings"]) == 1
    assert "FGRAD_CACHE_LIMIT" in found["warnings"][0]


def test_threads_that_write_one_file(here):
    """The partly written files of two threads are two."""
    start = threading.Barrier(8)

    def one(k: int) -> bytes:
        start.wait()
        return cache.object_code("shared", lambda: b"y" * 100_000)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(8))) == {b"y" * 100_000}
    assert [p.name for p in here.iterdir()] == ["shared.o"]
    assert_whole(here)


# -- clear and stats


def test_clearing_while_programs_are_in_use(here):
    """Programs that were compiled go on running; others are compiled again."""
    x = np.linspace(0.0, 1.0, 50)
    stop = threading.Event()
    calls = [0, 0]

    def use(who: int) -> None:
        f = fgrad.jit(lambda x: np.sin(x) * (who + 0.25) + x)
        while not stop.is_set():
            np.testing.assert_allclose(f(x), np.sin(x) * (who + 0.25) + x, rtol=1e-14)
            calls[who] += 1

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(use, who) for who in range(2)]
        try:
            for k in range(6):
                np.testing.assert_allclose(fgrad.jit(lambda x: np.cos(x) + x**2)(x), np.cos(x) + x**2, rtol=1e-14)
                fgrad.cache.clear()
                assert not objects(here) or k == 0
        finally:
            stop.set()
        for done in running:
            done.result()
    assert min(calls) > 0


def test_stats(here):
    assert cache.stats()["folder"] == str(here)
    before = cache.stats()
    for name, size in (("a", 500), ("a", 500), ("b", 700)):
        put(name, size)
    after = cache.stats()
    assert (after["on_disk"], after["bytes"]) == (2, 500 + 700 + 2 * 32)
    assert after["compiled"] - before["compiled"] == 2
    os.environ["FGRAD_CACHE_DIR"] = str(here / "none")  # put back with the rest
    assert (cache.stats()["on_disk"], cache.stats()["bytes"]) == (0, 0)
    fgrad.cache.clear()


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("FGRAD_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == str(tmp_path / "fgrad")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder() == str(tmp_path / ".cache" / "fgrad")


def test_the_key_tells_machines_and_texts_apart():
    assert len({cache.key(m, t) for m in ("a", "b", "") for t in ("a", "b", "")}) == 9


def test_one_warning(here):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (here / "file").write_text("")
        os.environ["FGRAD_CACHE_DIR"] = str(here / "file" / "cache")
        for n in range(5):
            put(f"r{n}")
    assert [str(w.message).partition(" (")[0] for w in caught] == [
        f"fgrad: the cache of compiled programs {here / 'file' / 'cache'} cannot be written"
    ]
