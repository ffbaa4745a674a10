"""A disk of a few MiB, and a spool on it: run as a process of its own, since it mounts.

`python -m tests.edge_agent.small_disk FOLDER MIB STORY` plays one story on a fresh disk and prints what came
of it as JSON.
"""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

from contract import AccessPoint, Account
from edge_agent.spool import Spool

ROOT = Path(__file__).parents[2]
NOW = 1_790_000_000_000
ROUND = 40
rng = random.Random(4)  # noqa: S311 - the same story every time


class Story:
    """A spool, and an independent count of what was handed to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.offered = 0
        self.refused = 0
        self.open()

    def open(self) -> None:
        self.spool = Spool(self.folder / "spool.sqlite")

    def rounds(self, number: int) -> None:
        for _ in range(number):
            time = NOW + self.offered * 1000
            readings = [
                AccessPoint(time=time, ap=f"A{n}", state="up", name=f"{rng.getrandbits(600):x}")
                for n in range(ROUND)
            ]
            self.offered += ROUND
            try:
                self.spool.append(readings, now_ms=time)
            except (sqlite3.Error, OSError):
                self.refused += ROUND

    def fill(self, *, leave: int = 0) -> None:
        """Somebody else takes all of the disk but so many bytes."""
        file = os.open(self.folder / "others", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while _free(self.folder) > leave:
                os.write(file, os.urandom(4096))
        except OSError:
            pass  # full
        finally:
            os.close(file)

    def empty(self) -> None:
        (self.folder / "others").unlink()

    def acknowledge(self) -> int:
        with contextlib.suppress(sqlite3.Error):
            return self.spool.acknowledge(self.spool.epoch, [(1, 2**63 - 1)])
        return -1

    def account(self) -> Account:
        return self.spool.account()

    def told(self) -> dict[str, object]:
        account = self.account()
        numbers = {name: value or 0 for name, value in account.model_dump().items()}
        parts = ("acknowledged", "pending", "dropped", "untaken")
        return {
            **{name: numbers[name] for name in ("produced", *parts)},
            "offered": self.offered,
            "refused": self.refused,
            "room": numbers["spool_room_bytes"],
            "sum": sum(numbers[name] for name in parts),
        }


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def outgrown(story: Story) -> list[dict[str, object]]:
    """Far more than the disk holds; then the server confirms everything, and rounds go on."""
    story.rounds(600)
    full = story.told()
    story.acknowledge()
    confirmed = story.told()
    story.rounds(100)
    return [full, confirmed, story.told()]


def crowded_out(story: Story) -> list[dict[str, object]]:
    """Others take the disk while the server is away; it comes back while the disk is still full."""
    story.rounds(20)
    story.fill()
    story.rounds(50)
    full = story.told()
    story.acknowledge()
    confirmed = story.told()
    story.rounds(50)
    story.empty()
    story.rounds(20)
    return [full, confirmed, story.told()]


def restarted_full(story: Story) -> list[dict[str, object]]:
    """The gateway restarts on a full disk, and the server confirms what waited."""
    story.rounds(600)
    story.spool.close()
    story.fill()
    story.open()
    full = story.told()
    story.acknowledge()
    confirmed = story.told()
    story.rounds(20)
    return [full, confirmed, story.told()]


def nothing_left(story: Story) -> list[dict[str, object]]:
    """Not even the ballast is left: what cannot be taken is counted, also across a restart."""
    story.spool.close()
    story.fill()
    (story.folder / "spool.sqlite.ballast").unlink()
    story.fill()
    story.open()
    story.rounds(3)
    full = story.told()
    story.spool.close()
    story.empty()
    story.open()
    again = story.told()
    story.rounds(5)
    return [full, again, story.told()]


def play(folder: Path, mib: int, story: str) -> list[dict[str, int]]:
    """From a test: the story on a disk of its own, in a process of its own."""
    command = 'mount -t tmpfs -o size="$1"m disk "$2" && exec "$3" -m tests.edge_agent.small_disk "$2" "$4"'
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *user, "--mount", "sh", "-c", command, "sh", str(mib), folder, sys.executable, story],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, int]] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    stories = {told.__name__: told for told in (outgrown, crowded_out, restarted_full, nothing_left)}
    print(json.dumps(stories[sys.argv[2]](Story(Path(sys.argv[1])))))
