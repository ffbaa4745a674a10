"""One section against every indicator: from the form's figures and the rooms that were seen at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rules.equipment import SchoolEquipment
from rules.exact import plain, rounded
from rules.indicators import Bar, Bars, Judgement, WholeSchool, judge, judge_whole
from rules.multimedia import SchoolUse
from rules.registry import Registry, School
from rules.said import said
from rules.sections import WHOLE, Figure, Section, stage_figure, whole_figure
from rules.standard import Standard
from rules.vocabulary import IndicatorCode

_NAMED = 3  # so many rooms are named in an evidence line; the evaluation's `multimedia` has all of them
_AS_DECLARED = said("按申报数判定", "judged on the declared figure")
_NO_LEDGER = said("没有资产台账，按申报数判定", "no asset ledger, judged on the declared figure")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """One section with its answers, by indicator code in the standard's order."""

    section: Section
    judgements: Mapping[IndicatorCode, Judgement]
    overall: WholeSchool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was observed of a school: its rooms, and its asset ledger where one was told."""

    use: SchoolUse
    equipment: SchoolEquipment | None


def judge_section(
    registry: Registry, standard: Standard, bars: Bars, section: Section, observed: Observed | None
) -> SectionResult:
    """All indicators of one section; `observed` is None where nothing was."""
    judgements: dict[IndicatorCode, Judgement] = {}
    use = observed.use if observed else None
    for indicator in standard.indicators:
        bar = bars[indicator.code, section.stage]
        shared = indicator.code in standard.shared.indicators
        if indicator.item == "multimedia_rooms":
            whole = _declared_rooms(registry, section.members)
            judgements[indicator.code] = _judge_rooms(bar, section, whole, shared=shared, use=use)
        elif indicator.item == "equipment_cny":
            whole = whole_figure(registry, section.members, indicator.item)
            judgements[indicator.code] = _judge_equipment(
                bar, section, whole, shared=shared, observed=observed
            )
        elif shared:
            whole = whole_figure(registry, section.members, indicator.item)
            judgements[indicator.code] = _judge_figure(bar, section, whole, section.share)
        else:
            figure = stage_figure(registry, section, indicator.item)
            judgements[indicator.code] = _judge_figure(bar, section, figure, WHOLE)
    return SectionResult(
        section=section, judgements=judgements, overall=judge_whole(judgements, standard.overall)
    )


def evidence(one: Judgement) -> str:
    """What an answer rests on, in one line."""
    if one.use is not None:
        return _seen_rooms(one.use, one.whole)
    if one.equipment is not None:
        return _seen_equipment(one.equipment)
    if one.whole is None:
        return ""
    if one.share is None or one.share == WHOLE:
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
    share = section.share if shared else WHOLE
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


def _judge_equipment(
    bar: Bar, section: Section, whole: Figure, *, shared: bool, observed: Observed | None
) -> Judgement:
    """L6 is judged on the asset ledger where there is one; the form's figure stands beside it."""
    share = section.share if shared else WHOLE
    ledger = observed.equipment if observed else None
    if ledger is None:
        return _judge_figure(bar, section, whole, share, note=_NO_LEDGER if observed else "")
    value = _part(ledger.value, share)
    most = _part(ledger.value + ledger.doubtful, share) if ledger.doubtful else value
    return judge(
        bar,
        pupils=section.pupils,
        numerator=value,
        most=most if ledger.whole else None,
        declared=_part(whole.value, share),
        observed=value,
        whole=whole.value,
        share=share,
        equipment=ledger,
        completeness=ledger.completeness,
        missing=section.missing or _no_pupils(section) or _unread(ledger),
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
    return whole if share is WHOLE else whole * share


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


def _unread(ledger: SchoolEquipment) -> str:
    parts = []
    if unread := ledger.lines - len(ledger.assets):
        parts.append(said(f"台账有 {unread} 行无法读取", f"{unread} lines of the ledger could not be read"))
    elif not ledger.whole and ledger.members == ledger.members_with_ledger:
        parts.append(said("台账有文件无法读取", "a file of the ledger could not be read"))
    if absent := ledger.members - ledger.members_with_ledger:
        parts.append(said(f"{absent} 个并入单位没有台账", f"{absent} merged units have no ledger"))
    if ledger.doubtful:
        lines = ledger.count("no_category")
        parts.append(said(f"{lines} 行没有分类代码", f"{lines} lines without a category"))
    return "；".join(parts)


def _seen_equipment(ledger: SchoolEquipment) -> str:
    out = len(ledger.assets) - ledger.count("counted")
    counted = said(
        f"台账 {ledger.count('counted')} 行计入 {plain(ledger.value)} 元，{out} 行不计入",
        "lines of the ledger that count, and that do not",
    )
    seen = said(f"其中联网可见 {plain(ledger.seen)} 元", "of it seen on the network")
    share = f"（{rounded(ledger.seen * 100 / ledger.value, 2)}%）" if ledger.value else ""
    parts = [counted, f"{seen}{share}"]
    if unread := _unread(ledger):
        parts.append(unread)
    if ledger.newer_ms:
        parts.append(
            said("另有更新但未能完整读取的台账，未采用", "a newer ledger could not be read whole: not used")
        )
    return "；".join(parts)
