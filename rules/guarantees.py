"""政府保障程度 about facilities: music and art rooms (G3), size of school (G4), size of classes (G5).

Judged for a whole school with those merged into it, from the registry alone. The county's verdict on the
seven indicators does not depend on them: they are another part of the national assessment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from rules.registry import Registry, Room, School
from rules.said import said
from rules.standard import Guarantees, Standard, Subject
from rules.vocabulary import STAGE_NAMES, STAGES, GuaranteeCode, Stage, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """One answer for one school. value and threshold: rooms, pupils, or pupils of the largest class.

    counts: what adds up over a district: rooms occupied by other use, oversized classes of each stage.
    """

    code: GuaranteeCode
    verdict: Verdict
    reason: str
    value: int | None
    threshold: int | None
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolGuarantees:
    """A school's three answers, by code."""

    school: School
    answers: tuple[Guarantee, ...]

    def of(self, code: GuaranteeCode) -> Guarantee:
        return next(answer for answer in self.answers if answer.code == code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    """One subject's rooms: that count, that may count, and that are occupied."""

    name: str
    required: int
    fit: int
    possible: int
    occupied: int
    small: int

    @property
    def verdict(self) -> Verdict:
        if self.fit >= self.required:
            return "pass"
        return "undetermined" if self.fit + self.possible >= self.required else "fail"


@dataclass(frozen=True, slots=True)
class _Limits:
    music_m2: Fraction
    art_m2: Fraction
    pupils: int


def judge_guarantees(registry: Registry, standard: Standard, members: tuple[School, ...]) -> SchoolGuarantees:
    """All three of one school; `members` are the school itself first, then those merged into it."""
    rule = standard.guarantees
    limits = _limits(rule, members[0])
    return SchoolGuarantees(
        school=members[0],
        answers=(
            _art_rooms(registry, members, rule, limits),
            _school_size(members, limits),
            _class_size(members, rule),
        ),
    )


def _limits(rule: Guarantees, school: School) -> _Limits:
    """The school's own figures: the mildest of those that its flags allow."""
    whole = all(stage in school.stages for stage in STAGES)
    music, art = rule.art_rooms.music.area_m2, rule.art_rooms.art.area_m2
    pupils = rule.school_size.whole if whole else rule.school_size.single
    for one in rule.allowances:
        if not one.applies or one.flag not in school.flags or (one.kinds and school.kind not in one.kinds):
            continue
        music, art = min(music, one.music_m2 or music), min(art, one.art_m2 or art)
        pupils = max(pupils, (one.whole if whole else one.single) or pupils)
    return _Limits(music, art, pupils)


def _art_rooms(
    registry: Registry, members: tuple[School, ...], rule: Guarantees, limits: _Limits
) -> Guarantee:
    """G3: rooms large enough and not used for something else, one a subject for every 12 classes begun."""
    rooms = [room for member in members for room in registry.rooms_of[member.school_code]]
    classes = _sum_of(member.classes(stage) for member, stage in _taught(members))
    if classes is None or not rooms:
        missing = (
            said("缺少班级数", "number of classes not stated")
            if classes is None
            else said("登记表中没有房间", "the registry lists no rooms")
        )
        return Guarantee(code="G3", verdict="undetermined", reason=missing, value=None, threshold=None)
    required = ceil(Fraction(classes, rule.art_rooms.classes_per_room))
    subjects = (
        _subject("音乐", rooms, rule.art_rooms.music, limits.music_m2, required),
        _subject("美术", rooms, rule.art_rooms.art, limits.art_m2, required),
    )
    return Guarantee(
        code="G3",
        verdict=_worst(subject.verdict for subject in subjects),
        reason=_rooms_reason(classes, subjects),
        value=sum(min(subject.fit, required) for subject in subjects),
        threshold=2 * required,
        counts=(("occupied", sum(subject.occupied for subject in subjects)),),
    )


def _subject(name: str, rooms: list[Room], rule: Subject, area: Fraction, required: int) -> _Rooms:
    own = [room for room in rooms if room.kind in rule.kinds]
    free = [room for room in own if not room.occupied]
    unknown = [room for room in rooms if room.kind is None and not room.occupied]
    large = [room for room in unknown if room.area_m2 is None or room.area_m2 >= area]
    return _Rooms(
        name=name,
        required=required,
        fit=sum(room.area_m2 is not None and room.area_m2 >= area for room in free),
        possible=sum(room.area_m2 is None for room in free) + len(large),
        occupied=len(own) - len(free),
        small=sum(room.area_m2 is not None and room.area_m2 < area for room in free),
    )


def _rooms_reason(classes: int, subjects: tuple[_Rooms, ...]) -> str:
    english = ("music", "art")
    parts = [said(f"{classes} 个班", f"{classes} classes")]
    for subject, name in zip(subjects, english, strict=True):
        text = f"{subject.name} {subject.fit}/{subject.required} 间"
        for number, why in (
            (subject.occupied, "被挤占"),
            (subject.small, "面积不足"),
            (subject.possible, "未知"),
        ):
            text += f"，{number} 间{why}" if number else ""
        words = f"{name} {subject.fit} of {subject.required}"
        words += f", {subject.occupied} occupied" if subject.occupied else ""
        words += f", {subject.small} too small" if subject.small else ""
        words += f", {subject.possible} not known" if subject.possible else ""
        parts.append(said(text, words))
    return "；".join(parts)


def _school_size(members: tuple[School, ...], limits: _Limits) -> Guarantee:
    """G4: pupils of the compulsory stages together."""
    pupils = _sum_of(member.pupils(stage) for member, stage in _taught(members))
    limit = limits.pupils
    if pupils is None:
        known = sum(member.pupils(stage) or 0 for member, stage in _taught(members))
        text = said("缺少在校生数", "number of pupils not stated")
        verdict: Verdict = "fail" if known > limit else "undetermined"
        return Guarantee(code="G4", verdict=verdict, reason=text, value=None, threshold=limit)
    fits = pupils <= limit
    sign = "≤" if fits else ">"
    text = said(f"在校生 {pupils} {sign} {limit}", f"{pupils} pupils, at most {limit}")
    return Guarantee(
        code="G4", verdict="pass" if fits else "fail", reason=text, value=pupils, threshold=limit
    )


def _class_size(members: tuple[School, ...], rule: Guarantees) -> Guarantee:
    """G5: the largest class of every stage; a count of oversized classes proves as much."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    shown: list[tuple[Fraction, int, int]] = []
    for stage in STAGES:
        taught = [member for member in members if stage in member.stages and member.pupils(stage) != 0]
        if not taught:
            continue
        limit = rule.class_size.of(stage)
        answers = [_largest(member, stage, limit) for member in taught]
        verdicts += answers
        known = [size for member in taught if (size := member.largest_class(stage)) is not None]
        if known:
            shown.append((Fraction(max(known), limit), max(known), limit))
        parts.append(_classes_reason(stage, _worst(answers), known, limit, _oversized(members, stage)))
    _, value, threshold = max(shown, default=(Fraction(0), None, None))
    return Guarantee(
        code="G5",
        verdict=_worst(verdicts) if verdicts else "undetermined",
        reason="；".join(parts) or said("没有在校生", "no pupils"),
        value=value,
        threshold=threshold,
        counts=tuple((stage, count) for stage in STAGES if (count := _oversized(members, stage)) is not None),
    )


def _largest(school: School, stage: Stage, limit: int) -> Verdict:
    largest, oversized = school.largest_class(stage), school.oversized_classes(stage)
    if oversized or (largest is not None and largest > limit):
        return "fail"
    return "undetermined" if largest is None and oversized is None else "pass"


def _classes_reason(
    stage: Stage, verdict: Verdict, known: list[int], limit: int, oversized: int | None
) -> str:
    name = STAGE_NAMES[stage]
    count = f"，超标 {oversized} 个班" if oversized else ""
    classes = f", {oversized} classes above" if oversized else ""
    if not known or (verdict == "undetermined" and max(known) <= limit):
        if verdict == "undetermined":
            return said(f"{name}缺少最大班额", f"largest {stage} class not stated")
        return said(f"{name}上限 {limit}{count}", f"{stage}: at most {limit}{classes}")
    sign = ">" if max(known) > limit else "≤"
    return said(f"{name}最大班额 {max(known)} {sign} {limit}{count}", f"largest {stage} class{classes}")


def _oversized(members: Iterable[School], stage: Stage) -> int | None:
    counts = [count for member in members if (count := member.oversized_classes(stage)) is not None]
    return sum(counts) if counts else None


def _taught(members: Iterable[School]) -> list[tuple[School, Stage]]:
    return [(member, stage) for member in members for stage in STAGES if stage in member.stages]


def _sum_of(counts: Iterable[int | None]) -> int | None:
    found = list(counts)
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    found = set(verdicts)
    return "fail" if "fail" in found else "undetermined" if "undetermined" in found else "pass"
