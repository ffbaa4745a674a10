"""台账 of a quarter: every shortfall, beside the quarter before, with what would close it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from registry import School
from registry.exact import plain, rounded, told_apart
from registry.vocabulary import GUARANTEES, Verdict
from rules.judging.evaluate import Evaluation
from rules.judging.gap import guarantee_gap, shortfall
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.wireless import SchoolCoverage
from rules.report.printing import UNKNOWN, verdict_name
from rules.words import name as word

Place = tuple[str, str, str]  # school code, stage, indicator
WIRELESS = "无线网络全覆盖"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the quarter before said of one place."""

    verdict: Verdict
    value: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The measure in the bureau's own words, and where the shortfall stands in the register (销号状态)."""

    measure: str = ""
    status: str = ""


_NOTHING = Noted()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallLine:
    """One shortfall, or one that was one a quarter ago. Figures as shown; change is empty without a past."""

    school: School
    stage: str
    code: str
    indicator: str
    verdict: Verdict
    now: str
    before: str
    change: str
    target: str
    gap: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside an answer: the quarter before (None: there is none), and what was noted."""

    earlier: Mapping[Place, Earlier] | None
    noted: Mapping[Place, Noted]

    def before(self, place: Place) -> Earlier | None:
        return None if self.earlier is None else self.earlier.get(place)

    def note(self, place: Place) -> Noted:
        return self.noted.get(place, _NOTHING)

    def state(self, verdict: Verdict, place: Place) -> str:
        """In words: against the quarter before, where there is one."""
        before = self.before(place)
        if verdict == "undetermined":
            return UNKNOWN
        if verdict == "pass":
            return "本季已达标"
        if before is None:
            return "未达标"
        return {"fail": "持续未达标", "pass": "本季新增", "undetermined": "本季判明"}[before.verdict]


def shortfall_list(
    evaluation: Evaluation,
    earlier: Mapping[Place, Earlier] | None = None,
    noted: Mapping[Place, Noted] | None = None,
) -> ShortfallList:
    """Every answer that is no pass, and every pass that was none a quarter ago; guarantees where they fail.

    `noted` is what the bureau wrote and what the register says of a place; nothing is invented without it.
    """
    beside = _Beside(earlier=earlier, noted=noted or {})
    lines = [line for source in (_sections, _wireless, _guarantees) for line in source(evaluation, beside)]
    return ShortfallList(lines=tuple(lines))


def earlier_of(evaluation: Mapping[str, Any]) -> dict[Place, Earlier]:
    """The answers of a frozen evaluation (its JSON) by place."""
    found: dict[Place, Earlier] = {}
    for section in evaluation["sections"]:
        for code, answer in section["indicators"].items():
            exact = answer["value_exact"]
            found[section["school_code"], section["stage"], code] = Earlier(
                verdict=answer["verdict"], value=None if exact is None else Fraction(exact)
            )
    for school in evaluation["wireless"]["schools"]:
        covered, required = school["rooms_covered"], school["rooms_required"]
        found[school["school_code"], "school", "wireless"] = Earlier(
            verdict=school["verdict"],
            value=None if covered is None or not required else Fraction(100 * covered, required),
        )
    for school in evaluation.get("guarantees", ()):  # reports of before they were judged have none
        for code in GUARANTEES:
            if answer := school.get(code):
                found[school["school_code"], "school", code] = Earlier(
                    verdict=answer["verdict"],
                    value=None if answer["value"] is None else Fraction(answer["value"]),
                )
    return found


def _sections(evaluation: Evaluation, beside: _Beside) -> Iterator[ShortfallLine]:
    for result in evaluation.sections:
        section = result.section
        for code, judgement in result.judgements.items():
            place = (section.school.school_code, section.stage, code)
            before = beside.before(place)
            if judgement.verdict == "pass" and (before is None or before.verdict == "pass"):
                continue
            yield ShortfallLine(
                school=section.school,
                stage=section.stage,
                code=code,
                indicator=judgement.bar.indicator.name,
                verdict=judgement.verdict,
                now=shown(judgement),
                before=_before(before),
                change=_change(judgement.value if judgement.exact else None, before),
                target=f"≥{plain(judgement.bar.threshold)}",
                gap=_gap(result, judgement),
                measure=beside.note(place).measure,
                state=beside.state(judgement.verdict, place),
                status=beside.note(place).status,
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
        yield ShortfallLine(
            school=coverage.school,
            stage="school",
            code="wireless",
            indicator=WIRELESS,
            verdict=coverage.verdict,
            now=UNKNOWN if share is None else f"{rounded(share, 2)}%",
            before=_before(before, percent=True),
            change=_change(share, before),
            target="100%",
            gap=_uncovered(coverage),
            measure=beside.note(place).measure,
            state=beside.state(coverage.verdict, place),
            status=beside.note(place).status,
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
            value = None if answer.value is None else Fraction(answer.value)
            limit = answer.threshold
            yield ShortfallLine(
                school=guaranteed.school,
                stage="school",
                code=code,
                indicator=word("indicators", code, "zh"),
                verdict=answer.verdict,
                now=UNKNOWN if value is None else str(value),
                before=_before(before, places=0),
                change=_change(value, before, places=0),
                target="" if limit is None else f"{'≤' if facts.at_most else '≥'}{limit}",
                gap=f"{gap}{facts.unit}" if gap else "",
                measure=beside.note(place).measure,
                state=beside.state(answer.verdict, place),
                status=beside.note(place).status,
            )


def shown(judgement: Judgement) -> str:
    """A value as printed: two decimals, more where they are needed to tell it from the threshold."""
    value, most = judgement.value, judgement.most
    if value is None:
        return UNKNOWN
    if judgement.verdict == "undetermined":
        if most is None or not judgement.pupils:
            return f"不低于{rounded(value, 2)}"
        return f"{rounded(value, 2)}～{rounded(most * judgement.bar.indicator.per / judgement.pupils, 2)}"
    return told_apart(value, judgement.bar.threshold, places=3) if judgement.near else rounded(value, 2)


def _gap(result: SectionResult, judgement: Judgement) -> str:
    found = shortfall(judgement)
    if found is None:
        return "" if judgement.verdict == "pass" else UNKNOWN
    share = judgement.evidence.share
    whole = share is not None and share != 1 and len(result.section.school.stages) > 1
    number = "～".join(str(number) for number in dict.fromkeys(found))
    return f"{'全校' if whole else ''}{number}{judgement.bar.indicator.unit}"


def _uncovered(coverage: SchoolCoverage) -> str:
    if not coverage.rooms:
        return UNKNOWN
    failing, unknown = coverage.count("fail"), coverage.count("undetermined")
    parts = [f"{failing}个房间未覆盖"] if failing else []
    return "，".join([*parts, *([f"{unknown}个房间未判定"] if unknown else [])])


def _before(before: Earlier | None, *, percent: bool = False, places: int = 2) -> str:
    if before is None:
        return ""
    if before.value is None:
        return verdict_name(before.verdict)
    return rounded(before.value, places) + ("%" if percent else "")


def _change(now: Fraction | None, before: Earlier | None, *, places: int = 2) -> str:
    if now is None or before is None or before.value is None:
        return ""
    # Of the figures as they are printed, so that a reader's own sum comes out.
    printed = [Fraction(rounded(value, places)) for value in (now, before.value)]
    change = printed[0] - printed[1]
    return ("+" if change > 0 else "") + rounded(change, places)
