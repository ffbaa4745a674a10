"""A gateway that falls silent takes none of its devices away, though another of the school goes on."""

from datetime import date

import pytest

from contract import Address, Point, Reading, to_point
from contract.daybook import touched_points
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.stored.retirements import Retirement, retirement_point
from store import Store
from tests.rules.build import BINHAI, DISTRICT
from tests.rules.observing import DAYS
from tests.rules.telemetry import (
    ADDRESS,
    CODE,
    LAST_DAY,
    NOW,
    access_point,
    good_survey,
    one_school,
    polls,
    projector,
    room,
)

OTHER = Address(DISTRICT, CODE, "gw2")
HEARD = DAYS[:17]


def told(address: Address, *readings: Reading) -> list[Point]:
    points = [to_point(address, "0" * 16, number, reading) for number, reading in enumerate(readings, 1)]
    return [*points, *touched_points(points, int(address.gateway[2:]))]


def times(days: tuple[date, ...]) -> list[int]:
    return [time for day in days for time in polls(day, count=18)]


def judged(store: Store, *points: Point) -> Evaluation:
    store.write(points)
    known = one_school(room())
    return evaluate(known, BINHAI, observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW), LAST_DAY)


@pytest.mark.parametrize("days", [DAYS, HEARD])
def test_an_access_point_that_was_down_still_covers_nothing(store: Store, days: tuple[date, ...]) -> None:
    up = [access_point(time, "up", ap="A") for time in times(DAYS)]
    down = [access_point(time, "down", ap="B") for time in times(days)]
    found = judged(store, *told(ADDRESS, *good_survey(), *up), *told(OTHER, *down))
    assert found.coverage[0].rooms[0].verdict == "fail"


def test_a_display_that_worked_is_not_forgotten_for_one_that_is_never_on(store: Store) -> None:
    off = [projector(time, device="P1", power="off") for time in times(DAYS)]
    on = [projector(time, device="P2") for time in times(HEARD)]
    found = judged(store, *told(ADDRESS, *off), *told(OTHER, *on))
    assert [one.seen for one in found.multimedia] == ["working"]


def test_a_gateway_out_of_service_holds_none_of_its_devices(store: Store) -> None:
    up = [access_point(time, "up", ap="A") for time in times(DAYS)]
    down = [access_point(time, "down", ap="B") for time in times(HEARD)]
    gone = Retirement(
        district=DISTRICT, school=CODE, kind="gateway", subject="gw2", since=DAYS[17], reason="换新"
    )
    points = [*told(ADDRESS, *good_survey(), *up), *told(OTHER, *down), retirement_point(gone, NOW - 1)]
    assert judged(store, *points).coverage[0].rooms[0].verdict == "pass"
