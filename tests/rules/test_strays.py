"""What sends readings and is not in the registry is told, with what it may be, until that is mended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract import Address, Point, Reading, RoomDevice, Status, status_point, to_point, utc_text
from registry import Registry
from rules.alerts.judging import judge, look
from rules.alerts.machine import AlertStanding
from rules.alerts.notices import AlertKey
from rules.alerts.recording import read_standings, round_points
from rules.alerts.replay import replay
from rules.alerts.rules_file import AlertRules, load_alert_rules
from rules.answers.inquiry import inquire
from rules.answers.keeping import keep
from rules.words import worded
from store import Store, open_store
from tests.rules.build import DISTRICT, registry, school
from tests.rules.telemetry import ADDRESS, CODE, MINUTE, access_point, ms, one_school, room

BEGIN = ms("2021-09-28T09:00")
STRANGER = Address(DISTRICT, CODE[:-1] + "9", "gw7")
ELSEWHERE = Address("120117", CODE, "gw1")


def rules() -> AlertRules:
    """The shipped one, without the time that it waits."""
    shipped = load_alert_rules()
    (asked,) = (one for one in shipped.alerts if one.name == "readings-unregistered")
    return shipped.model_copy(update={"alerts": (asked.model_copy(update={"for_s": 0}),)})


@dataclass
class World:
    """Rounds of evaluation and alerts, ten minutes apart, over what gateways have sent by then."""

    store: Store
    known: Registry
    now: int = BEGIN

    def send(self, *readings: Reading, sender: Address = ADDRESS) -> None:
        self.write([to_point(sender, "0" * 16, n, reading) for n, reading in enumerate(readings, 1)])

    def status(self, sender: Address) -> None:
        self.write([status_point(sender, Status(online=True, time=utc_text(self.now)), time_ms=self.now)])

    def write(self, points: list[Point]) -> None:
        assert self.store.write(points) == []

    def round(self) -> list[tuple[str, str, str, str]]:
        """School, subject, status and detail of what changed."""
        evaluation = inquire(self.known, None, now_ms=self.now).evaluation(self.store)
        assert keep(self.store, self.known, evaluation, self.now) == []
        standings = read_standings(self.store)
        seen = look(self.store, rules(), self.known, standings, self.now)
        found = judge(rules(), self.known, standings, seen, self.now)
        self.write(round_points(rules(), found))
        self.now += 10 * MINUTE
        return changed(found.changes)

    def replayed(self) -> list[tuple[str, str, str, str]]:
        again = replay(
            self.store, self.known, rules(), since_ms=BEGIN, until_ms=self.now, every_ms=10 * MINUTE
        )
        return [line for one in again.transitions for line in changed({one.key: one.standing})]


def changed(changes: Mapping[AlertKey, AlertStanding]) -> list[tuple[str, str, str, str]]:
    return [(key[1], key[3], one.status, worded(one.detail, "zh")) for key, one in sorted(changes.items())]


@pytest.fixture
def world(tmp_path: Path) -> World:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.prepare()
    return World(store, one_school(room("R101"), room("R102")))


def test_a_room_that_the_registry_does_not_have_is_told_until_it_has_it(world: World) -> None:
    world.send(
        access_point(world.now, "up", room="R101"), access_point(world.now, "up", ap="AP2", room="R1O2")
    )
    first = world.round()
    world.known = one_school(room("R101"), room("R102"), room("R1O2"))
    second = world.round()
    assert [
        (CODE, "R1O2", "firing", "登记表中该校没有房间 R1O2，其读数不计入任何指标；可能是 R102、R101")
    ] == first
    assert [(CODE, "R1O2", "inactive")] == [line[:3] for line in second]
    assert first + second == world.replayed()


def test_a_room_map_that_is_mended_ends_it_although_what_was_sent_before_is_still_there(world: World) -> None:
    world.send(access_point(world.now, "up", room="R1O2"))
    assert ["firing"] == [line[2] for line in world.round()]
    after = []
    for _ in range(8):
        world.send(access_point(world.now, "up", room="R102"))
        after += [line[:3] for line in world.round()]
    assert [(CODE, "R1O2", "inactive")] == after


def test_a_plug_alone_is_enough(world: World) -> None:
    world.send(RoomDevice(time=world.now, device="PLUG", type="plug", room="R9", reachable=True))
    assert [(CODE, "R9", "firing")] == [line[:3] for line in world.round()]


def test_a_school_that_the_registry_does_not_have_is_told_with_its_gateway_and_the_likely_code(
    world: World,
) -> None:
    world.status(STRANGER)
    world.send(access_point(world.now, "up", room="R101"), sender=STRANGER)
    first = world.round()
    world.known = replace(
        world.known,
        schools={**world.known.schools, STRANGER.school: school(STRANGER.school)},
    )
    world.send(access_point(world.now, "up", room="R101"))
    second = world.round()
    said = f"登记表中没有学校 {STRANGER.school}，其读数不计入任何指标；可能是 {CODE}；网关 gw7"
    assert [(STRANGER.school, STRANGER.school, "firing", said)] == first
    # Now the school is known, and its room is not.
    assert {(STRANGER.school, STRANGER.school, "inactive"), (STRANGER.school, "R101", "firing")} == {
        line[:3] for line in second
    }
    assert sorted(first + second) == sorted(world.replayed())


def test_a_gateway_that_names_another_district_is_told_until_it_names_the_right_one(world: World) -> None:
    world.send(access_point(world.now, "up", room="R101"))
    world.status(ELSEWHERE)
    first = world.round()
    world.status(Address(DISTRICT, CODE, "gw1"))
    second = world.round()
    said = f"网关所报行政区 120117 不是该校的；可能是 {DISTRICT}；网关 gw1"
    assert [(CODE, "120117", "firing", said)] == first
    assert [(CODE, "120117", "inactive")] == [line[:3] for line in second]


def test_a_stray_whose_school_leaves_the_registry_becomes_that_school(world: World) -> None:
    world.send(access_point(world.now, "up", room="R9"))
    world.round()
    world.known = registry([school("2112000777")])
    assert {(CODE, "R9", "withdrawn"), (CODE, CODE, "firing")} == {line[:3] for line in world.round()}


def test_what_is_silent_for_a_day_is_no_stray_any_more(world: World) -> None:
    world.status(STRANGER)
    assert ["firing"] == [line[2] for line in world.round()]
    world.now += 24 * 60 * MINUTE
    assert ["inactive"] == [line[2] for line in world.round()]
