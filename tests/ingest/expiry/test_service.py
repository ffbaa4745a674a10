"""The ingest service lets expire beside its work, and a command says what is due."""

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.program import app
from ingest.settings import RetentionSettings
from ingest.upkeep import expiring
from store import Rejected, Store, Unavailable, open_store
from tests.ingest.conftest import wait_until
from tests.ingest.expiry.month import DAY, NOW, OCTOBER, day_fact, heard, reading
from tests.servers import Server, free_port
from tests.store.influx2_front import TOKEN
from tests.store.influx3_front import influx3_front


def test_the_service_lets_expire_beside_its_work(store: Store) -> None:
    store.write([reading(1, OCTOBER - DAY), heard(NOW - DAY), day_fact(OCTOBER)])
    with expiring(store, RetentionSettings(every_s=1), lambda: NOW / 1000):
        wait_until(lambda: not store.parts("readings", OCTOBER), what="the month to go")


def test_the_service_goes_on_where_a_store_did_not_take_an_account(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(sqlite_url) as store:
        store.write([reading(1, OCTOBER - DAY), heard(NOW - DAY), day_fact(OCTOBER)])
        keep, refusals = store.keep, iter([True])
        monkeypatch.setattr(
            store,
            "keep",
            lambda some: [Rejected(some[0], "full")] if next(refusals, False) else keep(some),
        )
        with expiring(store, RetentionSettings(every_s=1), lambda: NOW / 1000):
            wait_until(lambda: not store.parts("readings", OCTOBER), what="the month to go")


def test_the_command_says_what_is_due_and_drops_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.sqlite'}"
    with open_store(url) as store:
        store.write([reading(1, OCTOBER - 400 * DAY), day_fact(OCTOBER - 360 * DAY)])
        store.write([heard(round(time.time() * 1000) - DAY)])
    runner = CliRunner()
    said = [
        runner.invoke(app, ["store", "expire", "--store", url, *more]).output.strip()
        for more in (["--dry-run"], ["--days", "60"], [])
    ]
    assert ["readings-2025-08: 到期", "readings-2025-08: 已删除", "没有到期的数据"] == said


def test_a_store_that_is_not_there_has_not_kept_everything(tmp_path: Path) -> None:
    """A mistyped address must not look like a store in which nothing has expired."""
    done = CliRunner().invoke(app, ["store", "expire", "--dry-run", "--store", f"sqlite:///{tmp_path / 's'}"])
    assert (True, [], True) == (
        isinstance(done.exception, Unavailable),
        list(tmp_path.iterdir()),
        "没有到期" not in done.output,
    )


def test_the_command_says_where_nothing_can_expire(influx: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUS_INFLUX_TOKEN", TOKEN)
    with influx3_front(influx.port, free_port()) as address:
        ran = CliRunner().invoke(app, ["store", "expire", "--store", f"{address}campus"])
    assert ran.exit_code != 0
    assert "不能按时段删除" in str(ran.exception)
