"""Spans in which nobody is told: whom they hold, when, and by which decision."""

from dataclasses import replace

import pytest

from rules.stored.silences import ALL, SILENCE, Silence, Silences, read_silences, silence_point
from store import Store

PLACE = ("120116", "2112000001", "projector-fault", "PJ-1", "R1")
WINDOW = Silence(
    district="120116",
    school="2112000001",
    window="w1",
    kind="maintenance",
    begin_ms=100,
    end_ms=200,
    reason="停电",
    who="ann",
    decided_ms=50,
)


@pytest.mark.parametrize(
    ("narrowed", "inside"),
    [
        ({}, True),
        ({"school": ALL}, True),
        ({"district": "120117", "school": ALL}, False),
        ({"school": "2112000002"}, False),
        ({"alert": "projector-fault"}, True),
        ({"alert": "gateway-silent"}, False),
        ({"subject": "PJ-1"}, True),
        ({"subject": "PJ-2"}, False),
        ({"room": "R1"}, True),
        ({"room": "R2"}, False),
        ({"room": "PJ-1"}, True),  # an alert about the room itself
        ({"alert": "projector-fault", "subject": "PJ-2"}, False),
        ({"subject": "PJ-1", "room": "R2"}, False),
    ],
)
def test_a_window_holds_what_all_of_it_speaks_of(narrowed: dict[str, str], inside: bool) -> None:
    assert inside is replace(WINDOW, **narrowed).covers(*PLACE)  # type: ignore[arg-type]  # texts alone


SHORTENED = replace(WINDOW, decided_ms=120, end_ms=150)


@pytest.mark.parametrize(
    ("instant", "in_force"),
    [(99, []), (100, [WINDOW]), (119, [WINDOW]), (120, [SHORTENED]), (149, [SHORTENED]), (150, [])],
)
def test_in_force_is_the_newest_decision_until_that_moment(instant: int, in_force: list[Silence]) -> None:
    assert in_force == Silences({"w1": [WINDOW, SHORTENED]}).at(instant)


def test_a_window_is_known_from_its_decision_on() -> None:
    silences = Silences({"w1": [WINDOW, SHORTENED]})
    assert [[], [WINDOW], [SHORTENED]] == [list(silences.known_at(moment)) for moment in (49, 50, 120)]


def test_decisions_are_read_back_as_they_were_made_the_oldest_first(store: Store) -> None:
    narrow = replace(WINDOW, window="w2", kind="silence", alert="a", subject="s", room="r")
    store.write([silence_point(decision) for decision in (SHORTENED, narrow, WINDOW)])
    assert {"w1": [WINDOW, SHORTENED], "w2": [narrow]} == read_silences(store).decisions


def test_a_kind_of_a_later_version_is_a_silence(store: Store) -> None:
    point = silence_point(WINDOW)
    store.write([point._replace(fields=("holiday", *point.fields[1:]))])
    assert ["silence"] == [one.kind for one in read_silences(store).decisions["w1"]]
    assert "kind" == SILENCE.field_names[0]
