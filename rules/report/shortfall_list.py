"""台账 of a quarter: every shortfall, beside the quarter before, with what would close it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from registry import School
from registry.exact import plain, rounded, told_apart
from registry.vocabulary import GUARANTEES, Verdict
from rules.answers.figure import Figure
from rules.judging.evaluate import Evaluation
from rules.judging.gap import guarantee_gap, shortfall
from rules.judging.guarantees import Guarantee
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.wireless import SchoolCoverage
from rules.report.printing import NO_FIGURE, UNKNOWN, money, verdict_name
from rules.standards.naming import IndicatorName, indicator_names
from rules.stored.frozen import Earlier, Place
from rules.words import name

_UNKNOWN = Figure(UNKNOWN)
_FULL = Figure.of(Fraction(100), 0, after="%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The measure in the bureau's own words, and where the shortfall stands in the register (销号状态)."""

    measure: str = ""
    status: str = ""


_NOTHING = Noted()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallLine:
    """One shortfall, or one that was one a quarter ago. Figures as printed; change is empty without a past.

    cause: what changed since then of what the figure rests on.
    """

    school: School
    stage: str
    code: str
    called: IndicatorName
    verdict: Verdict
    now: Figure
    before: Figure
    change: Figure
    target: Figure
    gap: Figure
    cause: str
    measure: str
    state: str
    status: str

    @property
    def place(self) -> Place:
        return self.school.school_code, self.stage, self.code


@dataclass(frozen=True, kw_only=True)
class ShortfallList:
    """The lines in the registry's order."""

    lines: tuple[ShortfallLine, ...] = field(default=())

    def failing(self) -> tuple[ShortfallLine, ...]:
        return tuple(line for line in self.lines if line.verdict == "fail")

    def of_state(self, state: str) -> tuple[ShortfallLine, ...]:
        return tuple(line for line in self.lines if line.state == state)


# Against the quarter before, where there is one.
FAILS, LASTS, NEW, FOUND_OUT, MENDED = "未达标", "持续未达标", "本季新增", "本季判明", "本季已达标"
_FAILS_NOW: Mapping[Verdict, str] = {"fail": LASTS, "pass": NEW, "undetermined": FOUND_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside an answer: its names, the quarter before (None: there is none), what was noted."""

    names: Mapping[str, IndicatorName]
    earlier: Mapping[Place, Earlier] | None
    noted: Mapping[Place, Noted]

    def before(self, place: Place) -> Earlier | None:
        return None if self.earlier is None else self.earlier.get(place)

    def line(
        self,
        school: School,
        place: Place,
        verdict: Verdict,
        now: Figure,
        *,
        exact: Fraction | None,
        target: Figure,
        gap: Figure,
        cause: str,
    ) -> ShortfallLine:
        """exact: the value of which the change is told."""
        before, note = self.before(place), self.noted.get(place, _NOTHING)
        return ShortfallLine(
            school=school,
            stage=place[1],
            code=place[2],
            called=self.names[place[2]],
            verdict=verdict,
            now=now,
            before=_before(before, now),
            change=_change(exact, before, now),
            target=target,
            gap=gap,
            cause=cause if before else "",
            measure=note.measure,
            state=_state(verdict, before),
            status=note.status,
        )


def shortfall_list(
    evaluation: Evaluation,
    earlier: Mapping[Place, Earlier] | None = None,
    noted: Mapping[Place, Noted] | None = None,
) -> ShortfallList:
    """Every answer that is no pass, and every pass that was none a quarter ago; guarantees where they fail.

    `noted` is what the bureau wrote and what the register says of a place; nothing is invented without it.
    """
    beside = _Beside(names=indicator_names(evaluation.standard), earlier=earlier, noted=noted or {})
    lines = [line for source in (_sections, _wireless, _guarantees) for line in source(evaluation, beside)]
    return ShortfallList(lines=tuple(lines))


def _sections(evaluation: Evaluation, beside: _Beside) -> Iterator[ShortfallLine]:
    for result in evaluation.sections:
        section = result.section
        for code, judgement in result.judgements.items():
            place = (section.school.school_code, section.stage, code)
            before = beside.before(place)
            if judgement.verdict == "pass" and (before is None or before.verdict == "pass"):
                continue
            threshold = judgement.bar.threshold
            yield beside.line(
                section.school,
                place,
                judgement.verdict,
                shown(judgement),
                exact=judgement.value if judgement.exact else None,
                target=Figure.of(threshold, _places(plain(threshold)), before="≥"),
                gap=_gap(result, judgement),
                cause=_section_cause(judgement, before),
            )


def _wireless(evaluation: Evaluation, beside: _Beside) -> Iterator[ShortfallLine]:
    if evaluation.facts is None:
        return  # nothing was looked at: the document says so once, not once a school
    for coverage in evaluation.coverage:
        place = (coverage.school.school_code, "school", "wireless")
        before = beside.before(place)
        if coverage.verdict == "pass" and (before is None or before.verdict == "pass"):
            continue
        # Where no room has an answer, nought would be a figure that nobody saw.
        share = Fraction(100 * coverage.count("pass"), coverage.required) if coverage.completeness else None
        yield beside.line(
            coverage.school,
            place,
            coverage.verdict,
            _UNKNOWN if share is None else Figure.of(share, 2, after="%"),
            exact=share,
            target=_FULL,
            gap=_uncovered(coverage),
            cause=_wireless_cause(coverage, before),
        )


def _guarantees(evaluation: Evaluation, beside: _Beside) -> Iterator[ShortfallLine]:
    """What fails, and what failed a quarter ago: a registry without rooms would fill pages with 未判定."""
    for guaranteed in evaluation.guarantees:
        for code, answer in guaranteed.answers.items():
            place = (guaranteed.school.school_code, "school", code)
            before = beside.before(place)
            if answer.verdict != "fail" and (before is None or before.verdict != "fail"):
                continue
            facts, gap = GUARANTEES[code], guarantee_gap(answer)
            value, limit = (
                None if figure is None else Fraction(figure) for figure in (answer.value, answer.threshold)
            )
            sign = "≤" if facts.at_most else "≥"
            yield beside.line(
                guaranteed.school,
                place,
                answer.verdict,
                _UNKNOWN if value is None else Figure.of(value, 0),
                exact=value,
                target=NO_FIGURE if limit is None else Figure.of(limit, 0, before=sign),
                gap=Figure.of(Fraction(gap), 0, after=facts.unit) if gap else NO_FIGURE,
                cause=_guarantee_cause(answer, before),
            )


def shown(judgement: Judgement) -> Figure:
    """A value as printed: two decimals, more where they are needed to tell it from the threshold."""
    value, most = judgement.value, judgement.most
    if value is None:
        return _UNKNOWN
    if judgement.verdict == "undetermined":
        if most is None or not judgement.pupils:
            return Figure(f"不低于{rounded(value, 2)}")
        at_most = most * judgement.bar.indicator.per / judgement.pupils
        return Figure(f"{rounded(value, 2)}～{rounded(at_most, 2)}")
    if judgement.near:
        return Figure.of(value, _places(told_apart(value, judgement.bar.threshold, places=3)))
    return Figure.of(value, 2)


def _places(decimal: str) -> int:
    return len(decimal.partition(".")[2])


def _gap(result: SectionResult, judgement: Judgement) -> Figure:
    found = shortfall(judgement)
    if found is None:
        return NO_FIGURE if judgement.verdict == "pass" else _UNKNOWN
    share = judgement.evidence.share
    whole = "全校" if share is not None and share != 1 and len(result.section.school.stages) > 1 else ""
    least, most = found
    unit = judgement.bar.indicator.unit
    if least == most:
        return Figure.of(Fraction(least), 0, before=whole, after=unit)
    return Figure(f"{whole}{least}～{most}{unit}")


def _uncovered(coverage: SchoolCoverage) -> Figure:
    if not coverage.rooms:
        return _UNKNOWN
    failing, unknown = coverage.count("fail"), coverage.count("undetermined")
    if failing and not unknown:
        return Figure.of(Fraction(failing), 0, after="间未覆盖")
    parts = [f"{failing}间未覆盖"] if failing else []
    return Figure("，".join([*parts, *([f"{unknown}间未判定"] if unknown else [])]))


def _before(before: Earlier | None, now: Figure) -> Figure:
    """In the unit of today's figure."""
    if before is None:
        return NO_FIGURE
    if before.value is None:
        return Figure(verdict_name(before.verdict))
    places = 2 if now.value is None else min(now.places, 2)
    return Figure.of(before.value, places, after="%" if "%" in now.text else "")


def _change(now: Fraction | None, before: Earlier | None, printed: Figure) -> Figure:
    """Of the figures as they are printed, so that a reader's own sum comes out."""
    if now is None or before is None or before.value is None:
        return NO_FIGURE
    then = _before(before, printed)
    change = Fraction(rounded(now, printed.places)) - Fraction(rounded(before.value, then.places))
    return Figure.of(change, printed.places, sign=True)


def _section_cause(judgement: Judgement, before: Earlier | None) -> str:
    """What the figure rests on, as far as it changed."""
    if before is None:
        return ""
    rests, indicator = judgement.evidence, judgement.bar.indicator
    item = name("form_items", indicator.item, "zh")
    known = None if judgement.numerator is None else plain(judgement.numerator)
    pupils = None if judgement.pupils is None else str(judgement.pupils)
    basis = {(False, True): "改按监测数判定", (True, False): "改按申报数判定"}
    return "；".join(
        part
        for part in (
            basis.get((bool(before.observed), rests.observed is not None), ""),
            _moved(item, before.numerator, known, indicator.unit),
            _moved("在校生数", before.denominator, pupils, "人"),
            _moved("达标值", before.threshold, judgement.bar.threshold_text, ""),
        )
        if part
    )


def _wireless_cause(coverage: SchoolCoverage, before: Earlier | None) -> str:
    if before is None:
        return ""
    covered = str(coverage.count("pass")) if coverage.completeness else None
    parts = (
        _moved("已覆盖房间", before.numerator, covered, "间"),
        _moved("应覆盖房间", before.denominator, str(coverage.required), "间"),
    )
    return "；".join(part for part in parts if part)


def _guarantee_cause(answer: Guarantee, before: Earlier | None) -> str:
    if before is None:
        return ""
    value, limit = (None if figure is None else str(figure) for figure in (answer.value, answer.threshold))
    parts = (_moved("实际值", before.numerator, value, ""), _moved("标准", before.threshold, limit, ""))
    return "；".join(part for part in parts if part)


def _moved(what: str, then: str | None, now: str | None, unit: str) -> str:
    if then == now:
        return ""
    if then is None or now is None:
        return f"{what}由{'未知' if then is None else then + unit}变为{'未知' if now is None else now + unit}"
    word = "增至" if Fraction(now) > Fraction(then) else "减至"
    before, after = money(Fraction(then)), money(Fraction(now))
    if unit == "元" and before != after:
        return f"{what}由{before}{word}{after}"
    return f"{what}由{then}{unit}{word}{now}{unit}"


def _state(verdict: Verdict, before: Earlier | None) -> str:
    if verdict == "undetermined":
        return UNKNOWN
    if verdict == "pass":
        return MENDED
    return FAILS if before is None else _FAILS_NOW[before.verdict]
