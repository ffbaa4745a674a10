"""The ground of a plan out of the store: what the last evaluation left of every section, to the last digit.

The amounts are held against the standard again. Where that gives other verdicts than the stored ones, or
something is missing, there is no plan but a reason: one made of a part would look like one of the whole.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry import Registry
from registry.vocabulary import STAGES, IndicatorCode, Stage
from rules.judging.district import judge_district
from rules.judging.evaluate import Evaluation
from rules.judging.indicators import Amount, Bar, Evidence, amount, bars_of
from rules.judging.section_results import SectionResult, section_result
from rules.judging.sections import Section
from rules.standards.standard import Standard
from rules.stored.amounts import AmountError, read_amount, read_share
from rules.words import NOTHING, Reason, from_json, reason
from store import Row

_COUNTED_ON = ("standard", "as_of", "verdict", "threshold", "denominator", "share", "amount", "missing_json")
_Place = tuple[str, Stage]
_Answers = Mapping[IndicatorCode, Row]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What plans start from. evaluation None: `why` says what keeps it from being known.

    stamp: of two grounds with the same one every plan is the same.
    """

    evaluation: Evaluation | None
    why: Reason = NOTHING
    stamp: Hashable = None


class NotKnown(Exception):
    """Why the stored evaluation is no ground for a plan: its one argument, a reason."""


@dataclass(frozen=True)
class _Told:
    """What was stored of a section's evidence: no more than what is not known."""

    missing: Mapping[IndicatorCode, Reason]

    def of(self, bar: Bar) -> Evidence:
        return Evidence(missing=self.missing[bar.indicator.code])


def ground_of(rows: Iterable[Row], registry: Registry | None, standard: Standard) -> Ground:
    """rows: the verdicts that stand now, with the fields of their table; registry None: there is none."""
    try:
        if registry is None:
            raise NotKnown(reason("plan.no_registry"))
        found = list(rows)
        return Ground(evaluation=_evaluation(found, registry, standard), stamp=_stamp(found))
    except NotKnown as error:
        return Ground(evaluation=None, why=error.args[0])


def _stamp(rows: Sequence[Row]) -> Hashable:
    return frozenset((*row.tags.values(), *(row.values[name] for name in _COUNTED_ON)) for row in rows)


def _evaluation(rows: Sequence[Row], registry: Registry, standard: Standard) -> Evaluation:
    sections = [
        _section(place, answers, registry, standard) for place, answers in _places(rows, registry, standard)
    ]
    if not sections:
        raise NotKnown(reason("plan.no_evaluation"))
    codes = sorted({section.section.school.district for section in sections})
    districts = tuple(
        judge_district(code, standard, [one for one in sections if one.section.school.district == code], [])
        for code in codes
    )
    return Evaluation(
        as_of=max(_day(row) for row in rows),
        standard=standard,
        basis="observed",  # whoever stores an evaluation has read what was observed
        facts=None,
        districts=districts,
        regions=(),
        sections=tuple(sections),
        coverage=(),
        guarantees=(),
        multimedia=(),
        assets=(),
        utilisation=(),
        excluded=(),
    )


def _places(rows: Sequence[Row], registry: Registry, standard: Standard) -> list[tuple[_Place, _Answers]]:
    """The rows of every section, in the registry's order: a plan is the same from either ground."""
    codes = {indicator.code for indicator in standard.indicators}
    found: dict[_Place, dict[IndicatorCode, Row]] = defaultdict(dict)
    for row in rows:
        stage = next((stage for stage in STAGES if stage == row.tags["stage"]), None)
        if row.values["standard"] not in {None, standard.name}:
            raise NotKnown(reason("plan.other_standard", standard=str(row.values["standard"])))
        if stage and row.tags["indicator"] in codes:
            found[row.tags["school"], stage][row.tags["indicator"]] = row
    order = {code: number for number, code in enumerate(registry.schools)}
    strangers = sorted({school for school, _ in found} - order.keys())
    if strangers:
        raise NotKnown(reason("plan.other_registry", schools=tuple(strangers[:3])))
    return sorted(found.items(), key=lambda entry: (order[entry[0][0]], STAGES.index(entry[0][1])))


def _section(place: _Place, answers: _Answers, registry: Registry, standard: Standard) -> SectionResult:
    school, stage = registry.schools[place[0]], place[1]
    bars = bars_of(standard)[stage]
    if any(bar.indicator.code not in answers for bar in bars):
        raise NotKnown(reason("plan.part_of_it", school=school.name))
    of_bars = [answers[bar.indicator.code] for bar in bars]
    try:
        amounts = [_amount(row) for row in of_bars]
        pupils, share = _pupils(of_bars[0]), _share(bars, of_bars)
    except AmountError as error:
        raise NotKnown(reason("plan.unreadable", school=school.name)) from error
    missing = {
        bar.indicator.code: from_json(_text(row, "missing_json")) or NOTHING
        for bar, row in zip(bars, of_bars, strict=True)
    }
    section = Section(school=school, members=(school,), stage=stage, pupils=pupils, share=share)
    found = tuple(bar.answers([pupils], [given])[0] for bar, given in zip(bars, amounts, strict=True))
    result = section_result(section, bars, found, _Told(missing), standard.overall)
    for bar, row in zip(bars, of_bars, strict=True):
        _same(result, bar, row)
    return result


def _same(result: SectionResult, bar: Bar, row: Row) -> None:
    """A standard that was changed under its name, or an amount that was, gives another answer."""
    judged = result.judgements[bar.indicator.code]
    if (judged.verdict, bar.threshold_text) != (row.values["verdict"], row.values["threshold"]):
        raise NotKnown(
            reason("plan.other_limits", school=result.section.school.name, code=bar.indicator.code)
        )


def _amount(row: Row) -> Amount:
    text = _text(row, "amount")
    if text is None:
        raise NotKnown(reason("plan.older"))
    return amount(*read_amount(text))


def _share(bars: Sequence[Bar], rows: Sequence[Row]) -> Fraction | None:
    """The section's part of what its stages share: the same of everything that they do. None: not known."""
    texts = {_text(row, "share") for bar, row in zip(bars, rows, strict=True) if bar.shared}
    if len(texts) > 1:
        raise AmountError(" ".join(str(text) for text in texts))
    text = texts.pop() if texts else None
    return None if text is None else read_share(text)


def _pupils(row: Row) -> int | None:
    text = _text(row, "denominator")
    if text is None:
        return None
    whole = read_share(text)
    if whole.denominator != 1:
        raise AmountError(text)
    return int(whole)


def _day(row: Row) -> date:
    text = _text(row, "as_of")
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise NotKnown(reason("plan.older")) from error


def _text(row: Row, name: str) -> str | None:
    value = row.values[name]
    return None if value is None else str(value)
