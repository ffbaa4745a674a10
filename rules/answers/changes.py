"""What of an evaluation has to be stored: what has changed since the last one, and everything once a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contract import Point, Value
from rules.stored.rounds import HEARTBEAT_TAGS, WHOLE
from rules.stored.tables import DISTRICT_INDICATOR

_Key = tuple[str, tuple[str, ...]]
_Fields = tuple[Value | None, ...]
_WHOLE = DISTRICT_INDICATOR.field_names.index(WHOLE)
_DISTRICT = 0  # the first tag of everything that an evaluation leaves


@dataclass(slots=True)
class _Stored:
    """What the store has of a district, and since when it has all of it."""

    whole_ms: int
    as_of: str
    moment: int
    fields: dict[_Key, _Fields] = field(default_factory=dict)


class Changes:
    """Remembers what one program has stored; one that knows nothing stores everything."""

    def __init__(self) -> None:
        self._stored: dict[str, _Stored] = {}

    def of(self, points: Sequence[Point], *, as_of: str, now_ms: int) -> list[Point]:
        """The points to store, in their order; `forget` where it is not sure that they were."""
        by_district: dict[str, list[Point]] = {}
        for point in points:
            by_district.setdefault(point.tags[_DISTRICT], []).append(point)
        found: list[Point] = []
        for district, some in by_district.items():
            known = self._stored.get(district)
            if known is None or _whole_is_due(known, some, as_of, now_ms):
                known = self._stored[district] = _Stored(now_ms, as_of, now_ms)
            known.moment = now_ms
            found += _changed(known, some)
        # A district of which nothing is judged any more leaves no heartbeat either.
        for district in self._stored.keys() - by_district.keys():
            del self._stored[district]
        return found

    def forget(self) -> None:
        """It is not known what the store has: next time everything is stored."""
        self._stored.clear()


def _whole_is_due(known: _Stored, points: Iterable[Point], as_of: str, now_ms: int) -> bool:
    """A new day, something that is judged no more, or a clock that went back."""
    return (
        as_of != known.as_of
        or now_ms <= known.moment
        or bool(known.fields.keys() - {_key(point) for point in points})
    )


def _changed(known: _Stored, points: Iterable[Point]) -> list[Point]:
    found = []
    for point in points:
        if _is_heartbeat(point):
            fields = list(point.fields)
            fields[_WHOLE] = known.whole_ms
            known.fields[_key(point)] = point.fields
            found.append(point._replace(fields=tuple(fields)))
        elif known.fields.get(_key(point)) != point.fields:
            known.fields[_key(point)] = point.fields
            found.append(point)
    return found


def _is_heartbeat(point: Point) -> bool:
    return point.measurement.name == DISTRICT_INDICATOR.name and point.tags[1:] == HEARTBEAT_TAGS


def _key(point: Point) -> _Key:
    return point.measurement.name, point.tags
