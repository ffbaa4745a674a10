"""What disappears while its alert fires: taken away ends with its own word, silence never ends anything."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import CollectorRun, Point, Reading
from registry import Registry, read_registry
from rules.alerts.machine import NEVER_SEEN, AlertStanding, Sighting, advance, withdraw, worth_keeping
from rules.alerts.notices import Notice
from rules.alerts.recording import read_standings
from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules, AlertRulesError, load_alert_rules
from rules.stored.tables import ALERT, ALERT_MESSAGE
from rules.watch.alerting import AlertService
from rules.watch.settings import AlertSettings
from rules.words import reason
from runtime.language import Text
from store import Store, open_store
from tests.rules.build import DISTRICT
from tests.rules.commands import SMALL
from tests.rules.telemetry import CODE, MINUTE, access_point, ms, points, projector
from tests.rules.test_alerts import START, rule
from tests.rules.test_register import evaluated
from tests.rules.test_replay import as_stored, gateway, stored
from tests.servers import Server

BEGIN = ms("2021-09-28T08:00")
# A minute of patience where the shipped rules have ten, and an hour where they have a day.
DRAFT = """
group_wait_s = 0

[[alert]]
name = "down"
signal = "access_point_down"
severity = "warning"
fires_at = 1
recovers_at = 0
for_s = 60
recover_for_s = 60
fresh_s = 180
gone_after_s = 3600
title = "离线"
firing = "{subject} 离线"
resolved = "{subject} 恢复"

[[alert]]
name = "fault"
signal = "device_fault"
severity = "warning"
fires_at = 1
recovers_at = 0
for_s = 0
recover_for_s = 0
fresh_s = 180
gone_after_s = 3600
title = "故障"
firing = "{subject} 故障"
resolved = "{subject} 正常"

[[alert]]
name = "uncovered"
signal = "indicator_short"
severity = "warning"
fires_at = 1
recovers_at = 0
for_s = 0
recover_for_s = 0
fresh_s = 180
gone_after_s = 3600
title = "不达标"
firing = "{subject} 不达标"
resolved = "{subject} 达标"
"""
DOWN, FAULT = (DISTRICT, CODE, "down", "AP1"), (DISTRICT, CODE, "fault", "P1")
# What a gateway sends in a minute.
Minute = Callable[[int], Sequence[Point]]


def controller(time: int, *states: str, status: str = "ok") -> list[Point]:
    """A round of the controller's collector: its run, and one access point a state."""
    run = CollectorRun(time=time, collector="ac", target="127.0.0.1", status=status)  # type: ignore[arg-type]
    aps = [access_point(time, state, ap=f"AP{number}") for number, state in enumerate(states, 1) if state]
    return points(run, *aps)


def displays(time: int, *devices: str) -> list[Point]:
    """A round of the projectors' collector: each has a run of its own, a moment after the other."""
    readings: list[Reading] = []
    for number, device in enumerate(devices):
        moment = time + number
        readings.append(CollectorRun(time=moment, collector="pj", target=device, status="ok"))
        readings.append(projector(moment, device=device, condition="error" if device == "P1" else "ok"))
    return points(*readings)


@dataclass
class Life:
    """A live service over a store, a minute a round; started anew every seventh."""

    folder: Path
    store: Store
    registry: Registry
    now: int = BEGIN
    told: list[Notice] = field(default_factory=list)

    @property
    def rules(self) -> AlertRules:
        return load_alert_rules(self.folder / "alerts.toml")

    def minutes(self, number: int, minute: Minute) -> None:
        service = self._service()
        for step in range(number):
            if step % 7 == 0:
                service = self._service()
            self.store.write(list(minute(self.now)))
            found = service.round(self.store, self.now)
            assert found is not None
            self.told += found.notices
            self.now += MINUTE

    def _service(self) -> AlertService:
        settings = AlertSettings(rules=str(self.folder / "alerts.toml"))
        return AlertService(settings, lambda: self.registry, lambda: 0.0)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(message.alert, message.kind) for message in self.told]

    def assert_a_replay_says_the_same(self) -> None:
        for since in (BEGIN, BEGIN + 33 * MINUTE):
            found = replay(
                self.store, self.registry, self.rules, since_ms=since, until_ms=self.now, every_ms=MINUTE
            )
            live = stored(self.store, ALERT, since), stored(self.store, ALERT_MESSAGE, since)
            assert live == as_stored(found, self.rules)


@pytest.fixture(params=["sqlite", "influxdb"])
def life(request: pytest.FixtureRequest, tmp_path: Path, influx: Server) -> Iterator[Life]:
    """The same life on both kinds of store."""
    (tmp_path / "alerts.toml").write_text(DRAFT, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    if request.param == "influxdb":
        url = f"influxdb://127.0.0.1:{influx.port}/{tmp_path.name}"
    with open_store(url) as store:
        store.prepare()
        yield Life(folder=tmp_path, store=store, registry=read_registry(SMALL))


def test_an_access_point_that_whole_rounds_no_longer_show_is_withdrawn_and_not_resolved(life: Life) -> None:
    life.minutes(10, lambda now: controller(now, "down", "up"))
    life.minutes(65, lambda now: controller(now, "", "up"))
    before = read_standings(life.store)[DOWN]
    life.minutes(10, lambda now: controller(now, "", "up"))
    last = BEGIN + 9 * MINUTE
    assert ("firing", last, last + 3 * MINUTE) == (before.status, before.silent_since_ms, before.missed_ms)
    # A day is an hour here: missed after 3 minutes, gone an hour later, and 3 minutes more to be sure.
    assert [("down", "firing", BEGIN + MINUTE), ("down", "withdrawn", last + 66 * MINUTE)] == [
        (one.alert, one.kind, one.time_ms) for one in life.told
    ]
    assert ("【撤销】海滨小学 · 离线 · 1", {}) == (life.told[1].title.zh, read_standings(life.store))
    assert "已撤销：采集完整，09-28 08:09 起不再出现" in life.told[1].body.zh
    life.assert_a_replay_says_the_same()


def test_while_its_gateway_is_cut_off_it_goes_on_firing_however_long(life: Life) -> None:
    life.minutes(10, lambda now: controller(now, "down", "up"))
    life.minutes(200, lambda now: [])
    silent = read_standings(life.store)[DOWN]
    assert ([("down", "firing")], "firing", BEGIN + 9 * MINUTE, None) == (
        life.kinds,
        silent.status,
        silent.silent_since_ms,
        silent.missed_ms,
    )
    life.minutes(5, lambda now: controller(now, "down", "up"))
    heard = read_standings(life.store)[DOWN]
    assert ([("down", "firing")], "firing", None) == (life.kinds, heard.status, heard.silent_since_ms)
    life.assert_a_replay_says_the_same()


def test_rounds_that_were_not_whole_and_those_of_others_prove_nothing(life: Life) -> None:
    life.minutes(10, lambda now: [*controller(now, "down"), *displays(now + 5, "P1", "P2")])
    life.minutes(90, lambda now: [*controller(now, status="partial"), *displays(now + 5, "P1", "P2")])
    assert {DOWN: "firing", FAULT: "firing"} == {
        key: one.status for key, one in read_standings(life.store).items()
    }
    life.assert_a_replay_says_the_same()


def test_rounds_that_come_back_after_an_outage_do_not_withdraw_what_comes_back_with_them(life: Life) -> None:
    life.minutes(10, lambda now: displays(now, "P2", "P1"))
    life.minutes(5, lambda now: displays(now, "P2"))
    life.minutes(90, lambda now: [])
    life.minutes(1, lambda now: displays(now, "P2"))
    life.minutes(10, lambda now: displays(now, "P2", "P1"))
    assert ([("fault", "firing")], "firing") == (life.kinds, read_standings(life.store)[FAULT].status)
    life.assert_a_replay_says_the_same()


def test_a_projector_moved_to_another_school_is_withdrawn_where_it_was(life: Life) -> None:
    life.minutes(5, lambda now: displays(now, "P1", "P2"))
    life.minutes(75, lambda now: displays(now, "P2"))
    assert [("fault", "firing"), ("fault", "withdrawn")] == life.kinds
    life.assert_a_replay_says_the_same()


def test_a_section_that_is_evaluated_no_longer_is_withdrawn_where_evaluations_go_on(life: Life) -> None:
    def evaluation(now: int, had: int = 4) -> list[Point]:
        return evaluated(minute_of(now), had)

    def others(now: int) -> list[Point]:
        return [one for one in evaluation(now) if one.measurement.name == "district_indicator"]

    life.minutes(5, evaluation)
    fired = [key for key, one in read_standings(life.store).items() if one.status == "firing"]
    life.minutes(75, others)
    assert (True, [("uncovered", "firing"), ("uncovered", "withdrawn")], {}) == (
        bool(fired),
        life.kinds,
        read_standings(life.store),
    )
    life.assert_a_replay_says_the_same()


def minute_of(now: int) -> str:
    past = (now - BEGIN) // MINUTE
    return f"2021-09-28T{8 + past // 60:02}:{past % 60:02}"


def test_a_school_that_leaves_the_registry_is_withdrawn_at_once_and_judged_no_more(
    life: Life, tmp_path: Path
) -> None:
    life.minutes(5, lambda now: controller(now, "down"))
    folder = Path(shutil.copytree(SMALL, tmp_path / "registry"))
    for sheet in folder.glob("*.csv"):
        lines = sheet.read_text(encoding="utf-8").splitlines()
        sheet.write_text("\n".join(one for one in lines if CODE not in one) + "\n", encoding="utf-8")
    life.registry = read_registry(folder)
    life.minutes(5, lambda now: controller(now, "down"))
    assert [("down", "firing", BEGIN + MINUTE), ("down", "withdrawn", BEGIN + 5 * MINUTE)] == [
        (one.alert, one.kind, one.time_ms) for one in life.told
    ]
    assert ("登记表中已没有", {}) == (
        life.told[1].body.zh.partition("：")[2],
        read_standings(life.store),
    )


def test_a_message_that_goes_out_late_says_since_when_nothing_was_heard(life: Life) -> None:
    patient = DRAFT.replace("group_wait_s = 0", "group_wait_s = 600")
    (life.folder / "alerts.toml").write_text(patient, encoding="utf-8")
    life.minutes(5, lambda now: controller(now, "down"))
    life.minutes(10, lambda now: [gateway(now)])
    assert [Text("AP1 离线 (自 09-28 08:04 无消息)", "AP1 离线 (nothing heard since 09-28 08:04)")] == [
        one.body for one in life.told
    ]


@given(st.lists(st.none() | st.integers(0, 15), max_size=12), st.lists(st.integers(0, 15), max_size=12))
def test_what_comes_back_after_it_was_withdrawn_begins_anew(
    before: list[int | None], after: list[int]
) -> None:
    def lived(standing: AlertStanding, values: Sequence[int | None], start: int) -> list[AlertStanding]:
        steps = []
        for number, value in enumerate(values):
            standing = advance(rule(), standing, Sighting(value=value), start + number * MINUTE, plain)
            steps.append(standing)
        return steps

    gone = withdraw(
        lived(NEVER_SEEN, (10, *before), START)[-1], START + 20 * MINUTE, reason("alert.unregistered")
    )
    again = START + 30 * MINUTE
    assert [
        (one.status, one.since_ms if one.status != "inactive" else None, one.silent_since_ms)
        for one in lived(NEVER_SEEN, after, again)
    ] == [
        (one.status, one.since_ms if one.status != "inactive" else None, one.silent_since_ms)
        for one in lived(gone, after, again)
    ]
    assert not worth_keeping(gone)


def plain(begin: int, end: int) -> int:
    return end - begin


@pytest.mark.usefixtures("in_english")
def test_a_gateway_is_not_withdrawn_for_being_silent(tmp_path: Path) -> None:
    file = tmp_path / "alerts.toml"
    text = DRAFT.replace('"access_point_down"', '"gateway_silent"')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(
        AlertRulesError, match=r"alerts.toml:\d+: alert\[1\].gone_after_s: silence is an alert of its own"
    ):
        load_alert_rules(file)
