"""A device that several gateways ask: one after the other they heard the sum, else as much as one of them."""

from collections import Counter
from typing import Any

import pytest

from rules.daybook.askers import Asker, askers, heard, in_lessons
from store import Newest

DEVICE = ("R1", "P1", "projector")


def values(begin: int, end: int, **counts: Any) -> dict[str, Any]:
    """What a gateway counted of a device that it asked from one moment to another."""
    return {"first_day": begin, "last_day": Newest(end, "on"), **counts}


def order(*spans: tuple[str, int, int], doubtful: tuple[str, ...] = ()) -> list[tuple[str, bool]]:
    """By gateway in order: whether one before it asked at the same time."""
    table = [((*DEVICE, gateway), values(first, last)) for gateway, first, last in spans]
    (several,) = askers(table, doubtful).values()
    return [(asker.gateway, asker.besides) for asker in several]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([("a", 10, 20)], [("a", False)]),
        ([("b", 21, 30), ("a", 10, 20)], [("a", False), ("b", False)]),
        ([("a", 21, 30), ("b", 10, 20)], [("b", False), ("a", False)]),
        ([("b", 20, 30), ("a", 10, 20)], [("a", False), ("b", True)]),
        # The first one asked longer than the second: the third is beside it.
        ([("a", 10, 50), ("b", 20, 30), ("c", 40, 60)], [("a", False), ("b", True), ("c", True)]),
        ([("b", 10, 20), ("a", 10, 20)], [("a", False), ("b", True)]),
        # A device that was asked at the beginning of time is asked after nobody.
        ([("a", 1, 1), ("b", 2, 2)], [("a", False), ("b", False)]),
    ],
)
def test_who_asks_while_another_one_does_is_beside_it(
    spans: list[tuple[str, int, int]], expected: list[tuple[str, bool]]
) -> None:
    assert expected == order(*spans)


def test_beside_a_clock_that_is_wrong_nobody_knows_who_asked_first() -> None:
    spans = ("a", 10, 20), ("b", 30, 40)
    assert [("a", True), ("b", True)] == order(*spans, doubtful=("b",))
    assert [("a", False), ("b", False)] == order(*spans, doubtful=("c",))
    assert [("a", False)] == order(spans[0], doubtful=("a",))


def test_each_device_has_its_own_gateways() -> None:
    table = [
        (("R1", "A1", "b"), values(5, 6)),
        (("R1", "A2", "a"), values(1, 2)),
        (("R1", "A1", "a"), values(1, 9)),
    ]
    found = {key: [asker.gateway for asker in several] for key, several in askers(table).items()}
    assert {("R1", "A1"): ["a", "b"], ("R1", "A2"): ["a"]} == found


FIRST = values(
    10,
    20,
    polls=12,
    up=9,
    unknown=2,
    off_campus=3,
    clients_known=4,
    clients_sum=40,
    clients_most=11,
    last=Newest(20, "up"),
)
SECOND = values(
    15,
    30,
    polls=10,
    up=8,
    unknown=5,
    off_campus=1,
    clients_known=6,
    clients_sum=10,
    clients_most=3,
    last=Newest(30, "down"),
    early=2,
)


def test_one_after_the_other_they_heard_the_sum() -> None:
    several = [Asker("a", FIRST, besides=False), Asker("b", SECOND, besides=False)]
    assert (
        {
            "first_day": 10,
            "last_day": Newest(30, "on"),
            "last": Newest(30, "down"),
            "polls": 22,
            "up": 17,
            "unknown": 7,
            "off_campus": 4,
            "clients_known": 10,
            "clients_sum": 50,
            "clients_most": 11,
            "early": 2,
        }
        == heard(several)
        == heard(several[::-1])
    )


def test_at_the_same_time_a_minute_counts_once_and_what_was_heard_of_it_best() -> None:
    several = [Asker("a", FIRST, besides=False), Asker("b", SECOND, besides=True)]
    assert {
        "first_day": 10,
        "last_day": Newest(30, "on"),
        "last": Newest(30, "down"),
        "polls": 12,
        "up": 9,
        # Known of 10 polls by the first, of 5 by the second; up on the campus's network of 6 and of 7.
        "unknown": 2,
        "off_campus": 2,
        "clients_known": 10,
        "clients_sum": 50,
        "clients_most": 11,
        "early": 2,
    } == heard(several)


@pytest.mark.parametrize(("bad", "of"), [("faulty", "answered"), ("on_faulty", "on")])
def test_of_a_display_too_what_is_wrong_is_what_nobody_heard_right(bad: str, of: str) -> None:
    one, other = values(10, 20, **{of: 8, bad: 8}), values(10, 20, **{of: 6})
    both = heard([Asker("a", one, besides=False), Asker("b", other, besides=True)])
    assert (8, 2) == (both[of], both[bad])
    alone = heard([Asker("a", one, besides=False), Asker("b", other, besides=False)])
    assert (14, 8) == (alone[of], alone[bad])


def test_who_got_no_answer_heard_none_that_was_right() -> None:
    one, other = values(10, 20, answered=8, faulty=8), values(10, 20)
    both = heard([Asker("a", one, besides=False), Asker("b", other, besides=True)])
    assert (8, 8) == (both["answered"], both["faulty"])


def test_what_is_bad_is_not_told_where_nobody_counted_any() -> None:
    one, other = values(10, 20, polls=8), values(10, 20, polls=6)
    assert "unknown" not in heard([Asker("a", one, besides=False), Asker("b", other, besides=True)])


def test_a_third_gateway_is_held_against_what_the_others_heard_together() -> None:
    asked = [values(10, 20, polls=10, unknown=unknown) for unknown in (9, 4, 7)]
    several = [Asker(name, found, besides=name != "a") for name, found in zip("abc", asked, strict=True)]
    assert (10, 4) == (heard(several)["polls"], heard(several)["unknown"])


@pytest.mark.parametrize(
    ("besides", "expected"),
    [(False, {"known0": 12, "lit0": 6, "known1": 3}), (True, {"known0": 8, "lit0": 5, "known1": 3})],
)
def test_lessons_are_put_together_as_days_are(besides: bool, expected: dict[str, int]) -> None:
    several = [Asker("a", {}, besides=False), Asker("b", {}, besides=besides), Asker("c", {}, besides=False)]
    counted = {"a": {"known0": 4, "lit0": 5}, "b": {"known0": 8, "lit0": 1, "known1": 3}}
    assert Counter(expected) == in_lessons(several, counted)
