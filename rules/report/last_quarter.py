"""What the quarter before said, from its frozen evaluation: answers by place, rates by district. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.report.quarter import Quarter
from rules.stored.frozen import Earlier, Place, earlier_of, rates_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LastQuarter:
    """rates: percent that passed, coefficients: rounded, each by (district, stage, indicator)."""

    quarter: Quarter
    answers: Mapping[Place, Earlier] = field(default_factory=dict)
    rates: Mapping[Place, str] = field(default_factory=dict)
    coefficients: Mapping[Place, str] = field(default_factory=dict)


def last_quarter(quarter: Quarter, evaluation: Mapping[str, Any]) -> LastQuarter:
    """From the newest version that was handed in."""
    rates, coefficients = rates_of(evaluation)
    return LastQuarter(
        quarter=quarter, answers=earlier_of(evaluation), rates=rates, coefficients=coefficients
    )
