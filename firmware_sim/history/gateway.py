"""One gateway's past: rounds at their times, kept in a spool, sent when there was a way to the broker."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic_core import to_json

from contract import (
    MAX_PACKED_BYTES,
    Account,
    Address,
    CollectorState,
    Packed,
    Status,
    encode,
    pack_raw,
    seal,
    utc_text,
)
from firmware_sim.chance import chance
from firmware_sim.history.beacons import beacons_round
from firmware_sim.history.papers import ledger_round, survey_round
from firmware_sim.history.plugs import PlugsPast
from firmware_sim.history.presence import PresencePast
from firmware_sim.history.projectors import Second, projectors_round, silence_of
from firmware_sim.history.span import (
    BEACONS,
    CONTROLLER,
    GATEWAY,
    LEDGER,
    PLUGS,
    PROJECTORS,
    ROOMS,
    SURVEY,
    SchoolPlaces,
    Span,
    Told,
)
from firmware_sim.history.wireless import wireless_round
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.life import RoomLife
from firmware_sim.scenario import Scenario
from firmware_sim.world import DAY_S, Campus

# A status is told every hour (or round, where they are rarer), and what was observed goes out before it: a
# message holds several rounds.
HOUR_S = 3600
BATCH_READINGS = 500
# A ledger is looked at this often, and told again after so many days.
_LEDGER_S, _TELL_AGAIN_S = 3600, 30 * DAY_S
# Rounds begin up to this share of the interval late, a minute at most; one collector after the other.
_JITTER, _JITTER_MOST_S = 0.05, 60.0
_PHASE_S = {
    CONTROLLER: 2.0,
    PROJECTORS: 4.0,
    ROOMS: 5.0,
    PLUGS: 6.0,
    BEACONS: 7.0,
    SURVEY: 8.0,
    LEDGER: 9.0,
}
# The handset is carried round on the first day and after a week's lessons, local time.
_WALK_AT = dt.time(16, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a gateway publishes at `due` (seconds UTC). Of a batch its number; of a status the last before it.

    late: a batch that had to wait for the way to the broker.
    """

    address: Address
    stream: Literal["readings", "status"]
    due: float
    epoch: str
    seq: int
    readings: int
    payload: bytes
    late: bool = False


class GatewayPast:
    """One school's gateway over a span."""

    def __init__(
        self,
        scenario: Scenario,
        campus: Campus,
        places: SchoolPlaces,
        span: Span,
        *,
        version: str | None = None,
    ) -> None:
        self.address = Address(scenario.district, campus.school.code, GATEWAY)
        self.epoch = span.epoch(scenario, campus.school.code)
        self._campus = campus
        self._places = places
        self._span = span
        self._version = version
        self._produced = self._last_seq = 0
        self._before: float | None = None
        self._second: Second = {}
        equipment, life = Equipment(campus.school), RoomLife(campus, seed=scenario.seed)
        self._equipment, self._life = equipment, life
        self._presence = PresencePast(equipment, life, places)
        self._plugs = PlugsPast(equipment, life, places)
        self._identified = self._told = self._looked = -math.inf
        days = campus.timetable.span
        self._away = [days(one.first, one.last) for one in campus.school.away]
        self._clocks = [(*days(one.first, one.last), one.behind_s) for one in campus.school.clocks]
        # A gateway that is far behind would take a walk's times for the future.
        slow = [(begin, end) for begin, end, behind_s in self._clocks if behind_s > 0]
        walks = _walks(campus, span)
        self._walks = [time for time in walks if not _within(slow, time)]
        self._renewed = [days(one.day, None)[0] for one in campus.school.replaced]

    def messages(self) -> Iterator[Message]:
        """Everything, in the order in which it was sent."""
        waiting: list[tuple[int, Packed]] = []
        step_s = max(HOUR_S, self._span.interval_s)
        for begin in _steps(self._span.begin, self._span.end, step_s):
            # A round is told soon, however long it is to the next one.
            now = min(begin + HOUR_S, self._span.end)
            batches = list(self._batches(begin, min(begin + step_s, self._span.end)))
            if now < self._span.end and _within(self._away, now):
                waiting += batches
                continue
            if waiting:
                yield self._status(now, pending=sum(packed.readings for _, packed in waiting + batches))
                yield from (self._message(now, *batch, late=True) for batch in waiting)
                waiting = []
            yield from (self._message(now, *batch) for batch in batches)
            yield self._status(now, pending=0)

    def _batches(self, begin: float, end: float) -> Iterator[tuple[int, Packed]]:
        for packed in _packed(self._rounds(begin, end)):
            self._last_seq += 1
            self._produced += packed.readings
            yield self._last_seq, packed

    def _rounds(self, begin: float, end: float) -> Iterator[Told]:
        interval_s = self._span.interval_s
        first = math.ceil((begin - self._span.begin) / interval_s)
        for time in _steps(self._span.begin + first * interval_s, end, interval_s):
            yield from self._round(time)

    def _round(self, time: float) -> Iterator[Told]:
        """Every collector once, as far as its round is due."""
        campus, interval_s = self._campus, self._span.interval_s
        at, told_ms = self._moment(CONTROLLER, time)
        yield from wireless_round(
            campus, self._places, time=at, before=self._before, interval_s=interval_s, told_ms=told_ms
        )
        self._before = at
        at, told_ms = self._moment(PROJECTORS, time)
        first = at >= self._identified + DAY_S
        self._identified = at if first else self._identified
        yield from projectors_round(
            campus,
            self._places,
            time=at,
            first=first,
            interval_s=interval_s,
            told_ms=told_ms,
            second=self._second,
        )
        yield from self._rooms(time)
        if self._span.walks != "none":
            at, told_ms = self._moment(SURVEY, time)
            walk = self._walks.pop(0) if self._walks and self._walks[0] <= at else None
            yield from survey_round(campus, walk=walk, interval_s=interval_s, told_ms=told_ms)
        if time >= self._looked + _LEDGER_S:
            at, told_ms = self._moment(LEDGER, time)
            yield from self._ledger(at, told_ms)
            self._looked = time

    def _rooms(self, time: float) -> Iterator[Told]:
        """Panels and class PCs that are asked, plugs, and computers that report themselves."""
        interval_s = self._span.interval_s
        at, told_ms = self._moment(ROOMS, time)
        yield from self._presence.round(time=at, interval_s=interval_s, told_ms=told_ms)
        at, told_ms = self._moment(PLUGS, time)
        yield from self._plugs.round(time=at, interval_s=interval_s, told_ms=told_ms)
        at, told_ms = self._moment(BEACONS, time)
        yield from beacons_round(
            self._equipment, self._life, self._places, time=at, interval_s=interval_s, told_ms=told_ms
        )

    def _ledger(self, time: float, told_ms: int) -> Iterator[Told]:
        changed = any(self._told < day <= time for day in self._renewed)
        tell = changed or time >= self._told + _TELL_AGAIN_S
        self._told = time if tell else self._told
        interval_s = max(_LEDGER_S, self._span.interval_s)
        return ledger_round(self._campus, time=time, tell=tell, interval_s=interval_s, told_ms=told_ms)

    def _moment(self, collector: str, time: float) -> tuple[float, int]:
        """When a round is made, and the gateway's own time of it in ms."""
        names = (self.epoch, collector, time, "jitter")
        late_s = min(self._span.interval_s * _JITTER, _JITTER_MOST_S) * chance(*names)
        at = time + _PHASE_S[collector] + late_s
        return at, round((at - self._behind(at)) * 1000)

    def _behind(self, time: float) -> int:
        return sum(behind_s for begin, end, behind_s in self._clocks if begin <= time < end)

    def _message(self, now: float, seq: int, packed: Packed, *, late: bool = False) -> Message:
        sent_ms = round((now - self._behind(now)) * 1000)
        return Message(
            address=self.address,
            stream="readings",
            due=now,
            epoch=self.epoch,
            seq=seq,
            readings=packed.readings,
            payload=seal(self.epoch, seq, packed.body, sent_ms=sent_ms),
            late=late,
        )

    def _status(self, now: float, *, pending: int) -> Message:
        behind_s = self._behind(now)
        moment = utc_text(round((now - behind_s) * 1000))
        account = Account(
            epoch=self.epoch,
            last_seq=self._last_seq,
            produced=self._produced,
            acknowledged=self._produced - pending,
            pending=pending,
            dropped=0,
        )
        status = Status(
            online=True,
            time=moment,
            version=self._version,
            account=account,
            collectors=tuple(
                CollectorState(id=name, status=how, last_run=moment) for name, how in self._states(now)
            ),
            clock_offset_ms=behind_s * 1000,
        )
        return Message(
            address=self.address,
            stream="status",
            due=now,
            epoch=self.epoch,
            seq=self._last_seq,
            readings=0,
            payload=encode(status),
        )

    def _states(self, now: float) -> Iterator[tuple[str, str]]:
        """How each collector's last round went: of projectors some may be silent."""
        campus = self._campus
        silent = any(silence_of(campus, hung, now) for hung in campus.layout.projectors)
        yield CONTROLLER, "ok"
        yield PROJECTORS, "partial" if silent else "ok"
        if self._equipment.asked:
            yield ROOMS, self._presence.status
        if self._equipment.plugs:
            yield PLUGS, "ok"
        if self._equipment.reporting:
            heard = sum(self._life.computer_on(one, now) for one in self._equipment.reporting)
            whole = heard == len(self._equipment.reporting)
            yield BEACONS, "ok" if whole else "partial" if heard else "timeout"
        if self._span.walks != "none":
            yield SURVEY, "ok"
        yield LEDGER, "ok"


def _walks(campus: Campus, span: Span) -> list[float]:
    """When walks end: on the span's first school day, then, where weekly, on the last of every week."""
    timetable, found = campus.timetable, dict[tuple[int, int], float]()
    first: float | None = None
    for time in _steps(span.begin, span.end, DAY_S):
        day = timetable.day(time)
        if timetable.is_school_day(day):
            end = timetable.moment(day, _WALK_AT)
            first = first or end
            found[day.isocalendar()[:2]] = end
    if span.walks == "none" or first is None:
        return []
    return [first] if span.walks == "once" else sorted({first, *found.values()})


def _packed(told: Iterable[Told]) -> Iterator[Packed]:
    """As a spool packs them. Not as models of the contract: a term of a district has tens of millions."""
    items: list[bytes] = []
    size = 2
    for one in told:
        item = to_json(one, exclude_none=True)
        if len(items) == BATCH_READINGS or size + len(item) + 1 > MAX_PACKED_BYTES:
            yield pack_raw(items)
            items, size = [], 2
        items.append(item)
        size += len(item) + 1
    if items:
        yield pack_raw(items)


def _within(spans: Iterable[tuple[float, float]], time: float) -> bool:
    return any(begin <= time < end for begin, end in spans)


def _steps(begin: float, end: float, step: float) -> Iterator[float]:
    for number in range(math.ceil((end - begin) / step)):
        yield begin + number * step
