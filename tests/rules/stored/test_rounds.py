"""Which evaluations there were, and until which of them a stored answer stood."""

from dataclasses import replace

import pytest

from contract import Point
from rules.stored.rounds import WHOLE, Round, Rounds, newest_standing, read_rounds_of
from rules.stored.tables import DISTRICT_INDICATOR
from store import Condition, Query, Row, Select, Store

HERE, THERE = "120116", "120117"


def beat(moment: int, whole_ms: int | None, district: str = HERE) -> Row:
    return Row({"district": district}, moment, {WHOLE: whole_ms})


def answer(time: int, district: str = HERE, school: str = "1") -> Row:
    return Row({"district": district, "school": school}, time, {"verdict": "pass"})


# Everything was stored at 100 and at 200; between and after only what had changed.
ROUNDS = Rounds([beat(220, 200), beat(100, 100), beat(200, 200), beat(120, 100), beat(150, None, THERE)])


def test_the_last_evaluation_of_every_district() -> None:
    assert [(HERE, Round(220, 200)), (THERE, Round(150, 150))] == ROUNDS.each_last()
    assert (Round(150, 150), None) == (ROUNDS.last(THERE), ROUNDS.last("120118"))


def test_rows_are_needed_from_the_first_whole_storing_on() -> None:
    assert (100, None) == (ROUNDS.since_ms, Rounds([]).since_ms)


@pytest.mark.parametrize(
    ("stored", "stood"),
    [
        (99, 99),  # in no evaluation that is known
        (100, 120),
        (110, 120),
        (120, 120),
        (121, 121),  # told by one that is under way
        (200, 220),
        (220, 220),
    ],
)
def test_an_answer_stands_until_everything_is_stored_without_it(stored: int, stood: int) -> None:
    assert answer(stood) == ROUNDS.stood(answer(stored))


@pytest.mark.parametrize(("until", "stood"), [(119, 100), (120, 120), (99, 100)])
def test_later_evaluations_do_not_count_for_a_moment_of_the_past(until: int, stood: int) -> None:
    assert answer(stood) == ROUNDS.stood(answer(100), until=until)


def test_an_answer_of_a_district_without_evaluations_stays_where_it_is() -> None:
    assert answer(100, "120118") == ROUNDS.stood(answer(100, "120118"))


def test_what_was_not_stored_since_everything_was_is_no_more() -> None:
    rows = [answer(199), answer(200, school="2"), answer(230, school="3"), answer(149, THERE)]
    expected = [answer(220, school="2"), answer(230, school="3")]
    assert expected == ROUNDS.now(rows)


def test_without_a_known_evaluation_the_newest_row_of_the_district_is_one() -> None:
    rows = [answer(50), answer(60, school="2"), answer(60, school="3"), answer(40, THERE)]
    assert [*rows[1:3], rows[3]] == Rounds([]).now(rows)


def heartbeat(moment: int, whole_ms: int | None, district: str = HERE, indicator: str = "wireless") -> Point:
    values = {"passing": 1, WHOLE: whole_ms}
    fields = tuple(values.get(name) for name in DISTRICT_INDICATOR.field_names)
    return Point(DISTRICT_INDICATOR, (district, "school", indicator), moment, fields)


def test_evaluations_are_read_of_a_span_or_the_newest_and_of_heartbeats_alone(store: Store) -> None:
    store.write([heartbeat(100, 100), heartbeat(120, 100), heartbeat(150, None, THERE)])
    store.write([heartbeat(130, 130, indicator="L7")])
    found = [
        read_rounds_of(store).each_last(),
        read_rounds_of(store, until=120).each_last(),
        read_rounds_of(store, since=121).each_last(),
        read_rounds_of(store, newest=1, where=(Condition("district", "=", HERE),)).each_last(),
    ]
    here, there = (HERE, Round(120, 100)), (THERE, Round(150, 150))
    assert [[here, there], [(HERE, Round(100, 100))], [there], [here]] == found
    assert 120 == read_rounds_of(store, since=110, newest=1).stood(answer(110)).time
    store.write([heartbeat(160, 160)])
    assert (100, 150) == (read_rounds_of(store).since_ms, read_rounds_of(store, newest=1).since_ms)


@pytest.mark.parametrize("since", [110, 120])
def test_the_newest_of_a_span_is_what_stood_in_it_also_where_it_was_stored_before(
    store: Store, since: int
) -> None:
    store.write([heartbeat(100, 100, indicator="L7"), heartbeat(100, 100), heartbeat(120, 100)])
    store.write([heartbeat(time, None, indicator="L5") for time in (112, 115)])
    # A series that ended with the whole storing before; elsewhere that was earlier still.
    store.write([heartbeat(90, None, indicator="L6"), heartbeat(150, 50, THERE)])
    query = Query(
        measurement=DISTRICT_INDICATOR,
        select=(Select("passing"),),
        group_by=("district", "indicator"),
        where=(Condition("indicator", "!=", "wireless"),),
        since=since,
        until=200,
    )
    rounds = read_rounds_of(store, since=since, until=200)
    found = newest_standing(store, query, rounds)
    assert [("L5", 120), ("L7", 120)] == sorted((row.tags["indicator"], row.time) for row in found)
    # Without any evaluation in the span what was stored in it is all that is known.
    lone = newest_standing(store, replace(query, since=110), Rounds([]))
    assert [("L5", 115)] == [(row.tags["indicator"], row.time) for row in lone]
