"""What a report that was handed in has frozen: its seal, and answers and rates of its evaluation. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from registry.vocabulary import GUARANTEES, Verdict

Place = tuple[str, str, str]  # school (or district), stage, indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the quarter before said of one place, and what it rested on. None: not known, or not told then."""

    verdict: Verdict
    value: Fraction | None
    numerator: str | None = None
    denominator: str | None = None
    threshold: str | None = None
    observed: bool | None = None


def fingerprint(data: object) -> str:
    """Of anything that JSON can say, whatever the order of its keys."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seal_of(content: Mapping[str, Any]) -> str:
    """Of all that a snapshot says beside its seal."""
    return fingerprint({key: value for key, value in content.items() if key != "seal"})


def rates_of(evaluation: Mapping[str, Any]) -> tuple[dict[Place, str], dict[Place, str]]:
    """Percent that passed, and rounded coefficients, each by (district, stage, indicator)."""
    rates: dict[Place, str] = {}
    coefficients: dict[Place, str] = {}
    for district in evaluation.get("districts", ()):
        code = district["district"]
        for stage, figures in district["stages"].items():
            for indicator, balance in figures["indicators"].items():
                _put(rates, (code, stage, indicator), _rate(balance))
                _put(coefficients, (code, stage, indicator), balance["cv"])
            _put(rates, (code, stage, "overall"), _rate(figures["overall"]))
            _put(coefficients, (code, stage, "overall"), figures["composite_cv"])
        _put(rates, (code, "school", "wireless"), _rate(district["wireless"]))
        for guarantee, counted in district.get("guarantees", {}).items():
            _put(rates, (code, "school", guarantee), _rate(counted))
    return rates, coefficients


def _put(found: dict[Place, str], place: Place, value: str | None) -> None:
    if value is not None:
        found[place] = value


def _rate(tally: Mapping[str, Any]) -> str | None:
    """None where nothing was known: that is no rate of nought."""
    rate = tally["rate"]
    return str(rate) if rate is not None and tally["passing"] + tally["failing"] else None


def earlier_of(evaluation: Mapping[str, Any]) -> dict[Place, Earlier]:
    """Every answer by its place."""
    found: dict[Place, Earlier] = {}
    for section in evaluation["sections"]:
        for code, answer in section["indicators"].items():
            found[section["school_code"], section["stage"], code] = Earlier(
                verdict=answer["verdict"],
                value=_exact(answer["value_exact"]),
                numerator=answer["numerator"],
                denominator=answer["denominator"],
                threshold=answer["threshold"],
                observed=answer["observed"] is not None,
            )
    for school in evaluation["wireless"]["schools"]:
        covered, required = school["rooms_covered"], school["rooms_required"]
        known = covered is not None and required and school["completeness"] not in (None, "0.0000")
        found[school["school_code"], "school", "wireless"] = Earlier(
            verdict=school["verdict"],
            value=Fraction(100 * covered, required) if known else None,
            numerator=str(covered) if known else None,
            denominator=str(required),
        )
    for school in evaluation.get("guarantees", ()):  # reports of before they were judged have none
        for code in GUARANTEES:
            if answer := school.get(code):
                found[school["school_code"], "school", code] = Earlier(
                    verdict=answer["verdict"],
                    value=_exact(answer["value"]),
                    numerator=answer["value"],
                    threshold=answer["threshold"],
                )
    return found


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
