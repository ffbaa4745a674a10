"""A command that a signal breaks off: nothing half-written stays, and one line is said."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from campus.commands.writing import write_file

# What a command is to `breaking_off`: something begun that must be taken back, and a child in foreign code.
_COMMAND = """
import os, signal, sys, time
from pathlib import Path
from campus.breaking_off import breaking_off

part = Path(sys.argv[1])
with breaking_off():
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(there, b"ready")  # until then what it has of its parent is still being taken from it
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            os._exit(1)
        time.sleep(60)
        os._exit(2)
    try:
        part.write_text("half")
        os.read(here, 5)
        print("begun", flush=True)
        time.sleep(60)
    finally:
        part.unlink()
        os.kill(child, signal.SIGTERM)
        print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "已中断"), (signal.SIGTERM, -signal.SIGTERM, "已终止")],
)
def test_what_a_command_has_begun_is_taken_back(
    sent: signal.Signals, code: int, said: str, tmp_path: Path
) -> None:
    part = tmp_path / "x.part"
    program = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(part)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever starts us may have it ignored, which is handed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert program.stdout is not None
    begun = program.stdout.readline()
    program.send_signal(sent)
    out, err = program.communicate(timeout=60)
    assert ("begun\n", f"child {-signal.SIGTERM}\n", f"campus: {said}\n", code, False) == (
        begun,
        out,
        err,
        program.returncode,
        part.exists(),
    )


def test_a_file_that_was_being_written_is_not_left_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(part: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", broken_off)
    with pytest.raises(KeyboardInterrupt):
        write_file("--out", tmp_path / "plan.xlsx", b"whole")
    assert [] == list(tmp_path.iterdir())


def test_the_exit_code_of_a_command_is_left_alone(tmp_path: Path) -> None:
    """The end of the input where a question was asked is an interruption, and no traceback."""
    config = tmp_path / "board.toml"
    (tmp_path / "registry").mkdir()
    config.write_text(
        f'store = "sqlite:///{tmp_path}/r.sqlite"\nregistry = "registry"\n[access]\naccounts = "a.sqlite"\n',
        encoding="utf-8",
    )
    asked = [sys.executable, "-m", "campus.main", "board", "user"]
    ended = [
        subprocess.run(
            [*asked, *arguments, "--config", str(config)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        for arguments in (["list"], ["add", "wang", "--role", "bureau"], ["add", "wang", "--role", "king"])
    ]
    assert [0, 130, 2] == [program.returncode for program in ended]
    assert "Traceback" not in "".join(program.stderr for program in ended)
