"""Why a school has the verdict it has: every indicator opened down to what it rests on."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from registry import Registry, School
from registry.exact import plain
from registry.vocabulary import (
    GUARANTEES,
    STAGES,
    GuaranteeCode,
    Item,
    StatisticsItem,
    StatisticsStage,
)
from rules.answers import rows
from rules.explain import lacking
from rules.explain.assets import asset_node, catalogue_nodes
from rules.explain.explanation import Node, bad_first
from rules.explain.finding import CannotExplain, find_school
from rules.explain.rooms import coverage_nodes, lesson_nodes, room_nodes
from rules.judging.evaluate import Evaluation
from rules.judging.indicators import Judgement
from rules.judging.section_results import SectionResult, evidence_reason
from rules.judging.sections import groups
from rules.judging.utilisation import RATES, Rate
from rules.words import NOTHING, Arg, joined, reason, verbatim
from runtime.language import Text

# What is shown of a judgement, of all that its row has.
_FIGURES = ("gap", "numerator", "denominator", "value", "threshold", "floor", "declared", "observed", "share")
# The columns of the schools sheet that a guarantee rests on, by stage.
_COLUMNS: dict[GuaranteeCode, tuple[str, ...]] = {
    "G2": ("{}_pupils", "{}_classes"),
    "G3": ("{}_classes",),
    "G4": ("{}_pupils",),
    "G5": ("largest_{}_class", "oversized_{}_classes"),
}


def indicators_of(evaluation: Evaluation) -> list[str]:
    """What can be explained."""
    codes = [indicator.code for indicator in evaluation.standard.indicators]
    judged = evaluation.guarantees[0].answers if evaluation.guarantees else GUARANTEES
    return [*codes, "overall", "wireless", *judged, *RATES]


def explain(evaluation: Evaluation, registry: Registry, school: str, indicator: str) -> Node:
    """One school's answer for one indicator, down to its evidence. Raises CannotExplain.

    The school is given by its code or its name.
    """
    asked = find_school(registry, school)
    known = {code.lower(): code for code in indicators_of(evaluation)}
    code = known.get(indicator.lower())
    if code is None:
        listed = ", ".join(known.values())
        raise CannotExplain(
            Text(
                f"没有指标 {indicator!r}，可选：{listed}", f"no indicator {indicator!r}, there are: {listed}"
            )
        )
    members = _members(registry, asked)
    parts = _opened(evaluation, registry, members, code)
    return _school(evaluation, asked, members[0], parts, indicator=code)


def explain_all(evaluation: Evaluation, registry: Registry, school: str) -> Node:
    """The same of every indicator there is, one part an indicator. Raises CannotExplain."""
    asked = find_school(registry, school)
    members = _members(registry, asked)
    parts = (
        _as_indicator(evaluation, code, _opened(evaluation, registry, members, code))
        for code in indicators_of(evaluation)
    )
    return _school(evaluation, asked, members[0], tuple(parts))


def _members(registry: Registry, school: School) -> tuple[School, ...]:
    """The schools that are judged as one with this one, the one that the others are merged into first."""
    return next(group for group in groups(registry) if school in group)


def _opened(
    evaluation: Evaluation, registry: Registry, members: tuple[School, ...], code: str
) -> tuple[Node, ...]:
    parts = tuple(_parts(code)(evaluation, registry, members, code))
    return parts or (_nothing(evaluation, members[0]),)


def _school(
    evaluation: Evaluation, asked: School, head: School, parts: tuple[Node, ...], indicator: str | None = None
) -> Node:
    merged = reason("explained.merged", code=head.school_code, school=head.name)
    return Node(
        level="school",
        name=f"{asked.name} {asked.school_code}",
        reason=NOTHING if head == asked else merged,
        figures=(
            ("indicator", indicator),
            ("as_of", evaluation.as_of.isoformat()),
            ("standard", evaluation.standard.name),
            ("basis", evaluation.basis),
        ),
        parts=parts,
    )


def _as_indicator(evaluation: Evaluation, code: str, parts: tuple[Node, ...]) -> Node:
    """One node an indicator: its own, or one above its stages."""
    figures: tuple[tuple[str, Arg | None], ...] = (("indicator", code),)
    if len(parts) == 1 and parts[0].level == "indicator":
        return replace(parts[0], figures=(*figures, *parts[0].figures))
    return Node(level="indicator", name=_title(evaluation, code), figures=figures, parts=parts)


def _title(evaluation: Evaluation, code: str) -> Arg:
    if code in RATES:
        return reason("explained.rate", code=code, rate=code)
    if code in GUARANTEES:
        return reason("explained.guarantee", code=code, guarantee=code)
    own = next((indicator for indicator in evaluation.standard.indicators if indicator.code == code), None)
    if own is None:
        return reason("explained.indicator", indicator=code)
    return f"{code} {Text(own.name, own.english)}"


_Explainer = Callable[[Evaluation, Registry, tuple[School, ...], str], Iterator[Node]]


def _parts(code: str) -> _Explainer:
    if code == "wireless":
        return _wireless
    if code == "overall":
        return _overall
    if code in GUARANTEES:
        return _guarantee
    return _rate if code in RATES else _indicator


def _nothing(evaluation: Evaluation, school: School) -> Node:
    why = joined(*(excluded.reason for excluded in evaluation.excluded if excluded.school == school))
    missing = reason("wireless.not_observed")
    return Node(level="figure", name="–", answer="undetermined", reason=why or missing)


def _indicator(
    evaluation: Evaluation, registry: Registry, members: tuple[School, ...], code: str
) -> Iterator[Node]:
    for result in _sections(evaluation, members[0]):
        judgement = next(judgement for name, judgement in result.judgements.items() if name == code)
        yield _judgement(code, judgement, result, tuple(_evidence(evaluation, registry, result, judgement)))


def _overall(
    evaluation: Evaluation, _registry: Registry, members: tuple[School, ...], _code: str
) -> Iterator[Node]:
    for result in _sections(evaluation, members[0]):
        yield Node(
            level="section",
            name=reason("explained.stage", stage=result.section.stage),
            answer=result.overall.verdict,
            reason=result.overall.reason,
            parts=tuple(
                _judgement(code, judgement, result, (), level_name=code)
                for code, judgement in result.judgements.items()
            ),
        )


def _judgement(
    code: str, judgement: Judgement, result: SectionResult, parts: tuple[Node, ...], *, level_name: str = ""
) -> Node:
    row = rows.of_judgement(judgement)
    return Node(
        level="indicator" if level_name else "section",
        name=level_name or reason("explained.stage", stage=result.section.stage),
        answer=judgement.verdict,
        lacking=lacking.of_judgement(judgement, result),
        reason=judgement.reason,
        completeness=rows.shown(judgement.evidence.completeness),
        figures=(*rows.texts(row, *_FIGURES), ("evidence", evidence_reason(judgement.evidence) or None)),
        parts=parts,
    )


def _evidence(
    evaluation: Evaluation, registry: Registry, result: SectionResult, judgement: Judgement
) -> Iterator[Node]:
    """The form's lines, then the rooms or the ledger's lines that were observed."""
    item, rests = judgement.bar.indicator.item, judgement.evidence
    for member in result.section.members:
        yield from _declared(registry, member, item)
        for allowance in {each.item: each for each in judgement.bar.allowances}:
            yield from _stated(registry, member, allowance)
    if rests.use is not None and evaluation.facts is not None:
        yield from bad_first(room_nodes(rests.use.rooms, evaluation.facts))
    if rests.equipment is not None:
        for use in rests.equipment.assets:
            yield asset_node(use)


def _declared(registry: Registry, member: School, item: Item) -> Iterator[Node]:
    lines = list(_stated(registry, member, item))
    yield from lines
    if not lines:
        name = reason("explained.item", school=member.name, item=item)
        yield Node(level="figure", name=name, reason=reason("explained.not_stated"))


def _stated(registry: Registry, member: School, item: StatisticsItem) -> Iterator[Node]:
    """The lines of the form that state a figure, by stage."""
    places: tuple[StatisticsStage, ...] = ("primary", "junior", "school")
    for stage in places:
        value = registry.statistics.get((member.school_code, stage, item))
        if value is not None:
            yield Node(
                level="figure",
                name=reason("explained.figure", school=member.name, stage=stage, item=item),
                reason=reason("explained.of_form"),
                figures=(("declared", plain(value)),),
            )


def _wireless(
    evaluation: Evaluation, _registry: Registry, members: tuple[School, ...], _code: str
) -> Iterator[Node]:
    for coverage in evaluation.coverage:
        if coverage.school != members[0]:
            continue
        row = rows.of_coverage(coverage)
        yield Node(
            level="indicator",
            name=reason("explained.indicator", indicator="wireless"),
            answer=coverage.verdict,
            lacking=lacking.of_coverage(coverage),
            reason=coverage.reason,
            completeness=rows.shown(coverage.completeness),
            figures=rows.texts(row, "gap", "rooms_required", "rooms_covered"),
            parts=tuple(bad_first(coverage_nodes(coverage, evaluation.facts))),
        )


def _guarantee(
    evaluation: Evaluation, registry: Registry, members: tuple[School, ...], code: str
) -> Iterator[Node]:
    for school in evaluation.guarantees:
        if school.school == members[0]:
            guarantee = next(answer for answer in school.answers.values() if answer.code == code)
            yield Node(
                level="indicator",
                name=reason("explained.guarantee", code=code, guarantee=code),
                answer=guarantee.verdict,
                lacking=lacking.of_guarantee(guarantee),
                reason=guarantee.reason,
                figures=(
                    *rows.texts(rows.of_guarantee(guarantee), "gap", "value", "threshold"),
                    *((name, str(count)) for name, count in guarantee.counts),
                ),
                parts=tuple(_behind(evaluation, registry, members, guarantee.code)),
            )


def _behind(
    evaluation: Evaluation, registry: Registry, members: tuple[School, ...], code: GuaranteeCode
) -> Iterator[Node]:
    """The items of G2, the rooms of G3; and the figures of the schools sheet that they rest on."""
    if code == "G2":
        yield from catalogue_nodes(evaluation, registry, members)
    for member in members:
        if code == "G3":
            yield from _art_rooms(evaluation, registry, member)
        columns = [
            column.format(stage) for stage in STAGES if stage in member.stages for column in _COLUMNS[code]
        ]
        values = [(column, getattr(member, column)) for column in columns]
        yield Node(
            level="figure",
            name=f"{member.name} {member.school_code}",
            reason=reason("explained.schools_sheet"),
            figures=tuple((column, None if value is None else str(value)) for column, value in values),
        )


def _art_rooms(evaluation: Evaluation, registry: Registry, member: School) -> Iterator[Node]:
    rule = evaluation.standard.guarantees.art_rooms
    # An occupied room is lost to its subject: those come first.
    for room in sorted(registry.rooms_of[member.school_code], key=lambda listed: not listed.occupied):
        if room.kind in (*rule.music.kinds, *rule.art.kinds):
            yield Node(
                level="room",
                name=f"{room.room} {room.name or ''}".strip(),
                reason=reason("explained.occupied") if room.occupied else verbatim(room.kind or ""),
                figures=(("area_m2", None if room.area_m2 is None else plain(room.area_m2)),),
            )


def _rate(
    evaluation: Evaluation, _registry: Registry, members: tuple[School, ...], code: str
) -> Iterator[Node]:
    for school in evaluation.utilisation:
        if school.school == members[0] and evaluation.facts is not None:
            rate: Rate = next(rate for rate in school.rates if rate.code == code)
            yield Node(
                level="indicator",
                name=reason("explained.rate", code=code, rate=code),
                answer=rate.verdict,
                reason=rate.reason,
                completeness=rows.shown(rate.completeness),
                figures=rows.texts(rows.of_rate(rate), "numerator", "denominator", "value"),
                parts=tuple(lesson_nodes(school.rooms, evaluation.facts)),
            )


def _sections(evaluation: Evaluation, school: School) -> list[SectionResult]:
    return [result for result in evaluation.sections if result.section.school == school]
