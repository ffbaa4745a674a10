"""政府保障程度 about facilities: equipment of the bureau's catalogue (G2), music and art rooms (G3), size of
school (G4), size of classes (G5).

Judged for a whole school with those merged into it, G2 on its asset ledger, the others from the registry
alone. The county's verdict on the seven indicators does not depend on them: they are another part of the
national assessment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import NamedTuple, Protocol

from registry import Registry, Room, School
from registry.vocabulary import KIND_STAGES, STAGE_NAMES, STAGES, GuaranteeCode, Stage, Verdict
from rules.judging.catalogue import ItemCount, count_items
from rules.judging.equipment import SchoolEquipment
from rules.standards.standard import Guarantees, Standard, Subject
from runtime.said import said

_NAMED = 3  # so many items are named in a reason; `campus rules explain` has all of them


class Ground(Protocol):
    """Something that an answer rests on; put into words where someone reads it."""

    @property
    def text(self) -> str: ...


class Guarantee(NamedTuple):
    """One answer for one school. value and threshold: items, rooms, pupils, or pupils of the largest class.

    counts: what adds up over a district: items short, rooms occupied by other use, oversized classes a stage.
    """

    code: GuaranteeCode
    verdict: Verdict
    value: int | None
    threshold: int | None
    grounds: Sequence[Ground]
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def reason(self) -> str:
        return "；".join(ground.text for ground in self.grounds)


class SchoolGuarantees(NamedTuple):
    """A school's answers, in the order of GUARANTEE_NAMES."""

    school: School
    answers: Mapping[GuaranteeCode, Guarantee]


class _Said(NamedTuple):
    text: str


_NO_CLASSES = _Said(said("缺少班级数", "number of classes not stated"))
_NO_ROOMS = _Said(said("登记表中没有房间", "the registry lists no rooms"))
_NO_PUPILS_STATED = _Said(said("缺少在校生数", "number of pupils not stated"))
_NO_PUPILS = _Said(said("没有在校生", "no pupils"))


class _Size(NamedTuple):
    """A school's pupils beside the most that it may have."""

    pupils: int
    limit: int

    @property
    def text(self) -> str:
        sign = "≤" if self.pupils <= self.limit else ">"
        return said(
            f"在校生 {self.pupils} {sign} {self.limit}", f"{self.pupils} pupils, at most {self.limit}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    """One subject's rooms: that count, that may count, and that are occupied."""

    name: str
    english: str
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

    @property
    def text(self) -> str:
        text = f"{self.name} {self.fit}/{self.required} 间"
        words = f"{self.english} {self.fit} of {self.required}"
        for number, why, reason in (
            (self.occupied, "被挤占", "occupied"),
            (self.small, "面积不足", "too small"),
            (self.possible, "未知", "not known"),
        ):
            text += f"，{number} 间{why}" if number else ""
            words += f", {number} {reason}" if number else ""
        return said(text, words)


class _Classes(NamedTuple):
    """One stage's classes: the largest of each member that states it, and how many are too large."""

    stage: Stage
    verdict: Verdict
    limit: int
    known: list[int]
    oversized: int | None

    @property
    def text(self) -> str:
        name, known, limit = STAGE_NAMES[self.stage], self.known, self.limit
        count = f"，超标 {self.oversized} 个班" if self.oversized else ""
        classes = f", {self.oversized} classes above" if self.oversized else ""
        if not known or (self.verdict == "undetermined" and max(known) <= limit):
            if self.verdict == "undetermined":
                return said(f"{name}缺少最大班额", f"largest {self.stage} class not stated")
            return said(f"{name}上限 {limit}{count}", f"{self.stage}: at most {limit}{classes}")
        sign = ">" if max(known) > limit else "≤"
        text = f"{name}最大班额 {max(known)} {sign} {limit}{count}"
        return said(text, f"largest {self.stage} class{classes}")


# Every stage of compulsory education that a school or one merged into it teaches.
_Taught = Sequence[tuple[School, Stage]]
_BOTH_STAGES = frozenset(kind for kind, stages in KIND_STAGES.items() if set(STAGES) <= set(stages))


class _Limits(NamedTuple):
    music_m2: Fraction
    art_m2: Fraction
    pupils: int


def judge_guarantees(
    registry: Registry,
    standard: Standard,
    members: tuple[School, ...],
    ledger: SchoolEquipment | None = None,
) -> SchoolGuarantees:
    """All of one school; `members` are the school itself first, then those merged into it.

    G2 is judged where the registry has a catalogue of equipment, on the asset ledger.
    """
    rule, school = standard.guarantees, members[0]
    limits = _limits(rule, school)
    taught = [(member, stage) for member in members for stage in STAGES if stage in member.stages]
    answers: dict[GuaranteeCode, Guarantee] = {}
    if registry.catalogue:
        answers["G2"] = _equipment(count_items(registry, members, ledger, standard.equipment))
    answers["G3"] = _art_rooms(registry, members, taught, rule, limits)
    answers["G4"] = _school_size(taught, limits)
    answers["G5"] = _class_size(members, rule)
    return SchoolGuarantees(school, answers)


def _limits(rule: Guarantees, school: School) -> _Limits:
    """The school's own figures: the mildest of those that its flags allow."""
    whole = school.kind in _BOTH_STAGES
    music, art = rule.art_rooms.music.area_m2, rule.art_rooms.art.area_m2
    pupils = rule.school_size.whole if whole else rule.school_size.single
    for one in rule.allowances if school.flags else ():
        if not one.applies or one.flag not in school.flags or (one.kinds and school.kind not in one.kinds):
            continue
        music, art = min(music, one.music_m2 or music), min(art, one.art_m2 or art)
        pupils = max(pupils, (one.whole if whole else one.single) or pupils)
    return _Limits(music, art, pupils)


def _equipment(counts: list[ItemCount]) -> Guarantee:
    """G2: every item of the catalogue that concerns the school is there in full; value: items that are."""
    verdicts = [one.verdict for one in counts]
    complete, short = verdicts.count("pass"), verdicts.count("fail")
    number = len(counts)
    head = said(
        f"{number} 项中 {complete} 项配齐，{short} 项不足", f"{complete} of {number} items, {short} short"
    )
    wanting = sorted((one for one in counts if one.verdict != "pass"), key=lambda one: one.verdict != "fail")
    more = (_Said("…"),) if len(wanting) > _NAMED else ()
    return Guarantee(
        code="G2",
        verdict=_worst(verdicts),
        value=complete,
        threshold=number,
        grounds=(_Said(head), *wanting[:_NAMED], *more),
        counts=(("items_short", short),),
    )


def _art_rooms(
    registry: Registry, members: tuple[School, ...], taught: _Taught, rule: Guarantees, limits: _Limits
) -> Guarantee:
    """G3: rooms large enough and not used for something else, one a subject for every 12 classes begun."""
    classes = _sum_of([member.classes(stage) for member, stage in taught])
    rooms = [room for member in members for room in registry.rooms_of[member.school_code]]
    if classes is None or not rooms:
        return Guarantee("G3", "undetermined", None, None, (_NO_CLASSES if classes is None else _NO_ROOMS,))
    required = ceil(Fraction(classes, rule.art_rooms.classes_per_room))
    subjects = (
        _subject(("音乐", "music"), rooms, rule.art_rooms.music, limits.music_m2, required),
        _subject(("美术", "art"), rooms, rule.art_rooms.art, limits.art_m2, required),
    )
    return Guarantee(
        code="G3",
        verdict=_worst([subject.verdict for subject in subjects]),
        value=sum(min(subject.fit, required) for subject in subjects),
        threshold=2 * required,
        grounds=(_Said(said(f"{classes} 个班", f"{classes} classes")), *subjects),
        counts=(("occupied", sum(subject.occupied for subject in subjects)),),
    )


def _subject(
    names: tuple[str, str], rooms: list[Room], rule: Subject, area: Fraction, required: int
) -> _Rooms:
    own = [room for room in rooms if room.kind in rule.kinds]
    free = [room for room in own if not room.occupied]
    unknown = [room for room in rooms if room.kind is None and not room.occupied]
    large = [room for room in unknown if room.area_m2 is None or room.area_m2 >= area]
    return _Rooms(
        name=names[0],
        english=names[1],
        required=required,
        fit=sum(room.area_m2 is not None and room.area_m2 >= area for room in free),
        possible=sum(room.area_m2 is None for room in free) + len(large),
        occupied=len(own) - len(free),
        small=sum(room.area_m2 is not None and room.area_m2 < area for room in free),
    )


def _school_size(taught: _Taught, limits: _Limits) -> Guarantee:
    """G4: pupils of the compulsory stages together."""
    counts, limit = [member.pupils(stage) for member, stage in taught], limits.pupils
    pupils = _sum_of(counts)
    if pupils is None:
        known = sum(count or 0 for count in counts)
        verdict: Verdict = "fail" if known > limit else "undetermined"
        return Guarantee("G4", verdict, None, limit, (_NO_PUPILS_STATED,))
    return Guarantee("G4", "pass" if pupils <= limit else "fail", pupils, limit, (_Size(pupils, limit),))


def _class_size(members: tuple[School, ...], rule: Guarantees) -> Guarantee:
    """G5: the largest class of every stage; a count of oversized classes proves as much."""
    found = [one for stage in STAGES if (one := _classes(members, stage, rule.class_size.of(stage)))]
    shown = [(max(one.known), one.limit) for one in found if one.known]
    # The fullest stage, by pupils of its largest class over what is allowed there.
    value, threshold = max(shown, key=lambda one: (Fraction(*one), one)) if shown else (None, None)
    return Guarantee(
        code="G5",
        verdict=_worst([one.verdict for one in found]) if found else "undetermined",
        value=value,
        threshold=threshold,
        grounds=found or (_NO_PUPILS,),
        counts=tuple([(one.stage, one.oversized) for one in found if one.oversized is not None]),
    )


def _classes(members: tuple[School, ...], stage: Stage, limit: int) -> _Classes | None:
    """None where nobody teaches this stage."""
    verdicts: list[Verdict] = []
    known: list[int] = []
    oversized: int | None = None
    for member in members:
        if stage not in member.stages or member.pupils(stage) == 0:
            continue
        largest, too_large = member.largest_class(stage), member.oversized_classes(stage)
        if largest is not None:
            known.append(largest)
        if too_large is not None:
            oversized = too_large + (oversized or 0)
        verdicts.append(_class_verdict(largest, too_large, limit))
    return _Classes(stage, _worst(verdicts), limit, known, oversized) if verdicts else None


def _class_verdict(largest: int | None, oversized: int | None, limit: int) -> Verdict:
    if oversized or (largest is not None and largest > limit):
        return "fail"
    return "undetermined" if largest is None and oversized is None else "pass"


def _sum_of(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return "fail" if "fail" in verdicts else "undetermined" if "undetermined" in verdicts else "pass"
