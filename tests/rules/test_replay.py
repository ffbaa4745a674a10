"""A replay of the same rules equals what the live service did; a draft shows what it would have done."""

import json
import random
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from contract import Account, CertificateState, NotTaken, Point, Reading, RunningSettings, Status, utc_text
from contract import status_point as gateway_point
from registry import Registry, read_registry
from rules.alerts.recording import change_point, notice_point, read_standings
from rules.alerts.replay import Replayed, replay
from rules.alerts.rules_file import SHIPPED, AlertRules, load_alert_rules
from rules.stored.silences import Silence, silence_point
from rules.stored.tables import ALERT, ALERT_MESSAGE
from rules.watch.alerting import AlertService
from rules.watch.settings import AlertSettings, RulesSettings
from rules.watch.watching import Watcher, watch
from store import Query, Select, Store, open_store
from tests.rules.commands import SMALL, campus
from tests.rules.telemetry import ADDRESS, MINUTE, access_point, good_survey, ms, points, projector, run
from tests.rules.test_notify import in_turn, receiver
from tests.rules.test_register import evaluated
from tests.rules.test_watch import settings
from tests.servers import Server

BEGIN, END = ms("2021-09-28T07:50"), ms("2021-09-28T09:50")
# Everything sooner than in earnest, so that an hour holds many changes.
DRAFT = (
    SHIPPED.read_text(encoding="utf-8")
    .replace("for_s = 1800", "for_s = 300")
    .replace("for_s = 600", "for_s = 120")
    .replace("for_s = 3600", "for_s = 300")
    .replace("for_s = 86400", "for_s = 300")
)


def gateway(time: int) -> Point:
    phase = (time - BEGIN) // (10 * MINUTE)
    account = Account(
        epoch="0" * 16,
        last_seq=1,
        produced=1,
        acknowledged=1,
        pending=0,
        dropped=0,
        spool_max_bytes=100_000_000,
        spool_room_bytes=(phase % 5) * 20_000_000,
    )
    # It ends in the middle of it all, and is renewed in the end.
    until = utc_text(BEGIN + (30 * 24 * 60 if phase > 9 else 60) * MINUTE)
    certificate = CertificateState(until=until, renews=utc_text(BEGIN))
    # A version is tried and taken back, and a later one runs.
    left = NotTaken(
        version=2,
        outcome="rolled_back",
        code="fleet.lost",
        args={"collectors": ("ac",)},
        time=utc_text(BEGIN),
    )
    settings = RunningSettings(
        version=3 if phase > 9 else 1,
        since=utc_text(BEGIN),
        wanted=3 if phase > 9 else 2,
        not_taken=left if phase > 3 else None,
    )
    status = Status(
        online=True,
        time="2021-09-28T00:00:00.000Z",
        account=account,
        certificate=certificate,
        settings=settings,
    )
    return gateway_point(ADDRESS, status, time_ms=time)


def minute(time: int, chance: random.Random) -> list[Point]:
    """What a gateway sends in a minute of a bad day: two access points, a projector, or nothing at all."""
    if chance.random() < 0.1:
        return []
    readings: list[Reading] = [run(time, "ok")]
    phase = (time - BEGIN) // (20 * MINUTE)
    for number in (1, 2):
        down = (phase + number) % 3 == 0
        state = "unknown" if chance.random() < 0.1 else "down" if down else "up"
        readings.append(access_point(time, state, ap=f"AP{number}", room=f"R10{number}"))
    condition = "error" if phase % 2 else "ok"
    readings.append(projector(time, device="P1", room="R101", condition=condition))
    sent = [] if phase == 3 else [gateway(time)]
    return [*points(*readings), *sent]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("live") / "registry"))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, registry: Path) -> str:
    """A store after two hours of the live service, which was started anew in between and missed a round."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "alerts.toml").write_text(DRAFT, encoding="utf-8")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    chance = random.Random(7)  # noqa: S311 the same bad day every time
    with open_store(url) as store:
        store.prepare()
        store.write(points(*good_survey("R101"), *good_survey("R102")))
        now = BEGIN
        watcher = Watcher(settings(registry), lambda: now / 1000)
        alerts = service(folder, watcher)
        for step in range((END - BEGIN) // MINUTE):
            now = BEGIN + step * MINUTE
            if step == 20:
                store.write([silence_point(silence(decided_ms=now, end_ms=now + 60 * MINUTE))])
            if step == 50:  # it is ended early
                store.write([silence_point(silence(decided_ms=now, end_ms=now))])
            store.write(minute(now, chance))
            if step % 5 == 0:
                assert watcher.evaluate_once(store)
            if step == 70:
                alerts = service(folder, watcher)
            if step != 30:
                assert alerts.round(store, now) is not None
    return url


def silence(*, decided_ms: int, end_ms: int) -> Silence:
    """One access point of the small district, from twenty minutes past the beginning on."""
    return Silence(
        district="120116",
        school="2112000001",
        window="w1",
        kind="silence",
        begin_ms=BEGIN + 20 * MINUTE,
        end_ms=end_ms,
        reason="works on the roof",
        who="ops",
        decided_ms=decided_ms,
        alert="access-point-down",
    )


def service(folder: Path, watcher: Watcher) -> AlertService:
    return AlertService(
        AlertSettings(rules=str(folder / "alerts.toml")), lambda: watcher.part.registry, lambda: 0.0
    )


def told(measurement: Any) -> list[str]:
    """What is compared: names come from the registry when a row is stored, and are no part of an alert."""
    return [name for name in measurement.field_names if name not in {"school_name", "room_name"}]


def stored(store: Store, measurement: Any, since: int) -> list[tuple[Any, ...]]:
    query = Query(
        measurement=measurement,
        select=tuple(Select(name) for name in told(measurement)),
        group_by=measurement.tag_names,
        since=since,
    )
    return sorted((row.time, *row.tags.values(), tuple(row.values.values())) for row in store.query(query))


def as_stored(found: Replayed, rules: AlertRules) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    by_name = {rule.name: rule for rule in rules.alerts}
    changes = [
        change_point(one.key, one.standing, one.instant_ms, by_name[one.key[2]]) for one in found.changes
    ]
    messages = [notice_point(message) for message in found.notices]
    plain = [
        sorted((one.time, *one.tags, one.fields[: len(told(one.measurement))]) for one in group)
        for group in (changes, messages)
    ]
    return plain[0], plain[1]


@pytest.mark.parametrize("since", [BEGIN, BEGIN + 37 * MINUTE, BEGIN + 95 * MINUTE])
def test_a_replay_equals_what_the_live_service_did(lived: str, registry: Path, since: int) -> None:
    folder = Path(lived.removeprefix("sqlite:///")).parent
    rules = load_alert_rules(folder / "alerts.toml")
    with open_store(lived) as store:
        found = replay(store, known(registry), rules, since_ms=since, until_ms=END, every_ms=MINUTE)
        live = stored(store, ALERT, since), stored(store, ALERT_MESSAGE, since)
    assert live == as_stored(found, rules)
    assert ("recorded", True) == (found.instants, bool(live[0]))


def test_nobody_is_told_while_a_silence_lasts_and_what_still_stands_is_told_after_it(lived: str) -> None:
    begin, end = BEGIN + 20 * MINUTE, BEGIN + 50 * MINUTE
    with open_store(lived) as store:
        told = [row for row in stored(store, ALERT_MESSAGE, BEGIN) if row[3] == "access-point-down"]
        changed = [row[0] for row in stored(store, ALERT, BEGIN) if row[3] == "access-point-down"]
    own = [time for time, _, school, *_ in told if school == "2112000001"]
    assert [] == [time for time in own if begin <= time < end]
    assert [time for time in own if time >= end]
    assert [time for time in changed if begin <= time < end], "it was judged all the same"


def known(folder: Path) -> Registry:
    return read_registry(folder)


def test_the_bad_day_brought_every_kind_of_alert_and_its_end(lived: str) -> None:
    with open_store(lived) as store:
        told = {(row[3], row[4]) for row in stored(store, ALERT_MESSAGE, BEGIN)}
    assert {
        ("access-point-down", "firing"),
        ("access-point-down", "resolved"),
        ("gateway-silent", "firing"),
        ("gateway-silent", "resolved"),
        *(
            (f"gateway-{what}", kind)
            for what in ("spool-full", "certificate", "settings-behind", "settings-back")
            for kind in ("firing", "resolved")
        ),
        ("projector-fault", "firing"),
        ("projector-fault", "resolved"),
    } <= told


def test_a_draft_over_data_without_a_live_service_is_judged_at_regular_instants(
    sqlite_url: str, registry: Path, tmp_path: Path
) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        for step in range(20):
            store.write(points(access_point(BEGIN + step * MINUTE, "down", room="R101")))
        store.write([gateway(BEGIN)])
    draft = tmp_path / "draft.toml"
    draft.write_text(DRAFT.replace('counts = "school_hours"', 'counts = "always"'), encoding="utf-8")
    given = ("replay", "--store", sqlite_url, "--registry", str(registry), "--rules", str(draft))
    span = ("--from", "2021-09-28T07:50", "--to", "2021-09-28T08:10")
    ran, table = campus(*given, *span, "--format", "json"), campus(*given, *span)
    found = json.loads(ran.stdout)
    assert ("regular", 20, "2021-09-28T00:00:00.000Z") == (
        found["instants"],
        found["rounds"],
        next(one["time"] for one in found["messages"] if one["alert"] == "access-point-down"),
    )
    assert [("inactive", "pending"), ("pending", "firing")] == [
        (one["before"], one["status"]) for one in found["transitions"] if one["subject"] == "AP1"
    ]
    assert "一年一班 AP1 离线" in table.stdout


def test_a_replay_only_reads(lived: str, registry: Path) -> None:
    with open_store(lived) as store:
        before = read_standings(store)
        replay(store, known(registry), load_alert_rules(), since_ms=BEGIN, until_ms=END, every_ms=MINUTE)
        assert before == read_standings(store)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("--to", "2021-09-01"),
            "campus: --to 2021-09-01 00:00:00 must lie after --from 2021-09-28 00:00:00\n",
        ),
        (("--to", "soon"), "campus: --to 'soon': write YYYY-MM-DD or YYYY-MM-DDTHH:MM\n"),
    ],
)
def test_a_span_that_is_none_is_one_clear_line(change: tuple[str, str], told: str, registry: Path) -> None:
    given = ("replay", "--store", "sqlite:///none.sqlite", "--registry", str(registry))
    ran = campus(*given, "--from", "2021-09-28", *change)
    assert (2, told) == (ran.returncode, ran.stderr)


def test_rounds_stand_at_settled_multiples_of_the_interval(registry: Path) -> None:
    watcher = Watcher(settings(registry), lambda: END / 1000)
    alerts = AlertService(
        AlertSettings(interval_s=60, settle_s=15), lambda: watcher.part.registry, lambda: END / 1000 + 74
    )
    assert alerts.instant() == END
    assert RulesSettings(registry=registry, store="sqlite:///x.sqlite").alerts == AlertSettings()


def test_an_indicator_that_falls_and_a_store_of_another_kind_say_the_same(
    sqlite_url: str, influx: Server, registry: Path
) -> None:
    """InfluxQL and SQL give the same rounds; the standings come back as they were written."""
    answers = []
    for url in (sqlite_url, f"influxdb://127.0.0.1:{influx.port}/alerts"):
        with open_store(url) as store:
            store.prepare()
            now = ms("2021-09-28T08:00")
            alerts = AlertService(AlertSettings(), lambda: known(registry), lambda: 0.0)
            told = []
            for number in range(70):
                if number < 60:
                    store.write(evaluated(f"2021-09-28T08:{number:02}", 7 if number < 5 else 4))
                found = alerts.round(store, now + number * MINUTE)
                assert found is not None
                told += found.notices
            answers.append((told, found.standings, read_standings(store)))
    (told, standings, stored_ones), other = answers
    key = ("120116", "2112000001", "indicator-fallen", "primary/L7")
    assert (answers[0], standings[key], ["海滨小学"]) == (
        other,
        stored_ones[key],
        [one.title.zh.split(" · ")[0].partition("】")[2] for one in told],
    )
    assert "小学 L7 差 3：1.325 < 2.3" in told[0].body.zh


def test_the_program_judges_alerts_beside_its_evaluations_and_tells_people(
    sqlite_url: str, registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = round(time.time() * 1000)
    rules = SHIPPED.read_text(encoding="utf-8").replace("group_wait_s = 60", "group_wait_s = 0")
    (tmp_path / "alerts.toml").write_text(rules, encoding="utf-8")
    with receiver(in_turn()) as (address, taken), open_store(sqlite_url) as store:
        monkeypatch.setenv("HOOK", address)
        store.prepare()
        store.write([gateway(now - 20 * MINUTE - 30_000)])
        wanted = RulesSettings(
            registry=registry,
            store=sqlite_url,
            standard="binhai-2021",
            alerts=AlertSettings(
                rules=str(tmp_path / "alerts.toml"), interval_s=1, settle_s=0, notify=("env:HOOK",)
            ),
        )
        stop = threading.Event()
        program = threading.Thread(target=watch, args=(wanted, stop))
        program.start()
        for _ in range(600):
            if taken:
                break
            threading.Event().wait(0.05)
        stop.set()
        program.join()
        stored_messages = stored(store, ALERT_MESSAGE, now - MINUTE)
    assert (["【严重】海滨小学 · 网关失联 · 1"], 1) == (
        taken,
        len(stored_messages),
    )


@pytest.mark.usefixtures("in_english")
def test_wrong_alert_rules_stop_the_program_before_it_begins(registry: Path, tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text("group_wait = 3\n", encoding="utf-8")
    config = tmp_path / "rules.toml"
    config.write_text(
        f'registry = "{registry}"\nstore = "sqlite:///x.sqlite"\nstandard = "binhai-2021"\n'
        '[alerts]\nrules = "alerts.toml"\n',
        encoding="utf-8",
    )
    ran = campus("watch", "--config", str(config))
    assert (2, f"campus: {tmp_path / 'alerts.toml'}:1: group_wait: no such setting\n") == (
        ran.returncode,
        ran.stderr,
    )
