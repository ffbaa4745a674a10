"""台账 of a quarter: every shortfall, beside the quarter before, with what would close it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from registry import School
from registry.exact import plain, rounded, told_apart
from registry.vocabulary import GUARANTEES, STAGE_NAMES, VERDICT_NAMES, Verdict
from rules.judging.evaluate import Evaluation
from rules.judging.gap import guarantee_gap, shortfall
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult
from rules.judging.wireless import SchoolCoverage

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
class Line:
    """One shortfall, or one that was one a quarter ago. Figures as shown; change is None without a past."""

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
class Ledger:
    """The lines in the registry's order."""

    lines: tuple[Line, ...] = field(default=())

    def open(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.verdict == "fail")


def ledger(
    evaluation: Evaluation,
    earlier: Mapping[Place, Earlier] | None = None,
    noted: Mapping[Place, Noted] | None = None,
) -> Ledger:
    """Every answer that is no pass, and every pass that was none a quarter ago; guarantees where they fail.

    `noted` is what the bureau wrote and what the register says of a place; nothing is invented without it.
    """
    sources = (_sections, _wireless, _guarantees)
    lines = [line for source in sources for line in source(evaluation, earlier, noted or {})]
    return Ledger(lines=tuple(lines))


def earlier_of(evaluation: Mapping[str, Any]) -> dict[Place, Earlier]:
    """The answers of a frozen evaluation (its JSON) by place."""
    found: dict[Place, Earlier] = {}
    for section in evaluation["sections"]:
        for code, one in section["indicators"].items():
            exact = one["value_exact"]
            found[section["school_code"], section["stage"], code] = Earlier(
                verdict=one["verdict"], value=None if exact is None else Fraction(exact)
            )
    for school in evaluation["wireless"]["schools"]:
        covered, required = school["rooms_covered"], school["rooms_required"]
        found[school["school_code"], "school", "wireless"] = Earlier(
            verdict=school["verdict"],
            value=None if covered is None or not required else Fraction(100 * covered, required),
        )
    for school in evaluation.get("guarantees", ()):  # reports of before they were judged have none
        for code in GUARANTEES:
            if one := school.get(code):
                found[school["school_code"], "school", code] = Earlier(
                    verdict=one["verdict"], value=None if one["value"] is None else Fraction(one["value"])
                )
    return found


def _sections(
    evaluation: Evaluation, earlier: Mapping[Place, Earlier] | None, noted: Mapping[Place, Noted]
) -> Iterator[Line]:
    for result in evaluation.sections:
        section = result.section
        for code, one in result.judgements.items():
            place = (section.school.school_code, section.stage, code)
            before = None if earlier is None else earlier.get(place)
            if one.verdict == "pass" and (before is None or before.verdict == "pass"):
                continue
            yield Line(
                school=section.school,
                stage=section.stage,
                code=code,
                indicator=one.bar.indicator.name,
                verdict=one.verdict,
                now=shown(one),
                before=_before(before),
                change=_change(one.value if one.exact else None, before),
                target=f"≥{plain(one.bar.threshold)}",
                gap=_gap(result, one),
                measure=noted.get(place, _NOTHING).measure,
                state=_state(one.verdict, before, known=earlier is not None),
                status=noted.get(place, _NOTHING).status,
            )


def _wireless(
    evaluation: Evaluation, earlier: Mapping[Place, Earlier] | None, noted: Mapping[Place, Noted]
) -> Iterator[Line]:
    for school in evaluation.coverage:
        place = (school.school.school_code, "school", "wireless")
        before = None if earlier is None else earlier.get(place)
        if school.verdict == "pass" and (before is None or before.verdict == "pass"):
            continue
        if evaluation.facts is None:
            continue  # nothing was looked at: the document says so once, not once a school
        share = Fraction(100 * school.count("pass"), school.required) if school.rooms else None
        yield Line(
            school=school.school,
            stage="school",
            code="wireless",
            indicator=WIRELESS,
            verdict=school.verdict,
            now=VERDICT_NAMES["undetermined"] if share is None else f"{rounded(share, 2)}%",
            before=_before(before, percent=True),
            change=_change(share, before),
            target="100%",
            gap=_uncovered(school),
            measure=noted.get(place, _NOTHING).measure,
            state=_state(school.verdict, before, known=earlier is not None),
            status=noted.get(place, _NOTHING).status,
        )


def _guarantees(
    evaluation: Evaluation, earlier: Mapping[Place, Earlier] | None, noted: Mapping[Place, Noted]
) -> Iterator[Line]:
    """What fails, and what failed a quarter ago: a registry without rooms would fill pages with 未判定."""
    for school in evaluation.guarantees:
        for code, one in school.answers.items():
            place = (school.school.school_code, "school", code)
            before = None if earlier is None else earlier.get(place)
            if one.verdict != "fail" and (before is None or before.verdict != "fail"):
                continue
            facts, gap = GUARANTEES[code], guarantee_gap(one)
            yield Line(
                school=school.school,
                stage="school",
                code=code,
                indicator=facts.chinese,
                verdict=one.verdict,
                now=VERDICT_NAMES["undetermined"] if one.value is None else str(one.value),
                before=_before(before, places=0),
                change=_change(None if one.value is None else Fraction(one.value), before, places=0),
                target="" if one.threshold is None else f"{'≤' if facts.at_most else '≥'}{one.threshold}",
                gap=f"{gap}{facts.unit}" if gap else "",
                measure=noted.get(place, _NOTHING).measure,
                state=_state(one.verdict, before, known=earlier is not None),
                status=noted.get(place, _NOTHING).status,
            )


def shown(one: Judgement) -> str:
    """A value as printed: two decimals, more where they are needed to tell it from the threshold."""
    value = one.value
    if value is None:
        return VERDICT_NAMES["undetermined"]
    if one.verdict == "undetermined" and (one.most is None or not one.pupils):
        return f"不低于{rounded(value, 2)}"
    if one.verdict == "undetermined" and one.most is not None and one.pupils:
        return f"{rounded(value, 2)}～{rounded(one.most * one.bar.indicator.per / one.pupils, 2)}"
    return told_apart(value, one.bar.threshold, places=3) if one.near else rounded(value, 2)


def _gap(result: SectionResult, one: Judgement) -> str:
    found = shortfall(one)
    if found is None:
        return "" if one.verdict == "pass" else VERDICT_NAMES["undetermined"]
    share = one.evidence.share
    whole = share is not None and share != 1 and len(result.section.school.stages) > 1
    number = "～".join(str(number) for number in dict.fromkeys(found))
    return f"{'全校' if whole else ''}{number}{one.bar.indicator.unit}"


def _uncovered(school: SchoolCoverage) -> str:
    failing, unknown = school.count("fail"), school.count("undetermined")
    if not school.rooms:
        return VERDICT_NAMES["undetermined"]
    parts = [f"{failing}个房间未覆盖"] if failing else []
    return "，".join([*parts, *([f"{unknown}个房间未判定"] if unknown else [])])


def _before(before: Earlier | None, *, percent: bool = False, places: int = 2) -> str:
    if before is None:
        return ""
    if before.value is None:
        return VERDICT_NAMES[before.verdict]
    return rounded(before.value, places) + ("%" if percent else "")


def _change(now: Fraction | None, before: Earlier | None, *, places: int = 2) -> str:
    if now is None or before is None or before.value is None:
        return ""
    change = now - before.value
    return ("+" if change > 0 else "") + rounded(change, places)


def _state(verdict: Verdict, before: Earlier | None, *, known: bool) -> str:
    """In words: against the quarter before, where there is one."""
    if verdict == "undetermined":
        return "未判定"
    if verdict == "pass":
        return "本季已达标"
    if not known or before is None:
        return "未达标"
    return {"fail": "持续未达标", "pass": "本季新增", "undetermined": "本季判明"}[before.verdict]


def stage_name(line: Line) -> str:
    return STAGE_NAMES[line.stage]
