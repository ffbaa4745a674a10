"""Work in a process of its own gives its answer or its error, and never outlives who asked."""

import contextlib
import fcntl
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from runtime import ConfigError
from runtime.apart import Ended, run_apart
from runtime.language import Text

SAID = Text("不行", "no")


def refusing() -> None:
    print("what the work prints is no answer")
    raise ConfigError(SAID)


def sleeping(path: Path) -> None:
    """Holds the file locked as long as it lives; a process that nobody buried holds none."""
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("begun")
        held.flush()
        time.sleep(600)


def ended(path: Path) -> bool:
    with path.open("a") as free:
        try:
            fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def begun(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


def wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(1200):
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_it_gives_what_the_work_gives_in_another_process() -> None:
    child, total = run_apart(os.getpid), run_apart(partial(sum, range(1000)))
    assert child != os.getpid()
    assert total == 499_500


def test_a_program_that_has_many_files_open_gets_its_answer() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2000, hard), hard))
    try:
        with contextlib.ExitStack() as held:
            for _ in range(1100):
                held.enter_context(Path(os.devnull).open())
            assert run_apart(partial(sum, range(10))) == 45
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_an_error_that_a_user_can_mend_comes_back_in_both_languages() -> None:
    with pytest.raises(ConfigError) as told:
        run_apart(refusing)
    assert told.value.args == (SAID,)


def test_what_needs_too_much_memory_is_told() -> None:
    with pytest.raises(Ended, match="内存"):
        run_apart(partial(bytes, 2**31), memory_bytes=2**29)


def test_what_is_killed_is_told() -> None:
    with pytest.raises(Ended, match="未完成"):
        run_apart(partial(os._exit, 9))


def test_what_takes_too_long_and_what_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    late, left = tmp_path / "late", tmp_path / "left"
    with pytest.raises(Ended, match="用时"):
        run_apart(partial(sleeping, late), patience_s=0.0)
    with pytest.raises(Ended, match="结束"):
        run_apart(partial(sleeping, left), stopped=lambda: begun(left))
    assert ended(left)


def test_it_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "child"
    asking = f"""
from functools import partial
from pathlib import Path
from runtime.apart import run_apart
from tests.runtime.test_apart import sleeping
run_apart(partial(sleeping, Path({str(path)!r})))
"""
    parent = subprocess.Popen([sys.executable, "-c", asking], env={**os.environ, "PYTHONPATH": os.getcwd()})
    try:
        wait_for(lambda: begun(path))
    finally:
        parent.kill()
        parent.wait()
    wait_for(lambda: ended(path))
