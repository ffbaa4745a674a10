"""Several `rules watch` share a store: what they leave is what one alone leaves, each thing once."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contract.daybook import DAY_FACTS, TOUCHED, touched_points
from registry import Registry, read_registry
from rules.alerts.recording import program_of
from rules.daybook.share import Share
from rules.stored.shares import WATCH_SHARE, Away, share_point, shares_away
from rules.stored.states import STATES
from rules.stored.tables import ALERT_ROUND, DISTRICT_INDICATOR, RESULTS
from rules.watch.alerting import AlertService
from rules.watch.settings import AlertSettings
from rules.watch.sharing import Part
from rules.watch.watching import Watcher
from store import Query, Select, Store, open_store
from tests.rules.telemetry import MINUTE, NOW, access_point, good_survey, points, polls, projector
from tests.rules.test_watch import SMALL, settings

# Beside 120116, which by hash is judged by the first of two shares, others that the second judges.
MOVED = {"2112000001": "120101", "3112000003": "120119"}
LATER = NOW + 5 * MINUTE
# When a program judged alerts; and what touched a day, which is another number every time.
_OWN = {"alert_round", TOUCHED.name}


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """The small registry, its schools in several districts."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "registry"))
    file = folder / "schools.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    moved = [line.replace("120116", MOVED.get(line.partition(",")[0], "120116")) for line in lines]
    file.write_text("\n".join(moved) + "\n", encoding="utf-8")
    return folder


def fill(store: Store, known: Registry) -> None:
    seen = [projector(moment, room="R101") for moment in polls()]
    served = [access_point(moment, "up", room="R101") for moment in polls()]
    sent = [
        point for point in points(*seen, *served, *good_survey("R101")) if point.measurement is not TOUCHED
    ]
    for school in known.schools.values():
        told = [point._replace(tags=(school.district, school.school_code, *point.tags[2:])) for point in sent]
        store.write([*told, *touched_points(told, 1)])


def left(store: Store) -> dict[str, list[Any]]:
    found = {}
    for name, table in {**RESULTS, **STATES, **DAY_FACTS}.items():
        if name in _OWN:
            continue
        rows = store.query(
            Query(
                measurement=table,
                select=tuple(Select(field) for field in table.field_names),
                group_by=table.tag_names,
                newest=1,
            )
        )
        found[name] = [(row.tags, row.time, row.values) for row in rows]
    return found


def watched(url: str, registry: Path, shares: tuple[str, ...]) -> dict[str, list[Any]]:
    now_ms = NOW
    with open_store(url) as store:
        store.prepare()
        fill(store, read_registry(registry))
        watchers = [
            Watcher(settings(registry).model_copy(update={"share": share}), lambda: now_ms / 1000)
            for share in shares
        ]
        for moment in (NOW, LATER):
            now_ms = moment
            assert [True] * len(shares) == [watcher.evaluate_once(store) for watcher in watchers]
        return left(store)


def test_two_processes_leave_what_one_leaves(registry: Path, tmp_path: Path) -> None:
    alone = watched(f"sqlite:///{tmp_path / 'alone.sqlite'}", registry, ("1/1",))
    shared = watched(f"sqlite:///{tmp_path / 'shared.sqlite'}", registry, ("1/2", "2/2"))
    assert alone == shared
    assert {tags["district"] for tags, _, _ in shared[DISTRICT_INDICATOR.name]} > set(MOVED.values())


def test_each_share_leaves_a_round_of_its_own_and_one_that_is_away_is_known(
    registry: Path, sqlite_url: str
) -> None:
    now_ms = NOW
    with open_store(sqlite_url) as store:
        store.prepare()
        fill(store, read_registry(registry))
        both = [
            Watcher(settings(registry).model_copy(update={"share": share}), lambda: now_ms / 1000)
            for share in ("1/2", "2/2")
        ]
        assert [True, True] == [watcher.evaluate_once(store) for watcher in both]
        assert [] == list(away(store, NOW))
        for number in range(1, 5):
            now_ms = NOW + number * 5 * MINUTE
            assert both[0].evaluate_once(store)
        assert [Away("2/2", NOW)] == away(store, now_ms)
        # Whoever was started with fewer has taken it over; and of more shares some never spoke.
        now_ms += MINUTE
        assert Watcher(settings(registry), lambda: now_ms / 1000).evaluate_once(store)
        assert [] == list(away(store, now_ms))
        store.write([share_point("3/3", 300, now_ms + 1)])
        assert [Away("1/3", None), Away("2/3", None)] == away(store, now_ms + 1)


def test_two_that_were_given_the_same_share_say_so_and_one_that_follows_another_does_not(
    registry: Path, sqlite_url: str
) -> None:
    now_ms = NOW
    with open_store(sqlite_url) as store:
        store.prepare()
        fill(store, read_registry(registry))

        def made() -> Watcher:
            return Watcher(settings(registry), lambda: now_ms / 1000)

        first, twin = made(), made()
        well = []
        for number, watcher in enumerate((first, first, twin, first, twin)):
            now_ms = NOW + number * MINUTE
            assert watcher.evaluate_once(store)
            well.append(watcher.health().ok)
        # The first has ended: the twin is alone, and one that is started after it is as well.
        for number, watcher in enumerate((twin, made()), 5):
            now_ms = NOW + number * MINUTE
            assert watcher.evaluate_once(store)
            well.append(watcher.health().ok)
    assert [True, True, True, False, False, True, True] == well
    assert "share 1/1" in first.health().reason


@pytest.mark.parametrize(
    ("interval_s", "silent_min"),
    [(60, 15), (3600, 180)],  # never less than a quarter of an hour, and never less than three rounds
)
def test_a_share_is_away_when_three_rounds_are_missing(
    interval_s: int, silent_min: int, sqlite_url: str
) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        later = NOW + silent_min * MINUTE
        store.write([share_point("1/2", interval_s, NOW), share_point("2/2", interval_s, later)])
        assert ([], [Away("1/2", NOW)]) == (away(store, later), away(store, later + 1))


def away(store: Store, now_ms: int) -> Sequence[Away]:
    newest = Query(measurement=WATCH_SHARE, select=(Select("interval_s"),), group_by=("share",), newest=1)
    return shares_away(store.query(newest), now_ms=now_ms)


def test_alerts_of_two_shares_are_judged_in_rounds_of_their_own(registry: Path, sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        known = read_registry(registry)
        for share in ("1/1", "1/2", "2/2"):
            service = AlertService(
                AlertSettings(), lambda: known, lambda: NOW / 1000, program=program_of(share)
            )
            assert service.round(store, NOW) is not None
        rounds = store.query(
            Query(measurement=ALERT_ROUND, select=(Select("judged"),), group_by=("program",))
        )
    assert ["watch", "watch 1/2", "watch 2/2"] == [row.tags["program"] for row in rounds]


def test_every_school_and_district_has_one_share(registry: Path) -> None:
    known = read_registry(registry)
    parts = [Part(known, Share(number, 2)).registry for number in (1, 2)]
    codes = [code for part in parts for code in part.schools]
    assert sorted(known.schools) == sorted(codes)
    assert all(part.schools for part in parts)
    assert known == Part(known, Share()).registry


def test_a_district_of_another_share_is_not_there_for_alerts(registry: Path, sqlite_url: str) -> None:
    known = read_registry(registry)
    with open_store(sqlite_url) as store:
        store.prepare()
        fill(store, known)
        seen = []
        for number in (1, 2):
            part = Part(known, Share(number, 2))
            rows = part.store(store).query(
                Query(measurement=TOUCHED, select=(Select("h00"),), group_by=("district", "school"))
            )
            assert {row.tags["school"] for row in rows} == set(part.registry.schools)
            seen += [row.tags["school"] for row in rows]
        assert sorted(known.schools) == sorted(seen)


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/2/3"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2/4"):
        Share.read(text)
