"""Access points and radios, as their controller (AC) reports them.

What the controller did not say is never concluded: an incomplete table proves no absence, and while
the controller is silent its access points are unknown, not down.
"""

import asyncio
import json
from collections.abc import Callable, Iterator

from contract import AccessPoint, CollectorRun, Radio, Reading
from edge_agent.collectors.ac_rows import Row
from edge_agent.collectors.ac_tables import Walk
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, joined, shorten
from edge_agent.collectors.known_aps import ABSENT_AFTER, KnownAp, KnownAps, Sighting
from edge_agent.collectors.small_counts import hide_small
from edge_agent.profiles.shape import ApState, Fields, Profile
from edge_agent.profiles.values import text
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.asking import Denied, Failed, Index, NotThere, Silent, Source, Unknown
from edge_agent.snmp.ber import Oid
from edge_agent.snmp.turns import turn
from edge_agent.tables import RoomMap
from runtime.language import Text

# Longer than this is more than a slow controller (some need 300 ms a request) should be troubled.
BUDGET_S = 45.0
_AP_FIELDS = set(AccessPoint.model_fields)
_RADIO_FIELDS = set(Radio.model_fields)
# How many access points a reason names; it has room for a sentence.
_NAMED = 5
# As long as the contract lets a text be.
_LONGEST_FIELD = 256

Open = Callable[[], Source]
Failure = tuple[RunStatus, Text]


class SnmpWlan:
    """One controller. `open_source` gives a way to ask it, anew each round."""

    reads: Reads = "access_point"

    def __init__(
        self, settings: SnmpWlanSettings, *, rooms: RoomMap, open_source: Open, recall: Recall
    ) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._open = open_source
        self._name = settings.target
        self._known = KnownAps(rooms=rooms, recall=recall, note=f"snmp_wlan:{settings.id}")
        self._unsupported: dict[Oid, int] = {}

    async def collect(self, clock: Clock) -> Round:
        """One walk through the controller's tables."""
        started = clock()
        source = self._open()
        walk = Walk(source, self._settings.profile, unsupported=self._unsupported, now=started)
        try:
            async with turn(self._name):
                failure = await _attempt(walk)
        finally:
            source.close()
        now = clock()
        status, problems = judge(walk, failure)
        readings, remarks = self._readings(walk, status, now)
        why = joined([*problems, *remarks])
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=self._name,
            status=status,
            rows=len(walk.rows),
            expected=walk.expected,
            duration_ms=max(0, now - started),
            requests=source.effort.requests,
            retries=source.effort.retries,
            reason=shorten(why.zh) or None,
        )
        return Round(
            runs=(run,),
            readings=tuple(hide_small(readings, self._settings.hide_clients_below)),
            notes=self._known.changed_notes(),
            words={self._name: why} if why.zh else {},
        )

    def _readings(self, walk: Walk, status: RunStatus, now: int) -> tuple[list[Reading], list[Text]]:
        """The round's readings, one for every access point that is known; and what is to be said of them."""
        if status not in {"ok", "partial"} or walk.profile is None:
            return [_without_row(known, "unknown", now) for known in self._known.all()], []
        sightings = {key: _sighting(walk.profile, key, row) for key, row in walk.rows.items()}
        known = self._known.identify(sightings.values(), serials_complete=walk.serials_complete)
        readings: list[Reading] = []
        for key, row in walk.rows.items():
            who = known.get(sightings[key].handle)
            if who is not None:
                readings += _told(who, row, now, _campus(row, self._settings.ssids, whole=status == "ok"))
        seen = {sighting.ap for sighting in known.values()}
        absent = list(self._known.missing(seen, clean=walk.clean, proven=walk.proves_absence))
        for ap, walks in absent:
            readings.append(_without_row(ap, "down" if walks >= ABSENT_AFTER else "unknown", now))
        words = list(_words(walk, [ap for ap, _ in absent], nameless=len(sightings) - len(known)))
        words += [*_perhaps_there(self._known.perhaps), *_of_one_name(self._known.in_doubt)]
        return readings, [*_in_two_rooms(self._known.in_two_rooms()), *words, *_without_campus(readings)]


def judge(walk: Walk, failure: Failure | None) -> tuple[RunStatus, list[Text]]:
    """How a walk went, and why."""
    if failure is not None and (failure[0] == "decode" or not walk.rows):
        return failure[0], [failure[1]]
    device = walk.device.name
    if walk.profile is None:
        return "unsupported", [
            Text(f"没有适用于此设备的型号表：{device}", f"no profile for a device that calls itself {device}")
        ]
    if walk.expected is None and not walk.rows:
        return "unsupported", [
            Text(
                f"按 {walk.profile.name} 型号表读不到接入点及其总数，设备自称 {device}；它是无线控制器吗？",
                f"gives neither a count of access points nor any with the profile {walk.profile.name}; calls"
                f" itself {device}; is it a controller?",
            )
        ]
    problems = [failure[1]] if failure else []
    if walk.expected is None and walk.profile.counts:
        problems.append(
            Text(
                "控制器未给出接入点总数，表中没有的接入点无法判定为离线",
                "gives no count of access points, so none can be called absent",
            )
        )
    elif walk.counted < walk.needed:
        problems.append(
            Text(
                f"{walk.expected} 个接入点中只读到 {walk.counted} 个",
                f"{walk.counted} of {walk.expected} access points",
            )
        )
    problems += walk.short()
    return ("partial" if problems else "ok"), problems


async def _attempt(walk: Walk) -> Failure | None:
    try:
        async with asyncio.timeout(BUDGET_S):
            await walk.read()
    except TimeoutError:
        return "timeout", Text(f"{BUDGET_S:.0f} 秒内没有读完", f"no end within {BUDGET_S:.0f} s")
    except Unknown as error:
        return "config", error.text
    except Denied as error:
        return "auth", error.text
    except Silent as error:
        return "timeout", _silence(walk, error)
    except Failed as error:
        return "decode", error.text
    return None


def _silence(walk: Walk, error: Silent) -> Text:
    if isinstance(error, NotThere):
        return error.text
    if walk.answered:
        return Text("中途不再答复", "fell silent in the middle")
    return Text("没有答复：设备关机、不通，或团体名不对", "no answer: down or wrong community")


def _words(walk: Walk, absent: list[KnownAp], *, nameless: int) -> Iterator[Text]:
    """What a walk that went well enough still has to say."""
    if walk.profile is not None and not walk.profile.counts and not walk.profile.alone:
        yield Text(
            "此型号不给出接入点总数：表中没有的接入点为未知，不判离线",
            "this kind gives no count of access points: one that is not in the table is unknown, not down",
        )
    if not walk.rows and walk.proves_absence:
        yield Text("控制器上没有任何接入点", "the controller has no access point at all")
    if nameless:
        yield Text(
            f"{nameless} 个接入点的序列号没有读到，暂不能确认是哪一台",
            f"{nameless} access points cannot be told apart: their serial numbers were not read",
        )
    if absent:
        names = ", ".join(ap.ap for ap in absent[:_NAMED]) + (", …" if len(absent) > _NAMED else "")
        yield Text(
            f"{len(absent)} 个已登记的接入点不在控制器的表中：{names}",
            f"{len(absent)} known access points are not in the controller's table: {names}",
        )


def _perhaps_there(number: int) -> Iterator[Text]:
    if number:
        yield Text(
            f"{number} 个接入点没有可用的序列号，也不在对照表中：表中未见到的可能就是它们，为未知",
            f"{number} access points have no serial number of their own and no line in the map: lines that"
            " are not seen may be about these, so they are unknown",
        )


def _of_one_name(lines: list[str]) -> Iterator[Text]:
    if lines:
        names = ", ".join(lines[:_NAMED]) + (", …" if len(lines) > _NAMED else "")
        yield Text(
            f"对照表中的名称有几个接入点同时在用，不知是哪一个，为未知：{names}",
            f"several access points have a name of the map, which is meant is not known: {names}",
        )


def _in_two_rooms(aps: list[str]) -> Iterator[Text]:
    if aps:
        names = ", ".join(aps[:_NAMED]) + (", …" if len(aps) > _NAMED else "")
        yield Text(
            f"{len(aps)} 个接入点在对照表中有两行、房间不同，按没有房间计：{names}",
            f"{len(aps)} access points have two lines with different rooms, so none counts: {names}",
        )


def _sighting(profile: Profile, key: Index, row: Row) -> Sighting:
    said = {name: value if isinstance(value, str) else None for name, value in row.fields.items()}
    octets = bytes(key)
    serial, mac = said.get("serial"), said.get("mac")
    if profile.serial_is_index:
        serial = text(octets)
    elif not profile.alone:
        # A radio's MAC finds its row; the cable's is what stands on the device.
        mac = mac or octets.hex(":")
    return Sighting(handle=_handle(profile, octets, mac), mac=mac, serial=serial, name=said.get("name"))


def _handle(profile: Profile, octets: bytes, mac: str | None) -> str:
    if profile.alone:
        return mac or "self"
    return octets.hex() if profile.serial_is_index else octets.hex(":")


def _without_campus(readings: list[Reading]) -> Iterator[Text]:
    """Access points that are up and serve the networks of others only."""
    found = [
        reading.name or reading.ap
        for reading in readings
        if isinstance(reading, AccessPoint) and reading.state == "up" and reading.serves_campus is False
    ]
    if found:
        names = ", ".join(found[:_NAMED])
        yield Text(
            f"{len(found)} 个在线接入点不提供校园网络：{names}",
            f"{len(found)} access points are up and do not serve the campus network: {names}",
        )


def _campus(row: Row, ssids: tuple[str, ...], *, whole: bool) -> bool | None:
    """Whether it serves a campus network. A table that breaks off does not prove that it does not."""
    if not ssids or row.ssids is None:
        return None
    return True if not row.ssids.isdisjoint(ssids) else False if whole else None


def _told(known: KnownAp, row: Row, now: int, campus: bool | None) -> Iterator[Reading]:
    shared = {"time": now, "ap": known.ap, "room": known.room}
    said: Fields = {"name": known.name, "state": row.fields.get("state") or "unknown", "ssids": _ssids(row)}
    said["serves_campus"] = campus
    yield AccessPoint.model_validate({**_only(row.fields, _AP_FIELDS), **shared, **said})
    for number, fields in row.radios.items():
        yield Radio.model_validate({**_only(fields, _RADIO_FIELDS), **shared, "radio": number})


def _ssids(row: Row) -> str | None:
    """The names as a JSON list; none at all where there are more than the field has room for."""
    if row.ssids is None:
        return None
    text = json.dumps(sorted(row.ssids), ensure_ascii=False)
    return text if len(text) <= _LONGEST_FIELD else None


def _only(fields: Fields, names: set[str]) -> Fields:
    return {name: value for name, value in fields.items() if name in names}


def _without_row(known: KnownAp, state: ApState, now: int) -> AccessPoint:
    return AccessPoint(time=now, ap=known.ap, room=known.room, state=state, name=known.name)
