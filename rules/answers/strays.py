"""What sends readings now and is not in the registry: schools, districts and rooms, each with what it may be.

Told from the newest reading of every device, so that it ends as soon as registry or gateway is mended: what a
school no longer sends, while it sends other things, has been put right.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contract import Point, Value
from registry import Registry
from rules.facts.now import Now
from rules.judging.matching import alike, alike_schools
from rules.stored.states import STRAY
from rules.words import NOTHING, Reason, joined, reason, to_json, worded
from store import Query, Select, Store

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_WEEK_MS = 7 * _DAY_MS

_Tags = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """One school, district or room (`what`) by its name; of a school that is known under its own district."""

    what: str
    district: str
    school: str
    name: str
    heard_ms: int
    gateways: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()

    @property
    def tags(self) -> _Tags:
        return self.district, self.school, self.what, self.name

    @property
    def reason(self) -> Reason:
        gateways = reason("unmatched.gateways", gateways=self.gateways) if self.gateways else NOTHING
        likely = reason("unmatched.likely", likely=self.likely) if self.likely else NOTHING
        return joined(reason(f"stray.{self.what}", name=self.name), likely, gateways)


def strays(registry: Registry, whole: Registry, now: Now, now_ms: int) -> Iterator[Stray]:
    """Pure: from what was heard last of every room and gateway.

    whole: where `registry` is a part of one, that; schools of the other parts are no strays.
    """
    yield from _schools(whole, now, now_ms)
    yield from _districts(registry, now, now_ms)
    yield from _rooms(registry, now, now_ms)


def stray_points(store: Store, registry: Registry, whole: Registry, now: Now, now_ms: int) -> Iterator[Point]:
    """Every stray, and once more those that were strays and are none any more; raises store.Unavailable."""
    found = {stray.tags: stray for stray in strays(registry, whole, now, now_ms)}
    for tags, stray in found.items():
        said = stray.reason
        yield _point(
            tags,
            now_ms,
            {
                "present": 1,
                "heard_ms": stray.heard_ms,
                "gateways": " ".join(stray.gateways) or None,
                "likely": " ".join(stray.likely) or None,
                "reason": worded(said, "zh"),
                "reason_json": to_json(said),
            },
        )
    for tags in sorted(_told(store, now_ms) - found.keys()):
        yield _point(tags, now_ms, {"present": 0})


def _schools(registry: Registry, now: Now, now_ms: int) -> Iterator[Stray]:
    heard: dict[tuple[str, str], int] = defaultdict(int)
    gateways: dict[tuple[str, str], set[str]] = defaultdict(set)
    for gateway in now.gateways:
        if gateway.school not in registry.schools and gateway.heard_ms is not None:
            place = gateway.district, gateway.school
            heard[place] = max(heard[place], gateway.heard_ms)
            gateways[place].add(gateway.gateway)
    for (district, school, _), last_ms in now.heard_ms().items():
        if school not in registry.schools:
            heard[district, school] = max(heard[district, school], last_ms)
    for (district, school), last_ms in sorted(heard.items()):
        if last_ms >= now_ms - _DAY_MS:
            yield Stray(
                what="school",
                district=district,
                school=school,
                name=school,
                heard_ms=last_ms,
                gateways=tuple(sorted(gateways[district, school])),
                likely=alike_schools(school, registry),
            )


def _districts(registry: Registry, now: Now, now_ms: int) -> Iterator[Stray]:
    """A gateway that names another district than the registry, unless it has named the right one since."""
    right: dict[tuple[str, str], int] = {}
    wrong: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for gateway in now.gateways:
        school = registry.schools.get(gateway.school)
        if school is None or gateway.heard_ms is None:
            continue
        if gateway.district == school.district:
            right[gateway.school, gateway.gateway] = gateway.heard_ms
        elif gateway.heard_ms >= now_ms - _DAY_MS:
            wrong[gateway.school, gateway.district][gateway.gateway] = gateway.heard_ms
    for (code, district), heard in sorted(wrong.items()):
        still = {name: at for name, at in heard.items() if at > right.get((code, name), 0)}
        if still:
            own = registry.schools[code].district
            yield Stray(
                what="district",
                district=own,
                school=code,
                name=district,
                heard_ms=max(still.values()),
                gateways=tuple(sorted(still)),
                likely=(own,),
            )


def _rooms(registry: Registry, now: Now, now_ms: int) -> Iterator[Stray]:
    last: dict[tuple[str, str], int] = defaultdict(int)
    newest: dict[str, int] = defaultdict(int)
    for (_, code, room), at in now.heard_ms().items():
        last[code, room] = max(last[code, room], at)
        newest[code] = max(newest[code], at)
    for (code, room), at in sorted(last.items()):
        school = registry.schools.get(code)
        if school is None or at < max(now_ms - _DAY_MS, newest[code] - _HOUR_MS):
            continue
        listed = [known.room for known in registry.rooms_of.get(code, ())]
        if room not in listed:
            yield Stray(
                what="room",
                district=school.district,
                school=code,
                name=room,
                heard_ms=at,
                likely=alike(room, listed),
            )


def _told(store: Store, now_ms: int) -> set[_Tags]:
    """What was told to be a stray and not to be none since."""
    rows = store.query(
        Query(
            measurement=STRAY,
            select=(Select("present"),),
            group_by=STRAY.tag_names,
            since=now_ms - _WEEK_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    return {tuple(row.tags[name] for name in STRAY.tag_names) for row in rows if row.values["present"]}


def _point(tags: _Tags, now_ms: int, fields: Mapping[str, Value | None]) -> Point:
    return Point(STRAY, tags, now_ms, tuple(map(fields.get, STRAY.field_names)))
