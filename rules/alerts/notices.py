"""What is told to people: one notice a school, alert and kind, planned by a pure function."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from registry import Registry
from rules.alerts.machine import AlertStanding
from rules.alerts.rules_file import AlertRule, AlertRules
from rules.stored.silences import Silence
from rules.words import name, reason, worded
from runtime.language import LANGUAGES, Language, Text

Kind = Literal["firing", "resolved", "withdrawn"]
# (district, school code, alert, subject)
AlertKey = tuple[str, str, str, str]

_LINES = 20  # so many subjects are named in one notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice, whole, in both languages."""

    time_ms: int
    district: str
    school: str
    alert: str
    kind: Kind
    severity: str
    title: Text
    body: Text
    subjects: int


def plan(
    rules: AlertRules,
    standings: Mapping[AlertKey, AlertStanding],
    registry: Registry,
    now_ms: int,
    *,
    in_school_hours: bool,
    silences: Sequence[Silence] = (),
) -> tuple[list[Notice], dict[AlertKey, AlertStanding]]:
    """Notices that are due, and the standings that they announce.

    Only the difference between what is and what was last told is ever said: what comes and goes while it
    may not be sent is not told at all, and what still stands when a silence ends is told then.
    """
    by_name = {rule.name: rule for rule in rules.alerts}
    groups: dict[tuple[str, str, str, Kind], list[AlertKey]] = defaultdict(list)
    untold = {key: kind for key, standing in standings.items() if (kind := _untold(standing)) is not None}
    for key, kind in sorted(untold.items()):
        if key[2] in by_name and not silenced(silences, key, standings[key].room):
            groups[(*key[:3], kind)].append(key)
    notices: list[Notice] = []
    announced: dict[AlertKey, AlertStanding] = {}
    for (*_, alert, kind), keys in groups.items():
        rule = by_name[alert]
        waited = now_ms - min(standings[key].changed_ms for key in keys)
        if waited < rules.group_wait_s * 1000 or (rule.sends == "school_hours" and not in_school_hours):
            continue
        told = {key: standings[key] for key in keys}
        notices.append(_notice(rule, kind, told, registry, now_ms))
        for key, standing in told.items():
            announced[key] = replace(standing, announced=kind == "firing")
    return notices, announced


def silenced(silences: Sequence[Silence], key: AlertKey, room: str) -> bool:
    """Whether nobody is to be told of an alert now."""
    return any(silence.covers(*key, room) for silence in silences)


def _untold(standing: AlertStanding) -> Kind | None:
    if standing.status == "firing" and not standing.announced:
        return "firing"
    if standing.status == "inactive" and standing.announced:
        return "resolved"
    if standing.status == "withdrawn" and standing.announced:
        return "withdrawn"
    return None


def _notice(
    rule: AlertRule, kind: Kind, told: Mapping[AlertKey, AlertStanding], registry: Registry, now_ms: int
) -> Notice:
    district, code, _, _ = next(iter(told))
    wording = {lang: _Wording(rule, kind, registry, now_ms, lang) for lang in LANGUAGES}
    return Notice(
        time_ms=now_ms,
        district=district,
        school=code,
        alert=rule.name,
        kind=kind,
        severity=rule.severity,
        title=Text(**{lang: words.title(code, len(told)) for lang, words in wording.items()}),
        body=Text(**{lang: "\n".join(words.lines(told)) for lang, words in wording.items()}),
        subjects=len(told),
    )


@dataclass(frozen=True)
class _Wording:
    """A notice in one language."""

    rule: AlertRule
    kind: Kind
    registry: Registry
    now_ms: int
    lang: Language

    def title(self, code: str, subjects: int) -> str:
        said = reason(
            "alert.title",
            what=(
                name("severities", self.rule.severity, self.lang)
                if self.kind == "firing"
                else name("notices", self.kind, self.lang)
            ),
            school=self._school(code),
            title=self.rule.title.of(self.lang),
            number=subjects,
        )
        return worded(said, self.lang)

    def lines(self, told: Mapping[AlertKey, AlertStanding]) -> Iterator[str]:
        for key, standing in list(told.items())[:_LINES]:
            yield self._line(key, standing)
        if len(told) > _LINES:
            yield worded(reason("alert.more", number=len(told) - _LINES), self.lang)
        for label, value in sorted(self.rule.labels.items()):
            yield f"{label}: {value}"

    def _line(self, key: AlertKey, standing: AlertStanding) -> str:
        template: Text = getattr(self.rule, self.kind)
        line = (
            template.of(self.lang)
            .format(
                school=self._school(key[1]),
                room=self._room(key[1], standing.room),
                subject=subject_name(self.rule, key[3], self.lang),
                value="–" if standing.value is None else standing.value,
                detail=worded(standing.detail, self.lang),
                minutes=(self.now_ms - standing.since_ms) // 60_000,
            )
            .strip()
        )
        if standing.status != "firing" or standing.silent_since_ms is None:
            return line
        since = local_minute(standing.silent_since_ms, self.registry.calendar.zone)
        return f"{line} ({worded(reason('alert.quiet_since', since=since), self.lang)})"

    def _school(self, code: str) -> str:
        if not code:
            return worded(reason("alert.bureau"), self.lang)
        school = self.registry.schools.get(code)
        return school.name if school else code

    def _room(self, code: str, number: str) -> str:
        for room in self.registry.rooms_of.get(code, ()):
            if room.room == number:
                return room.name or number
        return number


def subject_name(rule: AlertRule, subject: str, lang: Language) -> str:
    """What an alert is about; an indicator by stage and code."""
    if rule.signal != "indicator_short":
        return subject
    stage, _, code = subject.partition("/")
    return f"{name('stages', stage, lang)} {name('indicators', code, lang)}"


def local_minute(moment_ms: int, zone: ZoneInfo) -> str:
    """09-28 08:10, as a clock at the school shows it."""
    return datetime.fromtimestamp(moment_ms // 1000, zone).strftime("%m-%d %H:%M")
