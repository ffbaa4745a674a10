"""Figures of their own that a standard's allowances add to an indicator: shared teachers, other venues.

They count for a school that carries the allowance's flag where the standard applies it; what is not stated
there may be any number. Elsewhere they are shown and change nothing.
"""

from dataclasses import dataclass
from fractions import Fraction

from registry import Registry
from registry.exact import plain
from registry.vocabulary import AllowanceItem, StatisticsStage
from rules.judging.sections import Section, figure, unstated
from rules.standards.standard import FigureAllowance
from rules.words import Reason, joined, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """counted: added to the form's figure; open: counts and is not stated; aside: stated and not counted."""

    counted: tuple[tuple[AllowanceItem, Fraction], ...] = ()
    open: tuple[AllowanceItem, ...] = ()
    aside: tuple[tuple[AllowanceItem, Fraction], ...] = ()

    @property
    def total(self) -> Fraction:
        return sum((value for _, value in self.counted), Fraction(0))

    @property
    def reason(self) -> Reason:
        """What was added to the form's own figure, and what was not."""
        counted = [reason("allowed.counted", item=item, figure=plain(value)) for item, value in self.counted]
        aside = [reason("allowed.aside", item=item, figure=plain(value)) for item, value in self.aside]
        return joined(*counted, *aside)


def applies(allowance: FigureAllowance, section: Section) -> bool:
    """Whether an allowance counts for the section's school."""
    school = section.school
    return (
        allowance.applies
        and allowance.flag in school.flags
        and (not allowance.kinds or school.kind in allowance.kinds)
    )


def allowed(
    registry: Registry,
    section: Section,
    allowances: tuple[FigureAllowance, ...],
    sheet: StatisticsStage,
) -> Allowed:
    """What the school states of an indicator's allowances; a figure that several name counts once."""
    counted: dict[AllowanceItem, Fraction] = {}
    aside: dict[AllowanceItem, Fraction] = {}
    unknown: list[AllowanceItem] = []
    for allowance in sorted(allowances, key=lambda each: not applies(each, section)):
        item = allowance.item
        if item in counted or item in unknown:
            continue
        value = figure(registry, section.members, sheet, item)
        if not applies(allowance, section):
            if value:
                aside[item] = value
        elif value is None:
            unknown.append(item)
        else:
            counted[item] = value
    return Allowed(counted=tuple(counted.items()), open=tuple(unknown), aside=tuple(aside.items()))


def open_reason(registry: Registry, section: Section, found: Allowed, sheet: StatisticsStage) -> Reason:
    """Which allowances are not stated."""
    return joined(*(unstated(registry, section.members, sheet, item) for item in found.open))
