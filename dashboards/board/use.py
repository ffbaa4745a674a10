"""How much displays are used (U1 to U5), by school and by room, as the last evaluation left it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from dashboards.board.names import Names
from dashboards.board.newest import DAY, HOUR, LastRounds, Newest, Standing, of_last_evaluation
from dashboards.board.rows import int_of, reason_of, text_of
from rules.stored.states import ROOM_STATE
from rules.stored.tables import UTILISATION
from rules.words import Reason
from store import Row, Store

RATES: tuple[str, ...] = UTILISATION.column("rate").choices
# Lessons a pupil; the others are shares.
PER_PUPIL = "U5"
_EVALUATIONS = (HOUR, DAY, 400 * DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRate:
    """One rate of one school. value: percent, or lessons a pupil; None where too little is known."""

    code: str
    value: str | None
    completeness: str | None
    verdict: str | None
    reason: Reason

    @property
    def percent(self) -> bool:
        return self.code != PER_PUPIL


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomUse:
    """One room's displays in the lessons of the window; unused is None where too little is known to say."""

    school: str
    room: str
    name: str
    due: int | None
    known: int | None
    used: int | None
    unused: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolUse:
    """A school's rates, in the order of RATES, and its rooms."""

    school: str
    name: str
    unit: str
    rates: tuple[UseRate | None, ...]
    rooms: tuple[RoomUse, ...]

    @property
    def unused(self) -> tuple[RoomUse, ...]:
        return tuple(room for room in self.rooms if room.unused)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePage:
    """Every school of which anything is known, the least used first."""

    as_of: str | None
    schools: tuple[SchoolUse, ...]

    def of(self, code: str) -> SchoolUse | None:
        return next((school for school in self.schools if school.school == code), None)


class UseSource:
    """Reads the rates and the rooms behind them; not to be used by two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rounds, self._rates = LastRounds(), Standing(UTILISATION)
        self._rooms = Newest(
            ROOM_STATE,
            tags=ROOM_STATE.tag_names,
            key=ROOM_STATE.tag_names,
            lookbacks=_EVALUATIONS,
            fields=("lessons_due", "lessons_known", "lessons_used", "unused"),
        )

    def read(self, names: Names, *, now_ms: int) -> UsePage:
        """Raises store.Unavailable."""
        rounds = self._rounds.read(self._store, now_ms=now_ms)
        rates = self._rates.read(self._store, rounds, now_ms=now_ms)
        rooms = of_last_evaluation(self._rooms.read(self._store, now_ms=now_ms))
        return build(names, rates, [row for row in rooms if row.values["lessons_due"] is not None])


def build(names: Names, rates: list[Row], rooms: list[Row]) -> UsePage:
    rates_of: dict[str, dict[str, UseRate]] = defaultdict(dict)
    for row in rates:
        rates_of[row.tags["school"]][row.tags["rate"]] = _rate(row)
    rooms_of: dict[str, list[RoomUse]] = defaultdict(list)
    for row in rooms:
        rooms_of[row.tags["school"]].append(_room(row, names))
    schools = [
        SchoolUse(
            school=code,
            name=names.school(code).name,
            unit=names.school(code).unit,
            rates=tuple(rates_of[code].get(rate) for rate in RATES),
            rooms=tuple(sorted(rooms_of[code], key=_least_used)),
        )
        for code in sorted({*rates_of, *rooms_of})
    ]
    return UsePage(
        as_of=text_of(rates[0], "as_of") if rates else None,
        schools=tuple(sorted(schools, key=_worst_first)),
    )


def _rate(row: Row) -> UseRate:
    code = row.tags["rate"]
    value = text_of(row, "value") if row.values["enough"] else None
    return UseRate(
        code=code,
        value=value if code == PER_PUPIL else percent(value),
        completeness=percent(text_of(row, "completeness")),
        verdict=text_of(row, "verdict"),
        reason=reason_of(row),
    )


def percent(share: str | None) -> str | None:
    """A share of 0 to 1 as percent: the same digits, the point moved."""
    if share is None:
        return None
    try:
        return str(Decimal(share).scaleb(2))
    except InvalidOperation:
        return share


def _room(row: Row, names: Names) -> RoomUse:
    school, room = row.tags["school"], row.tags["room"]
    unused = row.values["unused"]
    return RoomUse(
        school=school,
        room=room,
        name=names.room(school, room).title,
        due=int_of(row, "lessons_due"),
        known=int_of(row, "lessons_known"),
        used=int_of(row, "lessons_used"),
        unused=None if unused is None else bool(unused),
    )


def _least_used(room: RoomUse) -> tuple[int, float, str]:
    """Unused first, then by the share of lessons used; of which nothing is known last."""
    rank = 0 if room.unused else 1 if room.known else 2
    return rank, (room.used or 0) / room.known if room.known else 0.0, room.room


def _worst_first(school: SchoolUse) -> tuple[int, float, str]:
    """Most rooms unused, then the least lessons used; schools without a rate last."""
    first = school.rates[0]
    known = first is not None and first.value is not None
    share = float(first.value) if first is not None and first.value is not None else 0.0
    return -len(school.unused), share if known else 1e9, school.school
