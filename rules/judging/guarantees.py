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
from typing import Literal, NamedTuple, Protocol

from registry import Registry, Room, School
from registry.exact import Ratio
from registry.vocabulary import KIND_STAGES, STAGES, GuaranteeCode, Stage, Verdict
from rules.judging.catalogue import ItemCount, count_items
from rules.judging.equipment import SchoolEquipment
from rules.standards.standard import Guarantees, Standard, Subject
from rules.words import Reason, first_of, joined, reason

_NAMED = 3  # so many items are named in a reason; `campus rules explain` has all of them


class Ground(Protocol):
    """Something that an answer rests on; put into words where someone reads it."""

    @property
    def reason(self) -> Reason: ...


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
    def reason(self) -> Reason:
        return joined(*(ground.reason for ground in self.grounds))


class SchoolGuarantees(NamedTuple):
    """A school's answers, in the order of GUARANTEES."""

    school: School
    answers: Mapping[GuaranteeCode, Guarantee]


class _Plain(NamedTuple):
    reason: Reason


class _Several(NamedTuple):
    """The first of many grounds, and how many more there are."""

    grounds: Sequence[Ground]

    @property
    def reason(self) -> Reason:
        told = first_of(self.grounds, _NAMED)
        return joined(*(ground if isinstance(ground, Reason) else ground.reason for ground in told))


_SubjectCode = Literal["music", "art"]
_CountsAs = Literal["fit", "possible", "occupied", "small"]


_NO_CLASSES = _Plain(reason("missing.classes"))
_NO_ROOMS = _Plain(reason("missing.rooms"))
_NO_PUPILS_STATED = _Plain(reason("missing.pupils"))
_NO_PUPILS = _Plain(reason("guarantee.no_pupils"))


class _Size(NamedTuple):
    """A school's pupils beside the most that it may have."""

    pupils: int
    limit: int

    @property
    def reason(self) -> Reason:
        side = "within" if self.pupils <= self.limit else "above"
        return reason(f"guarantee.pupils_{side}", pupils=self.pupils, limit=self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    """One subject's rooms: that count, that may count, and that are occupied."""

    subject: _SubjectCode
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
    def reason(self) -> Reason:
        wanting = tuple(
            [
                reason(f"guarantee.rooms_{why}", rooms=number)
                for why, number in (
                    ("occupied", self.occupied),
                    ("small", self.small),
                    ("unknown", self.possible),
                )
                if number
            ]
        )
        if not wanting:
            return reason("guarantee.rooms", subject=self.subject, fit=self.fit, required=self.required)
        return reason(
            "guarantee.rooms_wanting",
            subject=self.subject,
            fit=self.fit,
            required=self.required,
            wanting=wanting,
        )


class _Classes(NamedTuple):
    """One stage's classes: the largest of each member that states it, and how many are too large."""

    stage: Stage
    verdict: Verdict
    limit: int
    known: list[int]
    oversized: int | None

    @property
    def reason(self) -> Reason:
        stage, known, limit = self.stage, self.known, self.limit
        if self.verdict == "undetermined" and (not known or max(known) <= limit):
            return reason("missing.largest_class", stage=stage)
        if known:
            side = "above" if max(known) > limit else "within"
            size = reason(f"guarantee.class_{side}", stage=stage, largest=max(known), limit=limit)
        else:
            size = reason("guarantee.class_limit", stage=stage, limit=limit)
        return reason("guarantee.oversized", size=size, classes=self.oversized) if self.oversized else size


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
    for allowance in rule.allowances if school.flags else ():
        if (
            not allowance.applies
            or allowance.flag not in school.flags
            or (allowance.kinds and school.kind not in allowance.kinds)
        ):
            continue
        music, art = min(music, allowance.music_m2 or music), min(art, allowance.art_m2 or art)
        pupils = max(pupils, (allowance.whole if whole else allowance.single) or pupils)
    return _Limits(music, art, pupils)


def _equipment(counts: list[ItemCount]) -> Guarantee:
    """G2: every item of the catalogue that concerns the school is there in full; value: items that are."""
    verdicts = [count.verdict for count in counts]
    complete, short = verdicts.count("pass"), verdicts.count("fail")
    number = len(counts)
    head = reason("guarantee.items", number=number, complete=complete, short=short)
    wanting = sorted(
        (count for count in counts if count.verdict != "pass"), key=lambda count: count.verdict != "fail"
    )
    return Guarantee(
        code="G2",
        verdict=_worst(verdicts),
        value=complete,
        threshold=number,
        grounds=(_Plain(head), _Several(wanting)),
        counts=(("items_short", short),),
    )


def _art_rooms(
    registry: Registry, members: tuple[School, ...], taught: _Taught, rule: Guarantees, limits: _Limits
) -> Guarantee:
    """G3: rooms large enough and not used for something else, one a subject for every 12 classes begun."""
    stated = [member.classes(stage) for member, stage in taught]
    classes = _sum_of(stated)
    rooms = [room for member in members for room in registry.rooms_of[member.school_code]]
    if not rooms:
        return Guarantee("G3", "undetermined", None, None, (_NO_CLASSES if classes is None else _NO_ROOMS,))
    # Classes that are not stated may be many: a shortage that the stated ones prove stands all the same.
    certain = sum(number or 0 for number in stated)
    required = ceil(Fraction(certain, rule.art_rooms.classes_per_room))
    subjects = (
        _subject("music", rooms, rule.art_rooms.music, limits.music_m2, required),
        _subject("art", rooms, rule.art_rooms.art, limits.art_m2, required),
    )
    if classes is None:
        short = "fail" in [subject.verdict for subject in subjects]
        grounds = (_NO_CLASSES, *subjects) if short else (_NO_CLASSES,)
        return Guarantee("G3", "fail" if short else "undetermined", None, None, grounds)
    return Guarantee(
        code="G3",
        verdict=_worst([subject.verdict for subject in subjects]),
        value=sum(min(subject.fit, required) for subject in subjects),
        threshold=2 * required,
        grounds=(_Plain(reason("guarantee.classes", classes=classes)), *subjects),
        counts=(("occupied", sum(subject.occupied for subject in subjects)),),
    )


def _subject(
    subject: _SubjectCode, rooms: list[Room], rule: Subject, area: Fraction, required: int
) -> _Rooms:
    asked = area.as_integer_ratio()
    found = [_counts_as(room, rule, asked) for room in rooms]
    return _Rooms(
        subject=subject,
        required=required,
        fit=found.count("fit"),
        possible=found.count("possible"),
        occupied=found.count("occupied"),
        small=found.count("small"),
    )


def _counts_as(room: Room, rule: Subject, asked: Ratio) -> _CountsAs | None:
    """Whether a room is occupied, how large it is or what it is for, may not be stated: it may count."""
    own = room.kind in rule.kinds
    if room.occupied:
        return "occupied" if own else None
    if not own and not _may_be(room, rule):
        return None
    if room.area_m2 is not None and not _fits(room.area_m2, asked):
        return "small" if own else None
    sure = own and room.occupied is False and room.area_m2 is not None
    return "fit" if sure else "possible"


def _fits(area_m2: Fraction, asked: Ratio) -> bool:
    """Whether it is at least as large; whole numbers, as every room of a district is asked."""
    above, below = area_m2.as_integer_ratio()
    return above * asked[1] >= asked[0] * below


def _may_be(room: Room, rule: Subject) -> bool:
    """Of no stated kind, or of one that sounds like the subject's."""
    return room.kind is None or any(kind[:2] in room.kind for kind in rule.kinds)


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
    found = [classes for stage in STAGES if (classes := _classes(members, stage, rule.class_size.of(stage)))]
    shown = [(max(classes.known), classes.limit) for classes in found if classes.known]
    # The fullest stage, by pupils of its largest class over what is allowed there.
    value, threshold = (
        max(shown, key=lambda classes: (Fraction(*classes), classes)) if shown else (None, None)
    )
    return Guarantee(
        code="G5",
        verdict=_worst([classes.verdict for classes in found]) if found else "undetermined",
        value=value,
        threshold=threshold,
        grounds=found or (_NO_PUPILS,),
        counts=tuple(
            [(classes.stage, classes.oversized) for classes in found if classes.oversized is not None]
        ),
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
