"""What a report that was handed in has frozen: its seal, its rates, and every answer by its place."""

from fractions import Fraction
from typing import Any

import pytest

from rules.stored.frozen import Earlier, earlier_of, fingerprint, rates_of, seal_of


def tally(rate: str | None = "50.00", passing: int = 1, failing: int = 1, **more: Any) -> dict[str, Any]:
    return {"rate": rate, "passing": passing, "failing": failing, **more}


def district(**more: Any) -> dict[str, Any]:
    primary = {
        "indicators": {"L7": tally("75.00", cv="0.394205"), "L6": tally(None, 0, 0, cv=None)},
        "overall": tally("25.00"),
        "composite_cv": "0.367503",
    }
    return {"district": "120116", "stages": {"primary": primary}, "wireless": tally("80.00"), **more}


def test_the_order_of_keys_is_nothing_and_everything_else_is_in_the_seal() -> None:
    content = {"quarter": "2026Q4", "sections": [1, 2], "seal": "old"}
    turned = {"seal": "another", "sections": [1, 2], "quarter": "2026Q4"}
    assert seal_of(content) == seal_of(turned) == fingerprint({"quarter": "2026Q4", "sections": [1, 2]})
    assert 3 == len(
        {seal_of(content), seal_of({**content, "sections": [2, 1]}), seal_of({**content, "x": None})}
    )


def test_a_seal_of_years_ago_is_made_again_by_this_version() -> None:
    """`printf '{"sections":[1,2],"季度":"2026Q4"}' | sha256sum`"""
    made = seal_of({"季度": "2026Q4", "seal": "", "sections": [1, 2]})
    assert "d9a5a2e2ca6a5f7ac1386c5e40e57368b651cfde09f5b5e21d2c9c5aa25e6df7" == made


def test_rates_and_coefficients_stand_by_district_stage_and_indicator() -> None:
    found = rates_of({"districts": [district(guarantees={"G2": tally("60.00")})]})
    assert (
        {
            ("120116", "primary", "L7"): "75.00",
            ("120116", "primary", "overall"): "25.00",
            ("120116", "school", "wireless"): "80.00",
            ("120116", "school", "G2"): "60.00",
        },
        {("120116", "primary", "L7"): "0.394205", ("120116", "primary", "overall"): "0.367503"},
    ) == found


@pytest.mark.parametrize(
    ("counted", "rate"),
    [
        (tally("0.00", 0, 1), "0.00"),
        (tally("100.00", 1, 0), "100.00"),
        (tally("0.00", 0, 0), None),
        (tally(None, 1, 1), None),
    ],
)
def test_where_nothing_is_known_there_is_no_rate(counted: dict[str, Any], rate: str | None) -> None:
    rates, _ = rates_of({"districts": [district(wireless=counted)]})
    assert rate == rates.get(("120116", "school", "wireless"))


def test_an_evaluation_without_districts_has_no_rates() -> None:
    assert ({}, {}) == rates_of({})


def wireless(**more: Any) -> dict[str, Any]:
    told = {
        "school_code": "1",
        "verdict": "fail",
        "rooms_covered": 3,
        "rooms_required": 8,
        "completeness": "0.9",
    }
    return told | more


def test_an_answer_is_kept_with_what_it_rested_on() -> None:
    answer = {
        "verdict": "pass",
        "value_exact": "700/302",
        "numerator": "7",
        "denominator": "302",
        "threshold": "2.3",
        "observed": None,
    }
    section = {
        "school_code": "1",
        "stage": "primary",
        "indicators": {"L7": answer, "L6": answer | {"observed": "7"}},
    }
    guarantee = {"school_code": "1", "G2": {"verdict": "fail", "value": "3/4", "threshold": "1"}, "G9": {}}
    found = earlier_of(
        {"sections": [section], "wireless": {"schools": [wireless()]}, "guarantees": [guarantee]}
    )
    kept = Earlier(
        verdict="pass",
        value=Fraction(350, 151),
        numerator="7",
        denominator="302",
        threshold="2.3",
        observed=False,
    )
    assert {
        ("1", "primary", "L7"): kept,
        ("1", "primary", "L6"): Earlier(
            **{**{name: getattr(kept, name) for name in kept.__slots__}, "observed": True}
        ),
        ("1", "school", "wireless"): Earlier(
            verdict="fail", value=Fraction(75, 2), numerator="3", denominator="8"
        ),
        ("1", "school", "G2"): Earlier(verdict="fail", value=Fraction(3, 4), numerator="3/4", threshold="1"),
    } == found


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"rooms_covered": 0}, True),
        ({"rooms_covered": None}, False),
        ({"rooms_required": 0}, False),
        ({"completeness": None}, False),
        ({"completeness": "0.0000"}, False),
    ],
)
def test_coverage_of_which_nothing_was_known_has_no_figure(told: dict[str, Any], known: bool) -> None:
    found = earlier_of({"sections": [], "wireless": {"schools": [wireless(**told)]}})[
        "1", "school", "wireless"
    ]
    assert (known, known) == (found.value is not None, found.numerator is not None)
