"""Ledgers of two gateways of one school: nothing is lost for its number, nothing counts for sure twice."""

from typing import Any

from rules.facts.facts import AssetFacts
from rules.facts.joined_ledgers import join_ledgers


def asset(number: str, value: int = 10, **fields: Any) -> AssetFacts:
    known = {"name": "a", "category": None, "room": None, "serial": None, "quantity": 1, "status": None}
    return AssetFacts(asset=number, value_fen=value, **(known | fields))


def joined(*ledgers: list[AssetFacts]) -> list[tuple[str, int, str | None]]:
    return [(one.asset, one.value_fen, one.doubt) for one in join_ledgers(ledgers)]


def test_two_halves_both_count() -> None:
    assert joined([asset("ZC1")], [asset("ZC2")]) == [("ZC1", 10, None), ("ZC2", 10, None)]


def test_of_the_same_ledger_told_by_a_gateway_that_was_replaced_the_newer_telling_stands() -> None:
    newer = [asset("ZC1"), asset("ZC2"), asset("ZC3", room="B")]
    older = [asset("ZC1"), asset("ZC2"), asset("ZC3", room="A"), asset("ZC4")]
    assert joined(newer, older) == [
        ("ZC1", 10, None),
        ("ZC2", 10, None),
        ("ZC3", 10, None),
        ("ZC4", 10, "version"),
    ]


def test_running_numbers_of_two_campuses_are_other_things() -> None:
    east = [asset("1", 10, room="E1"), asset("2", 20, room="E2")]
    west = [asset("1", 30, room="W1"), asset("2", 40, name="b")]
    assert sorted(value for _, value, doubt in joined(east, west) if doubt is None) == [10, 20, 30, 40]


def test_one_number_with_two_values_is_a_doubt_and_another_thing_is_none() -> None:
    one = [asset("ZC1", 10), asset("ZC5", name="x"), asset("ZC6"), asset("ZC7")]
    two = [asset("ZC1", 90), asset("ZC5", name="y"), asset("ZC8"), asset("ZC9")]
    assert [doubt for number, _, doubt in joined(one, two) if number in {"ZC1", "ZC5"}] == [
        "conflict",
        "conflict",
        None,
        None,
    ]


def test_the_same_line_in_ledgers_that_have_little_in_common_may_be_there_twice() -> None:
    one, two = [asset("ZC1"), asset("ZC2"), asset("ZC3")], [asset("ZC1"), asset("ZC8"), asset("ZC9")]
    assert [doubt for number, _, doubt in joined(one, two) if number == "ZC1"] == [None, "repeated"]
