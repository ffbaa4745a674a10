"""Trials of new settings that last: a program that blocks, devices that are off, a memory that is damaged."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract import Address
from tests.fleet.site import PATIENCE_S, Projector, Site, not_taken, projectors, runs, settings_of, site
from tests.trust.town import Town

NUMBERS = count(2112000801)
BLOCKED_S = 5


@pytest.fixture
def school(town: Town, tmp_path: Path) -> Iterator[Site]:
    with site(town, Address("120116", str(next(NUMBERS)), "gw1"), tmp_path) as made:
        made.enrol()
        yield made


def block(school: Site) -> int:
    """Let the process stand still until it has ended of it; the code with which it did."""
    assert school.process is not None
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        school.process.send_signal(signal.SIGSTOP)
        time.sleep(BLOCKED_S + 1)
        school.process.send_signal(signal.SIGCONT)
        # Both its watch and its work wake up now, and its work may be the faster.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return school.process.wait(timeout=3)
    raise AssertionError((school.folder / "log").read_text()[-4000:])


def test_a_program_that_blocks_with_new_settings_ends_and_has_the_old_ones_again(school: Site) -> None:
    with Projector() as projector:
        school.configure(projector.port, fleet=f"rounds = 20\nblocked_s = {BLOCKED_S}")
        school.start()
        school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
        school.want(1, settings_of(30), projectors(projector.port))
        school.until(runs(1, trial=True))
        assert 1 == block(school)
        school.start()
        assert runs(0)(school.until(not_taken(1, "rolled_back", "fleet.blocked")))
        # Where it stood is in the log, and it is not tried again.
        assert "the program had blocked" in (school.folder / "log").read_text()
        school.end()
        school.start()
        assert runs(0)(school.until(lambda status: status.online))


@pytest.mark.parametrize(("right", "code"), [("old", "fleet.outdone"), ("new", None)])
def test_settings_sent_while_devices_are_off_are_on_trial_until_these_are_on(
    school: Site, right: str, code: str | None
) -> None:
    with Projector(on=False) as old, Projector(on=False) as new:
        school.configure(old.port, fleet="rounds = 1\ncompare_interval_s = 0.5")
        school.start()
        school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
        school.want(1, settings_of(0.4), projectors(new.port))
        status = school.until(lambda status: status.settings and status.settings.unproven)
        assert status.settings
        assert (True, ("displays",)) == (status.settings.trial, status.settings.unproven)

        # A restart meanwhile is no fault of theirs.
        for _ in range(2):
            school.end(kill=True)
            school.start()
            school.until(lambda status: status.settings and status.settings.unproven)

        (old if right == "old" else new).switch_on()
        if code is None:
            status = school.until(runs(1))
            assert status.settings
            assert (None, None) == (status.settings.unproven, status.settings.not_taken)
        else:
            assert runs(0)(school.until(not_taken(1, "rolled_back", code)))


def test_an_old_version_is_refused_also_after_the_memory_was_damaged(school: Site) -> None:
    with Projector() as projector:
        school.configure(projector.port)
        school.start()
        school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
        files = projectors(projector.port)
        older = school.signed(school.wanted(4, settings_of(0.7), files))
        school.want(5, settings_of(0.4), files)
        school.until(runs(5))
        school.end()
        (school.folder / "spool.wanted" / "state.json").write_bytes(b'{"v":1,"addr')
        school.say(b"")  # the broker has nothing that could be said again
        school.start()
        school.until(not_taken(5, "rolled_back", "fleet.memory"))
        school.say(older)
        assert runs(0)(school.until(not_taken(4, "refused", "fleet.old")))
        school.want(5, settings_of(0.4), files)
        school.until(runs(5))
