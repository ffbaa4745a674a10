"""Settings from the bureau at a real gateway: taken, refused, taken back, and never anybody else's."""

import json
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from contract import Address, encode
from tests.fleet.site import PATIENCE_S, Projector, Site, not_taken, projectors, runs, settings_of, site
from tests.servers import free_port
from tests.trust.town import Town

# What was wanted of a gateway stays at the broker: each test has its own.
NUMBERS = count(2112000701)
KILLED = Address("120116", "2112000072", "gw1")
DAMAGED = Address("120116", "2112000073", "gw1")
CHECKED = Address("120116", "2112000074", "gw1")


@pytest.fixture
def projector() -> Iterator[Projector]:
    with Projector() as server:
        yield server


@pytest.fixture
def school(town: Town, projector: Projector, tmp_path: Path) -> Iterator[Site]:
    with site(town, Address("120116", str(next(NUMBERS)), "gw1"), tmp_path) as made:
        made.configure(projector.port)
        made.enrol()
        yield made


def test_new_settings_run_bad_ones_are_refused_and_what_breaks_comes_back(
    school: Site, projector: Projector
) -> None:
    school.start()
    school.until(lambda status: runs(0)(status) and {run.status for run in status.collectors} == {"ok"})

    school.want(1, settings_of(0.4), projectors(projector.port))
    status = school.until(runs(1))
    assert status.settings
    assert (1, "bureau", False, None) == (
        status.settings.wanted,
        status.settings.master,
        status.settings.changed_here,
        status.settings.not_taken,
    )

    # Nobody answers there: found out by the check, and nothing has run.
    school.want(2, settings_of(0.4), projectors(free_port()))
    status = school.until(not_taken(2, "refused", "fleet.check"))
    assert runs(1)(status)

    # Answers while it is tried and hangs up for good afterwards: found out by the trial.
    with Projector(most=1) as fickle:
        school.want(3, settings_of(0.4), projectors(fickle.port))
        assert school.until(not_taken(3, "rolled_back", "fleet.lost")).settings
        back = school.now(runs(1))
    assert back.settings
    assert back.settings.not_taken
    assert {"collectors": ("displays",), "rounds": 2} == back.settings.not_taken.args

    # The own file again, by the bureau's word.
    school.want(4, None)
    school.until(runs(4))
    account = school.now(lambda status: status.account).account
    assert account
    assert (0, 0) == (account.dropped, account.untaken or 0)


def test_what_is_not_the_bureaus_for_this_gateway_changes_nothing(school: Site, projector: Projector) -> None:
    school.start()
    school.until(runs(0))
    files = projectors(projector.port)
    good = school.signed(school.wanted(5, settings_of(), files))
    other = Address("120116", "2112000079", "gw1")
    moved = Site(school.town, other, school.folder, school.client)
    for payload in (
        encode(school.wanted(8, settings_of(), files)),
        good.replace(b'"version":5', b'"version":6'),
        moved.signed(moved.wanted(9, settings_of(), files)),
    ):
        school.say(payload)
        school.until(not_taken(0, "refused", "fleet.signature"))
        # One refusal is told once: the second status after it shows that this one was looked at, too.
        school.until(runs(0))
        school.until(runs(0))
    # Had one of them been taken, its number would stand against this.
    school.say(good)
    school.until(runs(5))
    school.want(4, settings_of(0.7), files)
    school.until(not_taken(4, "refused", "fleet.old"))
    school.want(5, settings_of(0.7), files)
    school.until(not_taken(5, "refused", "fleet.mixed"))
    assert runs(5)(school.until(lambda status: status.online))


def test_a_gateway_that_dies_twice_with_new_settings_has_the_old_ones_again(
    town: Town, projector: Projector, tmp_path: Path
) -> None:
    with site(town, KILLED, tmp_path) as school:
        # As many rounds as are never made here: the trial lasts until it is killed.
        school.configure(projector.port, fleet="rounds = 20")
        school.enrol()
        school.start()
        school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
        school.want(1, settings_of(30), projectors(projector.port))
        for _ in range(2):
            school.until(runs(1, trial=True))
            school.end(kill=True)
            school.start()
        status = school.until(not_taken(1, "rolled_back", "fleet.restarted"))
        assert runs(0)(status)
        # And it is not tried again when the broker tells of it at the next connection.
        school.end()
        school.start()
        assert runs(0)(school.until(lambda status: status.online))


def checking(school: Site, attempts: int) -> None:
    """Until a check has begun, for the so many-th time; the gateway itself is away meanwhile."""
    file, deadline = school.folder / "spool.wanted" / "state.json", time.monotonic() + PATIENCE_S
    while not file.exists() or json.loads(file.read_text())["attempts"] != attempts:
        assert time.monotonic() < deadline, file.read_text()
        time.sleep(0.05)


def test_settings_whose_check_ends_the_program_are_not_checked_a_third_time(
    town: Town, projector: Projector, tmp_path: Path
) -> None:
    """A projector that takes the connection and never says a word, with all the patience that may be set."""
    slow = settings_of(0.4).replace("reply_timeout_s = 60", "reply_timeout_s = 86400")
    with site(town, CHECKED, tmp_path) as school, socket.create_server(("127.0.0.1", 0)) as mute:
        school.configure(projector.port)
        school.enrol()
        school.start()
        school.until(runs(0))
        school.want(1, slow, projectors(mute.getsockname()[1]))
        # Told to end it ends, which is no fault of these settings; killed, it may have been one.
        for kill, attempts in ((False, 1), (True, 1), (True, 2)):
            checking(school, attempts)
            school.end(kill=kill)
            school.start()
        status = school.until(not_taken(1, "rolled_back", "fleet.died"))
        assert runs(0)(status)


def test_a_damaged_copy_is_fetched_anew_and_a_hand_edit_is_told(
    town: Town, projector: Projector, tmp_path: Path
) -> None:
    with site(town, DAMAGED, tmp_path) as school:
        school.configure(projector.port)
        school.enrol()
        school.start()
        school.until(lambda status: runs(0)(status) and len(status.collectors) == 2)
        school.want(3, settings_of(0.4), projectors(projector.port))
        epoch = school.until(runs(3)).account
        school.end()
        copy = tmp_path / "spool.wanted" / "3.json"
        copy.write_bytes(copy.read_bytes()[:-40])
        school.start()
        school.until(not_taken(3, "rolled_back", "fleet.damaged"))
        status = school.now(runs(3))
        assert (epoch and epoch.epoch) == (status.account and status.account.epoch)

        # While the bureau's settings run, the own file counts for nothing, however it is edited.
        school.end()
        school.config.write_text(school.config.read_text().replace("= 0.5", "= 7"), encoding="utf-8")
        school.start()
        status = school.until(runs(3))
        assert status.settings
        assert status.settings.changed_here
        school.end()
        school.config.write_text(
            school.config.read_text().replace("[fleet]\n", '[fleet]\nmaster = "school"\n'), encoding="utf-8"
        )
        school.start()
        status = school.until(not_taken(0, "refused", "fleet.master"))
        assert status.settings
        assert (0, "school") == (status.settings.version, status.settings.master)
