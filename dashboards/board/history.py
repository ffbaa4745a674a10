"""The last hours of one school, for its charts: busy channels, clients, devices switched on."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from contract import READING_KINDS
from dashboards.board.newest import DAY, HOUR, MINUTE
from store import Condition, Query, Row, Select, Store

# How far back, and the length of a window: some thirty to sixty points each.
Span = Literal["hour", "day", "week"]
SPANS: dict[Span, tuple[int, int]] = {
    "hour": (HOUR, 2 * MINUTE),
    "day": (DAY, 30 * MINUTE),
    "week": (7 * DAY, 3 * HOUR),
}
_BANDS = ("2.4", "5", "6")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLine:
    """One line of a chart: time of each window and its value. Windows without data are left out.

    name: a band, or a key of the pages' words.
    """

    name: str
    times_ms: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Charts of a school's page."""

    since_ms: int
    until_ms: int
    window_ms: int
    utilisation: tuple[ChartLine, ...]
    clients: tuple[ChartLine, ...]
    devices_on: tuple[ChartLine, ...]


def read_history(store: Store, school: str, *, span: Span = "hour", now_ms: int) -> History:
    """Ask the store for a span, window by window; raises store.Unavailable."""
    length, window = SPANS[span]
    since = (now_ms - length) // window * window
    # The window that is still filling would show fewer devices than there are.
    until = now_ms // window * window
    here = Condition("school", "=", school)

    def ask(kind: str, select: Select, group_by: tuple[str, ...], *where: Condition) -> list[Row]:
        return store.query(
            Query(
                measurement=READING_KINDS[kind],
                select=(select,),
                group_by=group_by,
                where=(here, *where),
                since=since,
                until=until,
                window_ms=window,
            )
        )

    busy = [
        _line(
            f"{band} GHz", ask("radio", Select("utilisation_pct", "mean"), (), Condition("band", "=", band))
        )
        for band in _BANDS
    ]
    clients = ask("access_point", Select("clients", "mean"), ("ap",))
    answered = ask("room_device", Select("power", "count"), ("device",))
    on = ask("room_device", Select("power", "count"), ("device",), Condition("power", "=", "on"))
    return History(
        since_ms=since,
        until_ms=until,
        window_ms=window,
        utilisation=tuple(line for line in busy if line.times_ms),
        clients=(_sum("clients_line", clients),),
        devices_on=(_count("devices_line", on, answered),),
    )


def _line(name: str, rows: list[Row]) -> ChartLine:
    known = [
        (row.time or 0, round(float(value), 1))
        for row in rows
        for value in row.values.values()
        if value is not None
    ]
    return ChartLine(name=name, times_ms=tuple(t for t, _ in known), values=tuple(v for _, v in known))


def _sum(name: str, rows: list[Row]) -> ChartLine:
    """Per window, the sum over access points of their mean."""
    totals: dict[int, float] = defaultdict(float)
    for row in rows:
        for value in row.values.values():
            if value is not None:
                totals[row.time or 0] += float(value)
    times = tuple(sorted(totals))
    return ChartLine(name=name, times_ms=times, values=tuple(round(totals[time], 1) for time in times))


def _count(name: str, rows: list[Row], answered: list[Row]) -> ChartLine:
    """Per window, how many devices have a row; 0 only where one said whether it is on: silence is no off."""
    totals = dict.fromkeys((row.time or 0 for row in answered), 0)
    for row in rows:
        if any(row.values.values()):
            totals[row.time or 0] = totals.get(row.time or 0, 0) + 1
    times = tuple(sorted(totals))
    return ChartLine(name=name, times_ms=times, values=tuple(totals[time] for time in times))
