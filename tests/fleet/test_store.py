"""What was wanted and what runs, over broker and ingest into the store and onto the board."""

import time
from collections.abc import Callable
from pathlib import Path

from contract import Address
from dashboards.board import Names
from dashboards.board.fleet import FleetLine, FleetSource
from ingest.accounts import balances
from rules.words import worded
from store import open_store
from tests.fleet.site import PATIENCE_S, Projector, not_taken, projectors, runs, settings_of, site
from tests.servers import free_port
from tests.trust.bureau import now_ms
from tests.trust.test_whole_way import ingesting, set_aside
from tests.trust.town import Town

HERE = Address("120116", "2112000091", "gw1")


def seen(folder: Path, condition: Callable[[FleetLine], bool]) -> FleetLine:
    """The gateway as a board that is opened anew has it."""
    deadline = time.monotonic() + PATIENCE_S
    with open_store(f"sqlite:///{folder / 'store.sqlite'}") as store:
        while True:
            lines = FleetSource(store).read(Names(), now_ms=now_ms()).lines
            found = next((line for line in lines if line.school == HERE.school), None)
            if found is not None and condition(found):
                return found
            assert time.monotonic() < deadline, lines
            time.sleep(0.1)


def test_the_board_has_what_is_wanted_beside_what_runs_and_why_not(town: Town, tmp_path: Path) -> None:
    stores = tmp_path / "ingest"
    stores.mkdir()
    with ingesting(town, stores), Projector() as projector, site(town, HERE, tmp_path) as school:
        school.configure(projector.port)
        school.enrol()
        school.start()
        school.until(runs(0))
        assert "own" == seen(stores, lambda line: line.running == 0).state
        school.want(1, settings_of(0.4), projectors(projector.port))
        school.until(runs(1))
        line = seen(stores, lambda line: line.state == "running")
        assert (1, 1, False) == (line.wanted, line.running, line.wanted_own)
        school.want(2, settings_of(0.4), projectors(free_port()))
        school.until(not_taken(2, "refused", "fleet.check"))
        line = seen(stores, lambda line: line.state == "refused")
        assert (2, 1, 2) == (line.wanted, line.running, line.not_taken)
        assert "试读时原来正常的 displays 读不到了" == worded(line.why, "zh")
        # What somebody else says is wanted is believed neither here nor there.
        school.say(b'{"v":1,"forged":true}')
        school.until(not_taken(0, "refused", "fleet.signature"))
        assert any("it is not signed" in reason for reason in _aside(stores))
        assert 2 == seen(stores, lambda line: line.not_taken == 0).wanted
        school.end()
    # Nothing of what was read got lost on the way from one setting to the next.
    with open_store(f"sqlite:///{stores / 'store.sqlite'}") as store:
        (balance,) = (found for found in balances(store, []) if found.address == HERE)
    assert (0, 0, 0, True) == (balance.lost, balance.dropped, balance.untaken, balance.produced > 0)


def _aside(folder: Path) -> list[str]:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := set_aside(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
