"""Queries in InfluxQL, as 1.x and 2.x answer them alike.

Three rules hold in all of them. A variable stands as `${name:regex}` between `^` and `$`, never bare. What
may be missing is read from whole newest rows, never by last(): that would put an old number beside a new
verdict. A count that may be none is a sum of stored 0s and 1s: counting rows gives no row where none is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TIME = "$timeFilter"
# These are stored when they change, and whole once a day: what is newest may be a day old.
_CHANGES = ("verdict", "room_coverage", "district_indicator", "utilisation", "standing")
_OF_CHANGES = re.compile(f'FROM "({"|".join(_CHANGES)})"')
_LEAD = re.compile(r"\$timeFilter \+ (\d+[mhd])")
STEP = "time($__interval)"
_SCHOOL = ("district", "school")
ROOM_TAGS = (*_SCHOOL, "room")


def chosen(*names: str) -> str:
    """Only what the variables of these names allow."""
    return " AND ".join(f'"{name}" =~ /^${{{name}:regex}}$/' for name in names)


HERE = chosen("district", "school")
IN_ROOM = chosen("district", "school", "room")
ONE_SCHOOL = chosen("school")
ONE_ROOM = chosen("school", "room")


def columns(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def recent(query: str) -> str:
    """How long ago, before the lead, what is true now may have been stored: no evaluation of last month."""
    return "25h" if _OF_CHANGES.search(query) else "2h"


def led(lead: str) -> str:
    """The span and a time before it, for what was stored before it and still stands in it.

    Whoever draws a frame over two hours of a chart chooses just these, and `timeFrom` holds no more. A panel
    with such a query is shifted back by its lead (`lead_of`): $timeFilter ends a lead too early, and the sum
    puts its end right again.
    """
    return f"{TIME} + {lead}"


def lead_of(query: str) -> str:
    """By how much a panel with this query is to be shifted; "" by nothing."""
    found = _LEAD.search(query)
    return found[1] if found else ""


def standing(measurement: str) -> str:
    """When rows may have been stored that are true at the end of the span."""
    return led("24h" if measurement in _CHANGES else "1h")


def until(back: str) -> str:
    """So long before the end of whatever span is chosen."""
    return f"time > ${{__to}}ms - {back} AND time <= ${{__to}}ms"


def newest(
    measurement: str,
    fields: Sequence[str],
    tags: Iterable[str],
    where: str,
    *,
    keep: str = "",
    show: str = "",
    within: str | None = None,
) -> str:
    """The newest row of every series, whole; of these only such that `keep` is true of.

    The first of `fields` is one that every row has: it finds the row, the others are taken from the same one.
    show: other columns than the fields. within: "" looks at all that is stored, for rows that are written
    only when something changes.
    """
    groups = columns(tags)
    span = standing(measurement) if within is None else within
    asked = f"{span} AND {where}" if span else where
    inner = f'SELECT {_row_of(fields)} FROM "{measurement}" WHERE {asked} GROUP BY {groups}'
    if not keep and not show:
        return inner
    kept = f" WHERE {keep}" if keep else ""
    return f"SELECT {show or columns(fields)} FROM ({inner}){kept} GROUP BY {groups}"


def newest_sum(
    measurement: str, sums: str, fields: Sequence[str], tags: Iterable[str], where: str, *, keep: str = ""
) -> str:
    """Sums over whole newest rows: for fields that a row may be without; the first is one that every row has.

    keep: only over such rows. Never over rows found by ORDER BY and LIMIT: InfluxDB counts such rows twice.
    """
    kept = f" WHERE {keep}" if keep else ""
    return f"SELECT {sums} FROM ({newest(measurement, fields, tags, where)}){kept}"


def where_known(sums: str, known: str, shown: Iterable[str]) -> str:
    """These columns of sums, if `known` is more than none: what is not known is no count of 0."""
    return f'SELECT {columns(shown)} FROM ({sums}) WHERE "{known}" > 0'


def _row_of(fields: Sequence[str]) -> str:
    sure, *others = fields
    return ", ".join((f'last("{sure}") AS "{sure}"', *(f'"{name}"' for name in others)))


def greatest(
    measurement: str,
    value: str,
    how: str,
    names: Iterable[str],
    tags: Iterable[str],
    where: str,
    *,
    most: int,
) -> str:
    """The `most` places where a value is greatest, with their names. how: mean, max of the span; last."""
    wanted = ", ".join(f'last("{name}") AS "{name}"' for name in names)
    span = standing(measurement) if how == "last" else TIME
    inner = (
        f'SELECT {how}("{value}") AS "{value}", {wanted} FROM "{measurement}" '
        f"WHERE {span} AND {where} GROUP BY {columns(tags)}"
    )
    return f'SELECT top("{value}", {most}) AS "{value}", {columns((*names, *tags))} FROM ({inner})'


def now(
    measurement: str,
    sums: str,
    fields: Iterable[str],
    tags: Iterable[str],
    where: str,
    by: str = "",
    *,
    keep: str = "",
) -> str:
    """Sums over the newest values of every series, of those that `keep` is true of.

    Only for fields that every row has.
    """
    kept = f" WHERE {keep}" if keep else ""
    inner = (
        f'SELECT {_lasts(fields)} FROM "{measurement}" WHERE {standing(measurement)} AND {where} '
        f"GROUP BY {columns(tags)}"
    )
    return f"SELECT {sums} FROM ({inner}){kept}" + (f" GROUP BY {by}" if by else "")


def over_time(
    measurement: str,
    sums: str,
    fields: Iterable[str],
    tags: Iterable[str],
    where: str,
    *,
    zone: str = "",
    keep: str = "",
) -> str:
    """The same at every step of time: first each series' value of the step, then all of them together.

    zone: one step a day of this zone, for answers that are stored when they change: only over a whole day
    each of them is found. A day of which the span has no beginning is left out, for it would lack some.
    keep: only values of which this is true. A step of which nothing is known is a null, where the line ends.
    """
    kept = f"{TIME} AND {keep}" if keep else TIME
    step, at = ("time(1d)", f" tz('{zone}')") if zone else (STEP, "")
    inner = (
        f'SELECT {_lasts(fields)} FROM "{measurement}" WHERE {TIME} AND {where} '
        f"GROUP BY {step}, {columns(tags)} fill(none){at}"
    )
    return f"SELECT {sums} FROM ({inner}) WHERE {kept} GROUP BY {step} fill(null){at}"


def mean_of(measurement: str, field: str, where: str, by: str = "", *, filled: str = "null") -> str:
    """A reading's mean at every step of time, a null where there is none; filled: "none", no value at all."""
    groups = f"{STEP}, {by}" if by else STEP
    return (
        f'SELECT mean("{field}") FROM "{measurement}" WHERE {TIME} AND {where} '
        f"GROUP BY {groups} fill({filled})"
    )


def share_by_hour(measurement: str, field: str, part: str, where: str, zone: str) -> str:
    """Of all readings of an hour the share, in %, of which `part` is true; an hour with none of them is 0.

    Each of the two sources carries both columns, the other one as a difference that is 0: a column that only
    one source has is lost where sources meet.
    """
    counted, nothing = f'count("{field}")', f'count("{field}") - count("{field}")'
    groups = f"GROUP BY time(1h) fill(none) tz('{zone}')"
    some = (
        f'SELECT {counted} AS "a", {nothing} AS "b" FROM "{measurement}" '
        f"WHERE {TIME} AND {where} AND {part} {groups}"
    )
    every = (
        f'SELECT {nothing} AS "a", {counted} AS "b" FROM "{measurement}" WHERE {TIME} AND {where} {groups}'
    )
    return f'SELECT 100 * sum("a") / sum("b") FROM ({some}), ({every}) WHERE {TIME} {groups}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of all series of a table, the sum of one field over the sum of another. `times`: 100 for per cent.

    keep: only rows of which this is true are in the sums.
    InfluxDB says that anything over 0 is 0. Where there is nothing to divide by there must be no answer, so
    that the sums are made first, and only then divided where the whole is more than 0.
    """

    measurement: str
    part: str
    whole: str
    tags: tuple[str, ...]
    times: int = 100
    keep: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the sums name."""
        return tuple(dict.fromkeys(re.findall(r'"(\w+)"', f"{self.part} {self.whole} {self.keep}")))

    @property
    def _sums(self) -> str:
        return f'{self.part} AS "part", {self.whole} AS "whole"'

    def now(self, where: str, name: str) -> str:
        sums = now(self.measurement, self._sums, self.fields, self.tags, where, keep=self.keep)
        return f'SELECT {self._divided} AS "{name}" FROM ({sums}) WHERE "whole" > 0'

    def over_time(self, where: str, *, zone: str = "") -> str:
        sums = over_time(
            self.measurement, self._sums, self.fields, self.tags, where, zone=zone, keep=self.keep
        )
        step, at = ("time(1d)", f" tz('{zone}')") if zone else (STEP, "")
        shares = f'SELECT {self._divided} AS "share" FROM ({sums}) WHERE {TIME} AND "whole" > 0{at}'
        return f'SELECT last("share") FROM ({shares}) WHERE {TIME} GROUP BY {step} fill(null){at}'

    @property
    def _divided(self) -> str:
        # Not of two integers: asked for once more, InfluxDB takes their quotient for an integer.
        return f'{self.times}.0 * "part" / "whole"'


def _lasts(fields: Iterable[str]) -> str:
    return ", ".join(f'last("{name}") AS "{name}"' for name in fields)
