"""`campus rules watch`: answers kept coming in, through trouble with store and registry."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rules.daybook.records import read_records
from rules.stored.tables import DISTRICT_INDICATOR, ROOM_COVERAGE, VERDICT
from rules.watch.settings import RulesSettings
from rules.watch.watching import Watcher
from runtime import ConfigError, load
from store import Query, Select, Store, open_store
from tests.rules.telemetry import NOW, access_point, good_survey, points, polls, projector
from tests.servers import free_port, influxd

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "cases" / "rules" / "small"


def settings(registry: Path, store: str = "sqlite:///unused.sqlite") -> RulesSettings:
    return RulesSettings(registry=registry, store=store, standard="binhai-2021", interval_s=1)


def moments(store: Store) -> list[int]:
    """When evaluations were stored."""
    query = Query(
        measurement=DISTRICT_INDICATOR,
        select=(Select("passing"),),
        group_by=("district", "stage", "indicator"),
    )
    return sorted({row.time or 0 for row in store.query(query)})


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "registry"))


def test_the_sample_loads_and_shows_every_default(tmp_path: Path) -> None:
    sample = (ROOT / "rules" / "sample.toml").read_text(encoding="utf-8")
    file = tmp_path / "rules.toml"
    file.write_text(sample, encoding="utf-8")
    plain = load(RulesSettings, file)
    lines = [line.removeprefix("# ") if " = " in line else line for line in sample.splitlines()]
    file.write_text("\n".join(lines), encoding="utf-8")
    uncommented = load(RulesSettings, file)
    assert (plain.registry, uncommented.model_copy(update={"standard": None})) == (
        tmp_path / "registry",
        plain,
    )


def test_an_evaluation_leaves_verdicts_rooms_and_district_figures_in_the_store(
    registry: Path, sqlite_url: str
) -> None:
    seen = [projector(moment, room="R101") for moment in polls()]
    served = [access_point(moment, "up", room="R101") for moment in polls()]
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write(points(*seen, *served, *good_survey("R101")))
        done = Watcher(settings(registry), lambda: NOW / 1000).evaluate_once(store)
        rooms = store.query(
            Query(
                measurement=ROOM_COVERAGE,
                select=(Select("verdict"), Select("points"), Select("ap_up"), Select("signal_source")),
                group_by=("district", "school", "room"),
            )
        )
        wireless = store.query(
            Query(
                measurement=VERDICT,
                select=(Select("verdict"), Select("numerator"), Select("denominator"), Select("standard")),
                group_by=("school", "stage", "indicator"),
            )
        )
    answers = {tuple(row.tags.values()): tuple(row.values.values()) for row in wireless}
    assert (
        done,
        [(row.tags["room"], row.time, *row.values.values()) for row in rooms],
        answers["2112000001", "school", "wireless"],
    ) == (
        True,
        [
            ("R101", NOW, "pass", 3, 10, True),
            ("R102", NOW, "undetermined", 0, 0, None),
            ("T1", NOW, "undetermined", 0, 0, None),
        ],
        ("undetermined", "1", "3", "binhai-2021"),
    )


def test_readings_of_days_before_the_window_are_counted_too_and_told_again_within_the_hour(
    registry: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A gateway that was away for weeks delivers them; they expire before any report looks at them."""
    caplog.set_level(logging.INFO, "rules")
    now_ms = NOW + 60 * 86_400_000
    with open_store(sqlite_url) as store:
        store.prepare()
        watcher = Watcher(settings(registry), lambda: now_ms / 1000)
        assert watcher.evaluate_once(store)
        store.write(points(*(projector(moment, room="R101") for moment in polls())))
        assert watcher.evaluate_once(store)
        assert {} == read_records(store, 0, NOW)
        now_ms += 3_600_000
        assert watcher.evaluate_once(store)
        told = [record.message for record in caplog.records if "before the window" in record.message]
        assert {} != read_records(store, 0, NOW)
        assert 1 == len(told)


def test_a_store_that_is_away_is_told_once_and_used_again_when_it_is_back(
    registry: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    watcher = Watcher(settings(registry), lambda: NOW / 1000)
    server = influxd(tmp_path / "influx", port=port)
    with caplog.at_level(logging.INFO, "rules"), open_store(f"influxdb://127.0.0.1:{port}/away") as store:
        away = [watcher.evaluate_once(store) for _ in range(3)]
        unwell = watcher.health().ok
        try:
            server.start()
            store.prepare()
            back = watcher.evaluate_once(store)
        finally:
            server.stop()
    levels = [record.levelname for record in caplog.records]
    assert (away, unwell, back, watcher.health().ok, levels) == (
        [False] * 3,
        False,
        True,
        True,
        ["ERROR", "INFO"],
    )


@pytest.mark.usefixtures("in_english")
def test_a_registry_that_becomes_wrong_leaves_the_last_good_one_in_force(
    registry: Path, sqlite_url: str
) -> None:
    watcher = Watcher(settings(registry), lambda: NOW / 1000)
    good = (registry / "rooms.csv").read_bytes()
    with open_store(sqlite_url) as store:
        store.prepare()
        (registry / "rooms.csv").write_text("school_code,romo\n", encoding="utf-8")
        wrong = (
            watcher.evaluate_once(store),
            watcher.health().ok,
            "is 'room' meant?" in watcher.health().reason,
        )
        (registry / "rooms.csv").write_bytes(good)
        mended = watcher.evaluate_once(store), watcher.health().ok
        stored = len(moments(store))
    assert (wrong, mended, stored) == ((True, False, True), (True, True), 1)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"registry": Path("nowhere")}, "registry nowhere:"),
        ({"standard": "binhai"}, "standard: no standard is called 'binhai'"),
    ],
)
def test_what_can_never_work_is_refused_at_the_start(change: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Watcher(settings(SMALL).model_copy(update=change), time.time)


def test_the_program_evaluates_until_it_is_told_to_stop(registry: Path, sqlite_url: str) -> None:
    config = registry.parent / "rules.toml"
    config.write_text(f'registry = "registry"\nstore = "{sqlite_url}"\ninterval_s = 1\n', encoding="utf-8")
    program = subprocess.Popen(
        [sys.executable, "-m", "campus.main", "rules", "watch", "--config", str(config)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        stderr=subprocess.PIPE,
    )
    try:
        with open_store(sqlite_url) as store:
            store.prepare()
            patience = time.monotonic() + 60
            while len(moments(store)) < 2 and program.poll() is None and time.monotonic() < patience:
                time.sleep(0.1)
            stored = len(moments(store))
        program.send_signal(signal.SIGTERM)
        _, told = program.communicate(timeout=30)
    finally:
        if program.poll() is None:
            program.kill()
            program.communicate()
    assert (program.returncode, stored >= 2, b"evaluations are stored" in told) == (0, True, True)
