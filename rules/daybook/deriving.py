"""The tables for charts, from a school's day: points that Grafana groups by weekday and lesson. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contract import Measurement, Point, Value
from contract.daybook import (
    AP_DAY,
    COLLECTOR_DAY,
    DEVICE_DAY,
    GATEWAY_DAY,
    LEDGER_DAY,
    LESSON_DAY,
    RADIO_DAY,
    RADIO_LESSON,
)
from registry.calendar import Interval
from registry.timetable import Timetable
from rules.daybook.entry import DeviceCounts, Entry, GatewayRest, Lesson, Place, RadioCounts
from rules.daybook.lessons import display_used
from rules.daybook.questions import RADIO_LEVELS
from rules.standards.standard import Utilisation
from rules.stored.retirements import Retirements

_MINUTE_MS = 60_000
# So many waiting readings are more than a few rounds of a school: what was observed that day came late.
LATE_PENDING = 500
_Fields = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the tables follow beside the counts."""

    timetable: Timetable
    rule: Utilisation
    retired: Retirements


def derive(place: Place, day: date, begin_ms: int, until_ms: int, entry: Entry, basis: Basis) -> list[Point]:
    """Every point of the day; the same entry gives the same points."""
    made = _Day(place, day, begin_ms, min(until_ms, entry.facts.hours.end_ms), entry, basis)
    return [
        *made.aps(),
        *made.radios(),
        *made.devices(),
        *made.collectors(),
        *made.gateways(),
        *made.ledgers(),
    ]


def voided(points: list[Point], present: list[Point]) -> list[Point]:
    """What an earlier counting left and the present one does not have: nothing was counted there."""
    kept = {(point.measurement.name, point.tags, point.time) for point in present}
    return [
        point._replace(fields=tuple(0 if column.required else None for column in point.measurement.fields))
        for point in points
        if (point.measurement.name, point.tags, point.time) not in kept
    ]


@dataclass(frozen=True, slots=True)
class _Day:
    place: Place
    day: date
    begin_ms: int
    until_ms: int
    entry: Entry
    basis: Basis

    def aps(self) -> Iterator[Point]:
        facts, rest = self.entry.facts, self.entry.rest
        for key, more in rest.aps.items():
            counts = facts.aps.get(key)
            fields: _Fields = {
                "due": self._due("access_point", key[1], counts.polls if counts else 0),
                "polls": counts.polls if counts else 0,
                "known": counts.polls - counts.unknown if counts else 0,
                "up": counts.up if counts else 0,
                "clients_most": more.clients_most,
                "clients_mean": more.clients_sum / more.clients_known if more.clients_known else None,
                "last_state": counts.last_state if counts else None,
                "first_ms": more.first_ms,
                "last_ms": more.last_ms,
                "retired": int(self.basis.retired.ap_on(self.place[1], *key, self.day)),
            }
            yield self._point(AP_DAY, key, fields)

    def radios(self) -> Iterator[Point]:
        for key, radio in self.entry.rest.radios.items():
            fields: _Fields = {
                "busy_known": radio.busy_known,
                "busy_mean": radio.busy_sum / radio.busy_known if radio.busy_known else None,
                "busy_p95": radio.busy_p95,
                "noise_known": radio.noise_known,
                "noise_mean": radio.noise_sum / radio.noise_known if radio.noise_known else None,
                "noise_p95": radio.noise_p95,
            }
            yield self._point(RADIO_DAY, key, fields)
            if radio.lessons:
                yield from self._radio_lessons(key, radio)

    def _radio_lessons(self, key: tuple[str, str, str], radio: RadioCounts) -> Iterator[Point]:
        for number, lesson in enumerate(self.entry.facts.lessons):
            fields: dict[str, Value | None] = {}
            for place, (name, _) in enumerate(RADIO_LEVELS):
                known, total, p95 = radio.level(number, place)
                fields[f"{name}_known"] = known
                fields[f"{name}_mean"] = total / known if known else None
                fields[f"{name}_p95"] = p95
            yield self._point(RADIO_LESSON, key, fields, lesson)

    def devices(self) -> Iterator[Point]:
        length_ms = self.until_ms - self.entry.facts.hours.begin_ms
        for key, more in self.entry.rest.devices.items():
            counts = self.entry.facts.devices.get(key) or _NOTHING
            interval_ms = self.entry.facts.interval_ms("room_device", key[1]) or 0
            fields: _Fields = {
                "due": self._due("room_device", key[1], counts.polls),
                "polls": counts.polls,
                "answered": counts.answered,
                "working": counts.on - counts.on_faulty,
                "faulty": counts.faulty,
                "fault": int(counts.faulty > 0),
                "on_min": _minutes(counts.lit * interval_ms, length_ms),
                "outside_min": more.lit_outside * interval_ms // _MINUTE_MS,
                "first_ms": more.first_ms,
                "last_ms": more.last_ms,
                "retired": int(self.basis.retired.device_on(self.place[1], key[0], key[1], self.day)),
            }
            yield self._point(DEVICE_DAY, key, fields)
            if key in self.entry.facts.devices:
                yield from self._lessons(key, counts, more.faults, interval_ms)

    def _lessons(
        self, key: tuple[str, str, str], counts: DeviceCounts, faults: tuple[int, ...], interval_ms: int
    ) -> Iterator[Point]:
        weekday = self.entry.rest.weekday
        for number, lesson in enumerate(self.entry.facts.lessons):
            answers = counts.answers(number)
            span = Interval(begin_ms=lesson.begin_ms, end_ms=lesson.end_ms)
            room = self.place[1], key[0]
            held = self.basis.timetable.has(room, lesson.name, self.day, weekday=weekday - 1)
            used = display_used(answers, span, interval_ms, self.basis.rule) if held else None
            length_ms = lesson.end_ms - lesson.begin_ms
            fields: _Fields = {
                "lesson": int(held),
                "due_min": length_ms // _MINUTE_MS if held else 0,
                "known_min": _minutes(answers.known * interval_ms, length_ms) if held else 0,
                "on_min": _minutes(answers.lit * interval_ms, length_ms),
                "known": int(used is not None),
                "used": None if used is None else int(used),
                "faults": faults[number],
            }
            yield self._point(LESSON_DAY, key, fields, lesson)

    def collectors(self) -> Iterator[Point]:
        for key, run in self.entry.rest.collectors.items():
            due = None
            if run.interval_s:
                length_ms = self.until_ms - self.entry.facts.hours.begin_ms
                due = length_ms // (run.interval_s * 1000) * run.targets
            fields: _Fields = {
                "due": due,
                "rounds": run.rounds,
                "whole": run.whole,
                "targets": run.targets,
                "reads": run.reads,
                "interval_s": run.interval_s,
            }
            yield self._point(COLLECTOR_DAY, key, fields)

    def gateways(self) -> Iterator[Point]:
        clocks = self.entry.facts.clocks
        for gateway in sorted({*self.entry.rest.gateways, *clocks}):
            clock = clocks.get(gateway)
            account = self.entry.rest.gateways.get(gateway, GatewayRest(0, None))
            fields: _Fields = {
                "accounts": account.accounts,
                "clock_offset_ms": clock.offset_ms if clock else None,
                "clock_wrong": int(clock is not None and clock.wrong),
                "pending_most": account.pending_most,
                "late": int((account.pending_most or 0) >= LATE_PENDING),
            }
            yield self._point(GATEWAY_DAY, (gateway,), fields)

    def ledgers(self) -> Iterator[Point]:
        for key, ledger in self.entry.rest.ledgers.items():
            fields: _Fields = {
                "told_ms": ledger.told_ms,
                "rows": ledger.rows,
                "lines": ledger.lines,
                "whole": ledger.whole,
            }
            yield self._point(LEDGER_DAY, key, fields)

    def _due(self, kind: str, name: str, polls: int) -> int | None:
        """How often it should have been asked; never less than it was."""
        facts = self.entry.facts
        if not facts.interval_ms(kind, name):
            return None
        return max(polls, facts.due_polls(kind, name, self.until_ms - facts.hours.begin_ms))

    def _point(
        self, table: Measurement, key: tuple[str, ...], fields: _Fields, lesson: Lesson | None = None
    ) -> Point:
        slot = () if lesson is None else (lesson.name,)
        return Point(
            table,
            (*self.place, *key, str(self.entry.rest.weekday), *slot),
            self.begin_ms if lesson is None else lesson.begin_ms,
            tuple([fields[name] for name in table.field_names]),
        )


_NOTHING = DeviceCounts(0, 0, 0, 0, 0, 0, 0, 0, ())


def _minutes(heard_ms: int, length_ms: int) -> int:
    return min(heard_ms, length_ms) // _MINUTE_MS
