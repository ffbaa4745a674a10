"""One section against every indicator: from the form's figures and the rooms that were seen at work."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil

from registry import Registry, School
from registry.exact import Ratio, plain, rounded
from registry.vocabulary import IndicatorCode, Item, StatisticsStage, Verdict
from rules.judging.allowed import Allowed, allowed, applies, open_reason
from rules.judging.equipment import SchoolEquipment
from rules.judging.indicators import (
    Amount,
    Answer,
    Bar,
    Evidence,
    EvidenceSource,
    Judgement,
    WholeSchool,
    bars_of,
    judge_whole,
    judgement_of,
    whole_verdict,
)
from rules.judging.multimedia import MultimediaRooms
from rules.judging.sections import WHOLE, Section, figure, unstated
from rules.standards.standard import Overall, Standard
from rules.words import NOTHING, Reason, first_of, joined, reason

_NAMED = 3  # so many rooms are named in an evidence line; the evaluation's `multimedia` has all of them
_AS_DECLARED = reason("evidence.as_declared")
# What is declared stands alone: nothing was ever heard of the school.
_DECLARED_ONLY = reason("evidence.declared_only")
OBSERVED_ITEMS = frozenset[Item]({"multimedia_rooms", "equipment_cny"})
_NO_LEDGER = reason("evidence.no_ledger")
# At least and at most; the least None: nothing is stated, the most None: nobody can say how much more.
Declared = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True)
class SectionResult:
    """One section with its answers, one a bar in the standard's order; `section_result` makes it.

    The judgements, by indicator code, are put together for those sections that someone opens.
    """

    section: Section
    bars: Sequence[Bar]
    answers: tuple[Answer, ...]
    source: EvidenceSource
    rule: Overall
    verdict: Verdict

    @cached_property
    def judgements(self) -> Mapping[IndicatorCode, Judgement]:
        return {
            bar.indicator.code: judgement_of(bar, self.section.pupils, answer, self.source)
            for bar, answer in zip(self.bars, self.answers, strict=True)
        }

    @cached_property
    def overall(self) -> WholeSchool:
        return judge_whole(self.judgements, self.rule)


def section_result(
    section: Section,
    bars: Sequence[Bar],
    answers: tuple[Answer, ...],
    source: EvidenceSource,
    rule: Overall,
) -> SectionResult:
    """A section's answers with the verdict on all of them together."""
    verdict = whole_verdict([answer.worst for answer in answers], [answer.best for answer in answers], rule)
    return SectionResult(section, bars, answers, source, rule, verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was observed of a school: its rooms, and its asset ledger where one was told."""

    use: MultimediaRooms
    equipment: SchoolEquipment | None


def judge_sections(
    registry: Registry,
    standard: Standard,
    sections: Sequence[Section],
    seen: Mapping[str, Observed],
    never_heard: Collection[str] = (),
) -> list[SectionResult]:
    """Every section, in the order given. seen: by school code, where anything was observed; never_heard: the
    schools whose declared figures stand alone, because nothing ever was."""
    figures = [
        SectionFigures(registry, section, seen.get(code), code in never_heard)
        for section in sections
        for code in (section.school.school_code,)
    ]
    stages = {
        stage: _judge_stage(
            [section for section in figures if section.section.stage == stage], bars, standard
        )
        for stage, bars in bars_of(standard).items()
    }
    return [next(stages[section.stage]) for section in sections]


def _judge_stage(
    figures: Sequence["SectionFigures"], bars: Sequence[Bar], standard: Standard
) -> Iterator[SectionResult]:
    """One indicator at a time: the same question, asked of thousands."""
    pupils = [known.section.pupils for known in figures]
    columns = [bar.answers(pupils, [known.amount(bar) for known in figures]) for bar in bars]
    for answers, source in zip(zip(*columns, strict=True), figures, strict=True):
        yield section_result(source.section, bars, answers, source, standard.overall)


@dataclass(frozen=True, slots=True)
class SectionFigures:
    """One section's figures, from the form and from what was observed; and what they rest on, when asked.

    L7 is judged on the rooms that were observed and L6 on the asset ledger where there is one; what the form
    declares stands beside them and changes nothing.
    """

    _registry: Registry
    section: Section
    _observed: Observed | None
    _never_heard: bool = False

    def amount(self, bar: Bar) -> Amount:
        """What is known to be there, and what may be there at most."""
        share = self.section.share if bar.shared else WHOLE
        if self._observed is not None:
            use, ledger = self._seen(bar)
            if use is not None:
                return _rooms_seen(use, self._stated(bar), share)
            if ledger is not None:
                return _told(ledger, share)
        least, most = self._declared(bar)
        part = _ratio(least, share)
        return part, part if most is least or most == least else _ratio(most, share)

    def of(self, bar: Bar) -> Evidence:
        """What the judgement on this bar rests on."""
        section, (whole, most) = self.section, self._declared(bar)
        use, ledger = self._seen(bar)
        share = section.share if bar.shared else WHOLE
        common = section.missing or _no_pupils(section)
        if use is not None:
            unknown = _unknown(use, self._stated(bar))
            seen = use.count("working") + use.count("not_working")
            return Evidence(
                declared=_part(whole, share),
                observed=self._known(bar),
                whole=whole,
                share=share,
                use=use,
                completeness=Fraction(seen, seen + unknown) if seen + unknown else None,
                missing=common or _unknown_rooms(unknown),
            )
        if ledger is not None:
            return Evidence(
                declared=_part(whole, share),
                observed=self._known(bar),
                whole=whole,
                share=share,
                equipment=ledger,
                completeness=ledger.completeness,
                missing=common or _unread(ledger),
            )
        found = self._allowed(bar)
        return Evidence(
            declared=_part(whole, share),
            whole=whole,
            share=share,
            allowed=NOTHING if found is None else found.reason,
            missing=self._unstated(bar) if whole is None or (most is not whole and most != whole) else common,
            note=self._note(bar),
        )

    def _known(self, bar: Bar) -> Fraction | None:
        part, _ = self.amount(bar)
        return None if part is None else Fraction(*part)

    def _unstated(self, bar: Bar) -> Reason:
        """What keeps the form's figure from being known: a member's figure, or cells left empty."""
        registry, members = self._registry, self.section.members
        if bar.indicator.item == "multimedia_rooms" and (empty := _empty_marks(registry, members)):
            return reason("missing.marks", rooms=empty)
        why = unstated(registry, members, bar.sheet, bar.indicator.item)
        found = None if why else self._allowed(bar)
        return why if found is None else open_reason(registry, self.section, found, bar.sheet)

    def _allowed(self, bar: Bar) -> Allowed | None:
        if not bar.allowances:
            return None
        return allowed(self._registry, self.section, bar.allowances, bar.sheet)

    def _seen(self, bar: Bar) -> tuple[MultimediaRooms | None, SchoolEquipment | None]:
        """The rooms or the ledger that this bar is judged on; neither where the form's figure is."""
        observed, item = self._observed, bar.indicator.item
        if observed is None:
            return None, None
        return (
            observed.use if item == "multimedia_rooms" else None,
            observed.equipment if item == "equipment_cny" else None,
        )

    def _stated(self, bar: Bar) -> Fraction | None:
        """The figure of the form alone."""
        return figure(self._registry, self.section.members, bar.sheet, bar.indicator.item)

    def _declared(self, bar: Bar) -> Declared:
        """The form's figure; for rooms that a member does not state there, those that its room list marks.

        An empty cell of the list is no "no": what is declared is then at least one figure, at most another.
        """
        stated = self._stated(bar)
        if stated is not None and any(applies(allowance, self.section) for allowance in bar.allowances):
            found = allowed(self._registry, self.section, bar.allowances, bar.sheet)
            return stated + found.total, None if found.open else stated + found.total
        if stated is not None or bar.indicator.item != "multimedia_rooms":
            return stated, stated
        return _marked(self._registry, self.section.members, bar.sheet)

    def _note(self, bar: Bar) -> Reason:
        if self._never_heard and bar.indicator.item in OBSERVED_ITEMS:
            return _DECLARED_ONLY
        if bar.indicator.item == "multimedia_rooms":
            return _AS_DECLARED
        return _NO_LEDGER if self._observed and bar.indicator.item == "equipment_cny" else NOTHING


def _marked(registry: Registry, members: Sequence[School], sheet: StatisticsStage) -> Declared:
    least: Fraction | None = None
    most: Fraction | None = Fraction(0)
    for member in members:
        stated = figure(registry, (member,), sheet, "multimedia_rooms")
        marks = [room.multimedia for room in registry.rooms_of[member.school_code]]
        if stated is not None:
            low, high = stated, stated
        elif any(mark is not None for mark in marks):
            low, high = Fraction(marks.count(True)), Fraction(len(marks) - marks.count(False))
        else:
            most = None
            continue
        least = (least or Fraction(0)) + low
        most = None if most is None else most + high
    return least, most if least is not None else None


def _empty_marks(registry: Registry, members: Sequence[School]) -> int:
    """Rooms of lists that mark some rooms and leave these empty."""
    lists = [[room.multimedia for room in registry.rooms_of[member.school_code]] for member in members]
    return sum(marks.count(None) for marks in lists if any(mark is not None for mark in marks))


def evidence_reason(evidence: Evidence) -> Reason:
    """What an answer rests on."""
    if evidence.use is not None:
        return _seen_rooms(evidence.use, evidence.whole)
    if evidence.equipment is not None:
        return _seen_equipment(evidence.equipment)
    if evidence.whole is None:
        return NOTHING
    if evidence.share is None or evidence.share == WHOLE:
        form = reason("evidence.form", figure=plain(evidence.whole))
    else:
        form = reason("evidence.shared", figure=plain(evidence.whole), share=str(evidence.share))
    return joined(form, evidence.allowed) if evidence.allowed else form


def _rooms_seen(use: MultimediaRooms, stated: Fraction | None, share: Fraction | None) -> Amount:
    working, unknown = use.count("working"), _unknown(use, stated)
    known = working + use.count("not_working")
    if not known and (unknown or stated is None):
        return None, None  # nothing is known of any room, though there are some, or may be
    at_least = _ratio(Fraction(working), share)
    return at_least, _ratio(Fraction(working + unknown), share) if unknown else at_least


def _told(ledger: SchoolEquipment, share: Fraction | None) -> Amount:
    value = _ratio(ledger.value, share)
    if not ledger.whole:
        return value, None
    return value, _ratio(ledger.value + ledger.doubtful, share) if ledger.doubtful else value


def _unknown(use: MultimediaRooms, stated: Fraction | None) -> int:
    return use.count("unknown") + _unlisted(stated, use)


def _unlisted(stated: Fraction | None, use: MultimediaRooms) -> int:
    """Rooms that the form declares beyond those looked at; without its figure, those left blank."""
    return use.blank if stated is None else max(0, ceil(stated) - len(use.rooms))


def _ratio(whole: Fraction | None, share: Fraction | None) -> Ratio | None:
    """The section's part of what the whole school has."""
    if whole is None or share is None:
        return None
    if share is WHOLE:
        return whole.as_integer_ratio()
    above, below = whole.as_integer_ratio()
    times, by = share.as_integer_ratio()
    return above * times, below * by


def _part(whole: Fraction | None, share: Fraction | None) -> Fraction | None:
    if share is WHOLE:
        return whole
    return None if whole is None or share is None else whole * share


def _no_pupils(section: Section) -> Reason:
    return reason("missing.pupils") if section.pupils is None else NOTHING


def _unknown_rooms(unknown: int) -> Reason:
    return reason("missing.rooms_known", rooms=unknown) if unknown else reason("missing.rooms_listed")


def _seen_rooms(use: MultimediaRooms, declared: Fraction | None) -> Reason:
    working, idle, unknown = (use.count(seen) for seen in ("working", "not_working", "unknown"))
    parts = [reason("evidence.rooms", working=working, not_working=idle, unknown=unknown)]
    if use.rests_on != "display":
        parts.append(reason(f"evidence.by_{use.rests_on}"))
    if unlisted := _unlisted(declared, use):
        parts.append(reason("evidence.unlisted", rooms=unlisted))
    others = [
        reason("evidence.room", room=room.room, why=room.reason)
        for room in use.rooms
        if room.seen != "working"
    ]
    return joined(*parts, *first_of(others, _NAMED))


def _unread(ledger: SchoolEquipment) -> Reason:
    parts = []
    if unread := ledger.lines - len(ledger.assets):
        parts.append(reason("missing.ledger_lines", lines=unread))
    elif not ledger.whole and ledger.members == ledger.members_with_ledger:
        parts.append(reason("missing.ledger_file"))
    if absent := ledger.members - ledger.members_with_ledger:
        parts.append(reason("missing.ledgers", units=absent))
    if lines := ledger.count("no_category"):
        parts.append(reason("missing.categories", lines=lines))
    if lines := ledger.count("doubtful"):
        parts.append(reason("missing.certainty", lines=lines))
    return joined(*parts)


def _seen_equipment(ledger: SchoolEquipment) -> Reason:
    counted, seen = ledger.count("counted"), plain(ledger.seen)
    parts = [
        reason(
            "evidence.ledger",
            counted=counted,
            value=plain(ledger.value),
            left_out=len(ledger.assets) - counted,
        ),
        reason("evidence.on_network_share", value=seen, percent=rounded(ledger.seen * 100 / ledger.value, 2))
        if ledger.value
        else reason("evidence.on_network", value=seen),
        _unread(ledger),
    ]
    if ledger.newer_ms:
        parts.append(reason("evidence.newer_ledger"))
    return joined(*parts)
