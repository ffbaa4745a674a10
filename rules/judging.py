"""One section against every indicator: from the form's figures and the rooms that were seen at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rules.exact import plain
from rules.indicators import Bar, Bars, Judgement, WholeSchool, judge, judge_whole
from rules.multimedia import SchoolUse
from rules.registry import Registry, School
from rules.said import said
from rules.sections import Figure, Section, stage_figure, whole_figure
from rules.standard import Standard
from rules.vocabulary import IndicatorCode

_NAMED = 3  # so many rooms are named in an evidence line; the evaluation's `multimedia` has all of them
_ALL = Fraction(1)
_AS_DECLARED = said("按申报数判定", "judged on the declared figure")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """One section with its answers, by indicator code in the standard's order."""

    section: Section
    judgements: Mapping[IndicatorCode, Judgement]
    overall: WholeSchool


def judge_section(
    registry: Registry, standard: Standard, bars: Bars, section: Section, use: SchoolUse | None
) -> SectionResult:
    """All indicators of one section; `use` is what was observed, None where nothing was."""
    judgements: dict[IndicatorCode, Judgement] = {}
    for indicator in standard.indicators:
        bar = bars[indicator.code, section.stage]
        shared = indicator.code in standard.shared.indicators
        if indicator.item == "multimedia_rooms":
            whole = _declared_rooms(registry, section.members)
            judgements[indicator.code] = _judge_rooms(bar, section, whole, shared=shared, use=use)
        elif shared:
            whole = whole_figure(registry, section.members, indicator.item)
            judgements[indicator.code] = _judge_figure(bar, section, whole, section.share)
        else:
            figure = stage_figure(registry, section, indicator.item)
            judgements[indicator.code] = _judge_figure(bar, section, figure, _ALL)
    return SectionResult(
        section=section, judgements=judgements, overall=judge_whole(judgements, standard.overall)
    )


def evidence(one: Judgement) -> str:
    """What an answer rests on, in one line."""
    if one.use is not None:
        return _seen_rooms(one.use, one.whole)
    if one.whole is None:
        return ""
    if one.share is None or one.share == _ALL:
        return said(f"报表数 {plain(one.whole)}", "figure of the form")
    return said(f"全校 {plain(one.whole)} × {one.share}", "the whole school's figure times the stage's share")


def _judge_figure(
    bar: Bar, section: Section, whole: Figure, share: Fraction | None, *, note: str = ""
) -> Judgement:
    part = _part(whole.value, share)
    return judge(
        bar,
        pupils=section.pupils,
        numerator=part,
        most=part,
        declared=part,
        whole=whole.value,
        share=share,
        missing=whole.missing or section.missing or _no_pupils(section),
        note=note,
    )


def _judge_rooms(
    bar: Bar, section: Section, whole: Figure, *, shared: bool, use: SchoolUse | None
) -> Judgement:
    """L7 is judged on what was observed; what the form declares stands beside it and changes nothing."""
    share = section.share if shared else _ALL
    if use is None:
        return _judge_figure(bar, section, whole, share, note=_AS_DECLARED)
    working, unknown = use.count("working"), use.count("unknown") + _unlisted(whole.value, use)
    known = working + use.count("not_working")
    silent = not known and (unknown or whole.value is None)
    observed = None if silent else _part(Fraction(working), share)
    return judge(
        bar,
        pupils=section.pupils,
        numerator=observed,
        most=None if silent else _part(Fraction(working + unknown), share),
        declared=_part(whole.value, share),
        observed=observed,
        whole=whole.value,
        share=share,
        use=use,
        completeness=Fraction(known, known + unknown) if known + unknown else None,
        missing=section.missing or _no_pupils(section) or _unknown_rooms(unknown),
    )


def _declared_rooms(registry: Registry, members: tuple[School, ...]) -> Figure:
    """The form's figure; where there is none, the rooms that the rooms sheet marks."""
    stated = whole_figure(registry, members, "multimedia_rooms")
    if stated.value is not None:
        return stated
    marks = [room.multimedia for member in members for room in registry.rooms_of[member.school_code]]
    if all(mark is None for mark in marks):
        return stated
    return Figure(value=Fraction(marks.count(True)))


def _unlisted(declared: Fraction | None, use: SchoolUse) -> int:
    """Rooms that the form declares but the rooms sheet does not name: nobody can look at them."""
    return 0 if declared is None else max(0, int(declared) - len(use.rooms))


def _part(whole: Fraction | None, share: Fraction | None) -> Fraction | None:
    if whole is None or share is None:
        return None
    return whole if share is _ALL else whole * share


def _no_pupils(section: Section) -> str:
    return said("缺少在校生数", "number of pupils not stated") if section.pupils is None else ""


def _unknown_rooms(unknown: int) -> str:
    if not unknown:
        return said("登记表中没有可监测的多媒体教室", "the registry names no multimedia room to look at")
    return said(f"{unknown} 间状态未知", f"{unknown} rooms not known")


def _seen_rooms(use: SchoolUse, declared: Fraction | None) -> str:
    working, idle, unknown = (use.count(seen) for seen in ("working", "not_working", "unknown"))
    counts = said(
        f"正常 {working} 间，不正常 {idle} 间，未知 {unknown} 间", "rooms working, not working, unknown"
    )
    parts = [counts]
    if unlisted := _unlisted(declared, use):
        parts.append(said(f"申报但未登记 {unlisted} 间", f"{unlisted} declared but not listed"))
    others = [room for room in use.rooms if room.seen != "working"]
    parts += [f"{room.room} {room.reason}" for room in others[:_NAMED]]
    return "；".join(parts) + ("…" if len(others) > _NAMED else "")
