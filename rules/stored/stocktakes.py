"""Stock-takes (盘点) as people handed them in: what stood in each line of a file, and who brought it when.

What a line means for a device or an asset is not kept but found anew by whoever reads it: lists change, and
what was seen in a room on a day does not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from contract import Column, Measurement, Point
from store import Condition, Query, Select, Store

Outcome = Literal["seen", "absent", "found"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, type="text", required=required, meaning=meaning)


def _count(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, required=True, meaning=meaning)


_TAGS = (
    Column(name="district", type="text", required=True, meaning="District, 6 digits"),
    Column(name="school", type="text", required=True, meaning="School code, 10 digits"),
    Column(name="file", type="text", required=True, meaning="Hash of the file's content"),
)

STOCKTAKE = Measurement(
    name="stocktake",
    kept="records",
    tags=_TAGS,
    fields=(
        _text("day", "Day of the stock-take", required=True),
        _text("file_name", "What the file was called", required=True),
        _text("who", "Who handed it in", required=True),
        Column(name="taken_ms", type="integer", unit="ms", low=0, required=True, meaning="When it was read"),
        _count("lines", "Lines that were taken"),
        _count("unmarked", "Lines of the sheet in which nothing was marked"),
        _count("untaken", "Lines and cells that were not understood, and not taken"),
    ),
    meaning="One file of a stock-take, as far as it is about one school and one day.",
)

STOCKTAKE_LINE = Measurement(
    name="stocktake_line",
    kept="records",
    tags=_TAGS,
    fields=(
        _text("day", "Day of the stock-take", required=True),
        Column(name="outcome", type="text", required=True, choices=OUTCOMES, meaning="What was found"),
        _text("cell", "Where it stands in the file: sheet and cell", required=True),
        _text("asset", "Asset number as the line has it"),
        _text("device", "Device as the line has it"),
        _text("serial", "Serial number as the line has it, or what was scanned"),
        _text("name", "What it is called"),
        _text("room", "Room in which it was found; missing: where the list has it"),
        Column(
            name="broken", type="integer", low=0, high=1, required=True, meaning="1: it is there and broken"
        ),
    ),
    meaning="One line of a stock-take. Its time is the day's beginning and its place in the file in ms.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocktake:
    """One file about one school and one day."""

    district: str
    school: str
    file: str
    day: date
    day_ms: int
    file_name: str
    who: str
    taken_ms: int
    lines: int
    unmarked: int
    untaken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """What one line says. place: its number in the file. taken_ms: when its file was read."""

    district: str
    school: str
    file: str
    place: int
    day: date
    day_ms: int
    taken_ms: int
    outcome: Outcome
    cell: str
    asset: str = ""
    device: str = ""
    serial: str = ""
    name: str = ""
    room: str = ""
    broken: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """The later of two stands: by the day of the stock-take, then by when its file was read."""
        return self.day_ms, self.taken_ms, self.place


def stocktake_points(takes: Sequence[Stocktake], lines: Sequence[StockLine]) -> list[Point]:
    """As the store keeps them: lines first, so that no file is told of whose lines are not there."""
    return [*map(_line_point, lines), *map(_take_point, takes)]


def _take_point(take: Stocktake) -> Point:
    return Point(
        STOCKTAKE,
        (take.district, take.school, take.file),
        take.day_ms,
        (
            take.day.isoformat(),
            take.file_name,
            take.who,
            take.taken_ms,
            take.lines,
            take.unmarked,
            take.untaken,
        ),
    )


def _line_point(line: StockLine) -> Point:
    texts = (line.asset, line.device, line.serial, line.name, line.room)
    return Point(
        STOCKTAKE_LINE,
        (line.district, line.school, line.file),
        line.day_ms + line.place,
        (
            line.day.isoformat(),
            line.outcome,
            line.cell,
            *(text or None for text in texts),
            int(line.broken),
        ),
    )


def read_stocktakes(store: Store, school: str | None = None) -> tuple[Stocktake, ...]:
    """Every file that was handed in, the newest day first. Raises store.Unavailable."""
    found = [
        Stocktake(
            **row.tags,
            day=date.fromisoformat(str(row.values["day"])),
            day_ms=row.time or 0,
            file_name=str(row.values["file_name"]),
            who=str(row.values["who"]),
            taken_ms=int(row.values["taken_ms"] or 0),
            lines=int(row.values["lines"] or 0),
            unmarked=int(row.values["unmarked"] or 0),
            untaken=int(row.values["untaken"] or 0),
        )
        for row in store.query(_query(STOCKTAKE, school))
    ]
    return tuple(sorted(found, key=lambda take: (-take.day_ms, -take.taken_ms, take.school)))


def read_lines(store: Store, school: str | None = None) -> Mapping[str, Sequence[StockLine]]:
    """Every line of every stock-take by school, the newest first. Raises store.Unavailable."""
    takes = {(take.school, take.file, take.day): take for take in read_stocktakes(store, school)}
    if not takes:
        return {}
    found: dict[str, list[StockLine]] = defaultdict(list)
    for row in store.query(_query(STOCKTAKE_LINE, school)):
        day = date.fromisoformat(str(row.values["day"]))
        take = takes.get((row.tags["school"], row.tags["file"], day))
        outcome = next((one for one in OUTCOMES if one == row.values["outcome"]), None)
        if take is None or outcome is None:
            continue  # its file was cut off while it was written, and is to be handed in again
        texts = {
            name: str(row.values[name] or "")
            for name in ("cell", "asset", "device", "serial", "name", "room")
        }
        found[take.school].append(
            StockLine(
                **row.tags,
                place=(row.time or 0) - take.day_ms,
                day=day,
                day_ms=take.day_ms,
                taken_ms=take.taken_ms,
                outcome=outcome,
                broken=row.values["broken"] == 1,
                **texts,
            )
        )
    return {code: sorted(lines, key=lambda line: line.order, reverse=True) for code, lines in found.items()}


def _query(table: Measurement, school: str | None) -> Query:
    return Query(
        measurement=table,
        select=tuple(Select(name) for name in table.field_names),
        group_by=table.tag_names,
        where=() if school is None else (Condition("school", "=", school),),
    )
