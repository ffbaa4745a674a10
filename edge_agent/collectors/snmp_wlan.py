"""Access points and radios, as their controller (AC) reports them.

What the controller did not say is never concluded: an incomplete table proves no absence, and while
the controller is silent its access points are unknown, not down.
"""

import asyncio
from collections.abc import Iterator

from contract import AccessPoint, CollectorRun, Radio, Reading
from edge_agent.collectors.ac_tables import Walk
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, key_text, reasons
from edge_agent.collectors.known_aps import ABSENT_AFTER, KnownAp, KnownAps, mac_text
from edge_agent.collectors.profiles import ApState, Field
from edge_agent.collectors.snmp import Garbled, Index, Manager, Silent, Target
from edge_agent.settings import SnmpWlanSettings
from edge_agent.tables import RoomMap

# Longer than this is more than a slow controller (some need 300 ms a request) should be troubled.
BUDGET_S = 45.0


class SnmpWlan:
    """One controller."""

    reads: Reads = "access_point"

    def __init__(self, settings: SnmpWlanSettings, *, rooms: RoomMap, community: str, recall: Recall) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._target = Target(
            host=settings.host,
            port=settings.port,
            community=community,
            timeout_s=settings.timeout_s,
            retries=settings.retries,
        )
        self._name = settings.host if settings.port == 161 else f"{settings.host}:{settings.port}"
        self._known = KnownAps(rooms=rooms, recall=recall, note=f"snmp_wlan:{settings.id}")
        self._repetitions = settings.max_repetitions
        self._unsupported: dict[str, int] = {}

    async def collect(self, clock: Clock) -> Round:
        """One walk through the controller's tables."""
        started = clock()
        # What had to be halved is tried a little larger each round: the trouble may have passed.
        repetitions = min(self._settings.max_repetitions, self._repetitions * 2)
        manager = Manager(self._target, max_repetitions=repetitions)
        walk = Walk(manager, self._settings.profile, unsupported=self._unsupported, now=started)
        failure = await _attempt(walk)
        self._repetitions = manager.max_repetitions
        now = clock()
        status, problems = judge(walk, failure)
        readings, absent = self._readings(walk, status, now)
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=self._name,
            status=status,
            rows=walk.ap_count,
            expected=walk.expected,
            duration_ms=max(0, now - started),
            requests=manager.requests,
            retries=manager.retries,
            reason=reasons([*problems, *absent]),
        )
        return Round(runs=(run,), readings=tuple(readings), notes=self._known.changed_notes())

    def _readings(self, walk: Walk, status: RunStatus, now: int) -> tuple[list[Reading], list[str]]:
        """The round's readings, and in words which access points were absent from a complete walk."""
        if status not in {"ok", "partial"}:
            return [_without_row(known, "unknown", now) for known in self._known.all()], []
        known = dict(self._identified(walk))
        readings: list[Reading] = [
            _ap_reading(known[index], fields, now) for index, fields in walk.aps() if index in known
        ]
        readings += [
            _radio_reading(known[index[:6]], index[6], fields, now)
            for index, fields in walk.radios()
            if index[:6] in known
        ]
        words = []
        if walk.proves_absence:
            for one, walks in self._known.absent({one.ap for one in known.values()}):
                readings.append(_without_row(one, "down" if walks >= ABSENT_AFTER else "unknown", now))
                words.append(f"{one.ap} is in the room map, but not in the controller")
        return readings, words

    def _identified(self, walk: Walk) -> Iterator[tuple[Index, KnownAp]]:
        complete = walk.serials_complete
        for index, fields in walk.aps():
            serial, name = fields["serial"], fields["name"]
            known = self._known.identify(
                mac_text(index),
                serial=key_text(serial) if isinstance(serial, str) else None,
                name=name if isinstance(name, str) else None,
                serials_complete=complete,
            )
            if known is not None:
                yield index, known


def judge(walk: Walk, failure: tuple[RunStatus, str] | None) -> tuple[RunStatus, list[str]]:
    """How a walk went, and why."""
    if failure is not None and (failure[0] == "decode" or not walk.ap_count):
        return failure[0], [failure[1]]
    if walk.profile is None:
        return "unsupported", [f"no profile for a device that calls itself {walk.sys_object_id or 'nothing'}"]
    if walk.expected is None and not walk.ap_count:
        return "unsupported", ["gives neither a count of access points nor any; is it a controller?"]
    problems = [failure[1]] if failure else []
    if walk.expected is None:
        problems.append("gives no count of access points, so none can be called absent")
    elif walk.ap_count < walk.needed:
        problems.append(f"{walk.ap_count} of {walk.expected} access points")
    problems += walk.short
    return ("partial" if problems else "ok"), problems


async def _attempt(walk: Walk) -> tuple[RunStatus, str] | None:
    try:
        async with asyncio.timeout(BUDGET_S):
            await walk.read()
    except TimeoutError:
        return "timeout", f"no end within {BUDGET_S:.0f} s"
    except Silent as error:
        return "timeout", str(error) if walk.answered else "no answer: down or wrong community"
    except Garbled as error:
        return "decode", str(error)
    return None


def _ap_reading(known: KnownAp, fields: dict[str, Field], now: int) -> AccessPoint:
    said = {name: value for name, value in fields.items() if name != "serial"}
    state = fields["state"] or "unknown"
    return AccessPoint.model_validate(
        {**said, "time": now, "ap": known.ap, "room": known.room, "name": known.name, "state": state}
    )


def _radio_reading(known: KnownAp, number: int, fields: dict[str, Field], now: int) -> Radio:
    return Radio.model_validate(
        {**fields, "time": now, "ap": known.ap, "room": known.room, "radio": str(number)}
    )


def _without_row(known: KnownAp, state: ApState, now: int) -> AccessPoint:
    return AccessPoint(time=now, ap=known.ap, room=known.room, state=state, name=known.name)
