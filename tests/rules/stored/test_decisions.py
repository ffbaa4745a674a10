"""What people decided is read back as it was said, the newest where only that stands."""

from dataclasses import replace
from datetime import date

import pytest

from contract import Point
from contract.daybook import LATE_DAY
from rules.stored.acknowledgements import (
    Acknowledgement,
    acknowledgement_point,
    read_acknowledgements,
)
from rules.stored.audit import NOWHERE, AuditLine, audit_point, read_audit
from rules.stored.comments import Comment, comment_point, read_comments
from rules.stored.decisions import DECISIONS
from rules.stored.late import LateDay, read_late
from rules.stored.retirements import RetiredKind, Retirement, Retirements, read_retirements, retirement_point
from rules.stored.stocktakes import StockLine, Stocktake, read_lines, read_stocktakes, stocktake_points
from rules.words import reason
from store import Store

DISTRICT, SCHOOL, OTHER = "120116", "2112000001", "2112000002"
DAY = date(2021, 9, 7)
DAY_MS = 1_630_944_000_000


def test_every_table_of_decisions_is_kept_as_a_record() -> None:
    assert {"records"} == {table.kept for table in DECISIONS.values()}
    assert {name: name for name in DECISIONS} == {name: table.name for name, table in DECISIONS.items()}


def test_the_newest_acknowledgement_of_an_alert_stands(store: Store) -> None:
    taken = Acknowledgement(
        key=(DISTRICT, SCHOOL, "gateway-silent", "gw1"), since_ms=10, who="ann", note="", time_ms=20
    )
    again = replace(taken, since_ms=30, who="bob", note="电工已到", time_ms=40)
    elsewhere = replace(taken, key=(DISTRICT, OTHER, "gateway-silent", "gw1"))
    store.write([acknowledgement_point(given) for given in (again, taken, elsewhere)])
    assert {again.key: again, elsewhere.key: elsewhere} == read_acknowledgements(store)


def test_comments_are_those_of_the_school_the_newest_first(store: Store) -> None:
    first = Comment(district=DISTRICT, school=SCHOOL, who="ann", text="在修", about="", time_ms=10)
    second = replace(first, who="bob", text="修好了", about="R1", time_ms=20)
    store.write([comment_point(said) for said in (first, second, replace(first, school=OTHER))])
    assert [second, first] == read_comments(store, SCHOOL)


def test_changes_are_read_of_a_span_the_newest_first(store: Store) -> None:
    line = AuditLine(time_ms=10, action="user_add", who="ann", role="bureau", address="::1", subject="bob")
    later = replace(line, time_ms=20, district=DISTRICT, school=SCHOOL, detail="新来的", subject="")
    beside = replace(line, action="token_add")
    nobody = replace(line, time_ms=30, who="", district="", school="")
    store.write([audit_point(made) for made in (line, later, beside, nobody)])
    named = replace(nobody, who=NOWHERE, district=NOWHERE, school=NOWHERE)
    assert [named, later, beside, line] == read_audit(store, since_ms=0)
    assert [later] == read_audit(store, since_ms=11, until_ms=30)


RETIRED = Retirement(
    district=DISTRICT, school=SCHOOL, kind="device", subject="PJ-1", since=DAY, reason="报废"
)


def test_a_retirement_stands_until_it_is_taken_back(store: Store) -> None:
    store.write([retirement_point(RETIRED, 10), retirement_point(replace(RETIRED, retired=False), 20)])
    room = replace(RETIRED, kind="room", subject="R1")
    store.write([retirement_point(room, 5)])
    key, room_key = (SCHOOL, "device", "PJ-1"), (SCHOOL, "room", "R1")
    found = [dict(read_retirements(store, until_ms=until).found) for until in (10, 11, 20, None)]
    both = {key: RETIRED, room_key: room}
    assert [{room_key: room}, both, both, {room_key: room}] == found


@pytest.mark.parametrize(("day", "out"), [(date(2021, 9, 6), False), (DAY, True), (date(2022, 1, 1), True)])
def test_what_is_retired_counts_no_more_from_its_first_day_on(day: date, out: bool) -> None:
    retirements = Retirements({(SCHOOL, "device", "PJ-1"): RETIRED})
    assert out is retirements.on(SCHOOL, "device", "PJ-1", day)
    assert out is retirements.any_on(SCHOOL, "PJ-1", day)
    assert not retirements.on(OTHER, "device", "PJ-1", day)
    assert not retirements.any_on(SCHOOL, "PJ-2", day)


@pytest.mark.parametrize(
    ("kind", "subject", "device", "ap"),
    [
        ("device", "X", True, False),
        ("access_point", "X", False, True),
        ("room", "R1", True, True),
        ("room", "X", False, False),
        ("device", "R1", False, False),
        ("gateway", "X", False, False),
    ],
)
def test_a_thing_is_out_of_service_by_itself_or_with_its_room(
    kind: RetiredKind, subject: str, device: bool, ap: bool
) -> None:
    found = Retirements({(SCHOOL, kind, subject): replace(RETIRED, kind=kind, subject=subject)})
    asked = (SCHOOL, "R1", "X", DAY)
    assert (device, ap) == (found.device_on(*asked), found.ap_on(*asked))


def test_gateways_out_of_service_are_those_of_the_school_and_the_day() -> None:
    gone = {
        (school, kind, subject): replace(RETIRED, school=school, kind=kind, subject=subject, since=since)
        for school, kind, subject, since in (
            (SCHOOL, "gateway", "gw1", DAY),
            (SCHOOL, "gateway", "gw2", date(2021, 9, 8)),
            (OTHER, "gateway", "gw3", DAY),
            (SCHOOL, "device", "gw4", DAY),
        )
    }
    assert frozenset({"gw1"}) == Retirements(gone).gateways_on(SCHOOL, DAY)  # type: ignore[arg-type]


TAKE = Stocktake(
    district=DISTRICT,
    school=SCHOOL,
    file="f" * 8,
    day=DAY,
    day_ms=DAY_MS,
    file_name="盘点.xlsx",
    who="ann",
    taken_ms=DAY_MS + 90_000_000,
    lines=2,
    unmarked=3,
    untaken=4,
)
LINE = StockLine(
    district=DISTRICT,
    school=SCHOOL,
    file=TAKE.file,
    place=7,
    day=DAY,
    day_ms=DAY_MS,
    taken_ms=TAKE.taken_ms,
    outcome="seen",
    cell="盘点表 G2",
    asset="ZC-1",
    device="10.0.0.7",
    serial="SN1",
    name="投影仪",
    room="R1",
    broken=True,
)


def later(days: int, **more: object) -> Stocktake:
    return replace(
        TAKE,
        day=date(2021, 9, 7 + days),
        day_ms=DAY_MS + days * 86_400_000,
        **more,  # type: ignore[arg-type]  # fields of a stock-take
    )


def test_stock_takes_are_read_back_the_newest_day_first(store: Store) -> None:
    again = replace(TAKE, file="e" * 8, taken_ms=TAKE.taken_ms + 1)
    takes = [TAKE, later(1, file="a" * 8), again, replace(TAKE, school=OTHER)]
    assert [] == store.write(stocktake_points(takes, ()))
    assert (takes[1], again, TAKE, takes[3]) == read_stocktakes(store)
    assert (takes[3],) == read_stocktakes(store, OTHER)


def test_lines_are_read_back_the_later_first_and_those_of_half_a_file_not(store: Store) -> None:
    other = replace(
        LINE, place=8, outcome="absent", broken=False, asset="", device="", serial="", name="", room=""
    )
    torn = replace(LINE, file="torn")
    points = stocktake_points([TAKE], [LINE, other, torn])
    assert ["stocktake_line"] * 3 + ["stocktake"] == [point.measurement.name for point in points]
    store.write(points)
    assert {SCHOOL: [other, LINE]} == read_lines(store)
    assert ({SCHOOL: [other, LINE]}, {}) == (read_lines(store, SCHOOL), read_lines(store, OTHER))


def test_an_outcome_of_a_later_version_is_none_of_this_one(store: Store) -> None:
    line, take = stocktake_points([TAKE], [LINE])
    store.write([line._replace(fields=(line.fields[0], "lent", *line.fields[2:])), take])
    assert ((TAKE,), {}) == (read_stocktakes(store), read_lines(store))


def test_the_later_of_two_lines_is_that_of_the_later_day_then_of_the_later_file() -> None:
    lines = [
        replace(LINE, day_ms=DAY_MS + 1, taken_ms=0, place=0),
        replace(LINE, taken_ms=LINE.taken_ms + 1, place=0),
        replace(LINE, place=8),
        LINE,
    ]
    mixed = [lines[place] for place in (2, 0, 3, 1)]
    assert lines == sorted(mixed, key=lambda line: line.order, reverse=True)


def test_days_with_late_readings_are_told_the_newest_first(store: Store) -> None:
    told = [(SCHOOL, "2021-09-07", 3, 1), (OTHER, "2021-09-09", 5, 0), (SCHOOL, "2021-09-08", 4, 0)]
    store.write(
        [
            Point(LATE_DAY, (DISTRICT, school), at, (day, readings, exact))
            for at, (school, day, readings, exact) in enumerate(told)
        ]
    )
    found = [LateDay(DISTRICT, school, day, number, exact == 1) for school, day, number, exact in told]
    assert [found[1], found[2], found[0]] == read_late(store)
    assert [found[2], found[0]] == read_late(store, school=SCHOOL)
    assert [
        reason("unmatched.late", day="2021-09-07", readings=3),
        reason("unmatched.late_most", day="2021-09-09", readings=5),
    ] == [found[0].reason, found[1].reason]
