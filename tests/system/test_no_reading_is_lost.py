"""After any crash every reading produced is in the store exactly once, or in quarantine.

`missing` of `campus verify-loss` counts points that are really in the database against the gateway's own
account: below zero would be doubles, above zero a loss.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.plant import Plant, plant

STORE_AWAY_S = 60


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path) as made:
        made.wait_stored(100)
        yield made


def verdict(balance: dict[str, int]) -> dict[str, int]:
    return {name: balance[name] for name in ("missing", "lost", "surplus", "quarantined", "dropped")}


NOTHING_LOST = {"missing": 0, "lost": 0, "surplus": 0, "quarantined": 0, "dropped": 0}


def test_kill_9_of_ingest_loses_nothing(chain: Plant) -> None:
    for _ in range(3):
        chain.ingest.kill()
        time.sleep(1)
        chain.ingest.start()
        chain.wait_ingest()
    produced = chain.balance()["produced"]
    assert NOTHING_LOST == verdict(chain.wait_stored(produced + 200))


def test_kill_9_of_the_broker_and_the_loss_of_its_file_lose_nothing(chain: Plant) -> None:
    for keep_file in (True, False):
        chain.broker.kill()
        if not keep_file:
            (chain.broker.folder / "mosquitto.db").unlink(missing_ok=True)
        time.sleep(1)
        chain.broker.start()
    produced = chain.balance()["produced"]
    assert NOTHING_LOST == verdict(chain.wait_stored(produced + 200))


def test_kill_9_of_the_gateway_loses_nothing(chain: Plant) -> None:
    for _ in range(4):
        chain.edge.kill()
        chain.edge.start()
        time.sleep(1.3)
    produced = chain.balance()["produced"]
    assert NOTHING_LOST == verdict(chain.wait_stored(produced + 200))


@pytest.mark.timeout(300)
def test_a_store_that_is_away_for_a_minute_loses_nothing(chain: Plant) -> None:
    before = chain.balance()["produced"]
    chain.influx.kill()
    time.sleep(STORE_AWAY_S)
    chain.influx.start()
    # A reading every half second from a dozen devices: what came while it was away is a multiple of this.
    assert NOTHING_LOST == verdict(chain.wait_stored(before + 500))


def test_sigterm_ends_every_program_with_its_work_done(chain: Plant) -> None:
    codes = [chain.edge.stop()]
    produced = chain.balance()["produced"]
    # What the last rounds left in the spool goes out at the next start.
    chain.edge.start()
    balance = chain.wait_stored(produced + 1)
    codes += [chain.edge.stop()]
    codes += [chain.ingest.stop(), chain.devices.stop()]
    assert ([0, 0, 0, 0], NOTHING_LOST) == (codes, verdict(balance))
