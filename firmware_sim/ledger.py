"""The school's asset ledger (固定资产台账), as an office keeps it: with all that a reader has to put up with.

What counts as teaching equipment adds up to the scenario's figure to the fen; beside it stand furniture,
cheap things and a scrapped projector, which do not count. Names of users are invented: they are there so
that a gateway can be seen not to read them.
"""

import csv
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from firmware_sim.chance import between, chance
from firmware_sim.scenario import Ledger
from firmware_sim.world import Campus

HEADER = (
    "资产编号",
    "资产名称",
    "资产分类代码",
    "规格型号",
    "数量",
    "原值",
    "取得日期",
    "存放地点",
    "使用部门",
    "使用人",
    "序列号",
    "使用状况",
)
_PROJECTOR_FEN = 6_000_00
_PANEL_FEN = 16_000_00
_AP_FEN = 1_500_00
# One line is at most about so much, so that a ledger has some dozens of lines.
_LINE_FEN = 60_000_00
_FLOOR_FEN = 1_000_00
_WRONG_ROOMS = 0.03
_NO_SERIALS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of thing that schools own: name, codes of today and of before, and what one costs."""

    name: str
    code: str
    old_code: str
    low_fen: int
    high_fen: int


_EQUIPMENT = (
    _Kind(
        name="学生用台式计算机",
        code="A02010105",
        old_code="2010104",
        low_fen=3_200_00,
        high_fen=4_800_00,
    ),
    _Kind(
        name="教师用便携式计算机",
        code="A02010108",
        old_code="2010105",
        low_fen=4_500_00,
        high_fen=6_500_00,
    ),
    _Kind(name="打印机", code="A02021000", old_code="2010601", low_fen=1_200_00, high_fen=2_600_00),
    _Kind(name="服务器", code="A02010104", old_code="2010103", low_fen=18_000_00, high_fen=32_000_00),
    _Kind(name="视频会议设备", code="A02080805", old_code="2080800", low_fen=9_000_00, high_fen=15_000_00),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger."""

    asset: str
    name: str
    code: str
    fen: int
    pieces: int = 1
    room: str = ""
    serial: str = ""
    status: str = "在用"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it is written down, right or wrong; acquired: year, month and day."""

    entry: Entry
    room: str
    model: str
    acquired: tuple[int, int, int]


def write_ledger(campus: Campus, folder: Path) -> Path | None:
    """Write the school's ledger; None where it has none. It appears under its name when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    form = campus.school.ledger
    if campus.school.ledger_cny is None:
        return None
    rows = [_cells(line, index, form) for index, line in enumerate(lines(campus))]
    header = [f"{name}(万元)" if name == "原值" and form.money == "万元" else name for name in HEADER]
    file = folder / f"assets.{form.form}"
    unfinished = file.with_suffix(".part")
    if form.form == "xlsx":
        _write_workbook(unfinished, [f"{campus.school.name}固定资产台账"], header, rows)
    else:
        with unfinished.open("w", encoding=form.encoding, newline="") as sheet:
            csv.writer(sheet, lineterminator="\r\n").writerows([header, *rows])
    os.replace(unfinished, file)
    return file


def lines(campus: Campus, *, time: float = math.inf) -> Iterator[Line]:
    """The ledger at a moment, line by line; by default as it is when all has been replaced that will be."""
    if campus.school.ledger_cny is None:
        return
    code = campus.school.code
    for index, entry in enumerate(entries(campus, time=time)):
        wrong = chance(code, index, "wrong room") < _WRONG_ROOMS
        yield Line(
            entry=entry,
            room=_some_room(campus, index) if wrong else entry.room,
            model=f"型号{between(1, 9, code, index, 'model')}",
            acquired=(
                between(2016, 2020, code, index, "year"),
                between(1, 12, code, index, "month"),
                between(1, 28, code, index, "day"),
            ),
        )


def entries(campus: Campus, *, time: float = math.inf) -> Iterator[Entry]:
    """Every line, those that do not count last."""
    left = int((campus.school.ledger_cny or Decimal(0)) * 100)
    for entry in _networked(campus, time):
        if entry.fen <= left:
            left -= entry.fen
            yield entry
    yield from _others(campus, left)
    yield from _not_counted(campus)


def _networked(campus: Campus, time: float) -> Iterator[Entry]:
    """Projectors, panels and access points: the gateway sees these at work, too."""
    old = campus.school.ledger.old_codes
    for projector in campus.layout.projectors:
        yield Entry(
            asset=projector.device,
            name="投影机",
            code="2020200" if old else "A02020200",
            fen=_PROJECTOR_FEN,
            room=projector.room.code,
        )
    for room in campus.layout.rooms:
        if room.panel:
            # Which leaf of the catalogue panels belong to is not settled: offices put them among the others.
            code = "2029900" if old else "A02029900"
            yield Entry(
                asset=f"PN-{room.code}", name="交互智能平板", code=code, fen=_PANEL_FEN, room=room.code
            )
    for ap in campus.access_points(time):
        yield Entry(
            asset=f"AP{ap.number:04d}",
            name="无线接入点",
            code="2010200" if old else "A02010200",
            fen=_AP_FEN,
            room=ap.room.code,
            serial=ap.serial,
        )


def _others(campus: Campus, left: int) -> Iterator[Entry]:
    """Equipment that adds up to what is left, to the fen; the last line takes the remainder."""
    school = campus.school
    number = 0
    while left > 0:
        number += 1
        kind = _EQUIPMENT[between(0, len(_EQUIPMENT) - 1, school.code, number, "kind")]
        price = between(kind.low_fen // 100, kind.high_fen // 100, school.code, number, "price") * 100
        pieces = max(1, between(_LINE_FEN // 2, _LINE_FEN, school.code, number, "line") // price)
        last = left - pieces * price < _FLOOR_FEN
        yield Entry(
            asset=f"{school.code[-4:]}{number:06d}",
            name=kind.name,
            code=kind.old_code if school.ledger.old_codes else kind.code,
            fen=left if last else pieces * price,
            # One piece, so that a small remainder has no small price.
            pieces=1 if last else pieces,
            room=_some_room(campus, number),
            serial=""
            if pieces > 1 or chance(school.code, number, "serial") < _NO_SERIALS
            else f"SN{number:08d}",
        )
        left -= left if last else pieces * price


def _not_counted(campus: Campus) -> Iterator[Entry]:
    old = campus.school.ledger.old_codes
    pupils = campus.school.primary_pupils + campus.school.junior_pupils
    desks, projector, cheap, books = (
        ("6010200", "2020200", "2010600", "5010000")
        if old
        else ("A05010200", "A02020200", "A02021118", "A04010000")
    )
    yield Entry(asset="JJ0001", name="课桌椅", code=desks, fen=max(pupils, 1) * 280_00, pieces=max(pupils, 1))
    yield Entry(asset="BF0001", name="投影机", code=projector, fen=7_800_00, status="报废")
    yield Entry(asset="XJ0001", name="扫描仪", code=cheap, fen=860_00)
    yield Entry(asset="TS0001", name="图书", code=books, fen=96_000_00, pieces=4_000)


def _some_room(campus: Campus, number: int) -> str:
    rooms = campus.layout.rooms
    return rooms[between(0, len(rooms) - 1, campus.school.code, number, "room")].code


def _cells(line: Line, index: int, form: Ledger) -> tuple[object, ...]:
    entry, (year, month, day) = line.entry, line.acquired
    dates = (f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}", f"{year}{month:02}{day:02}")
    return (
        entry.asset,
        entry.name,
        entry.code,
        line.model,
        entry.pieces,
        _money(entry.fen, form, index),
        dates[index % len(dates)],
        line.room,
        "信息中心",
        f"模拟使用人{index % 7 + 1}",
        entry.serial,
        entry.status,
    )


def _money(fen: int, form: Ledger, index: int) -> str:
    """Offices write money as they like; the value is always the same."""
    amount = Decimal(fen).scaleb(-2)
    if form.money == "万元":
        return format(amount.scaleb(-4), "f")
    return (f"{amount:.2f}", f"¥{amount:,.2f}", f"{amount:.2f}元")[index % 3]


def _write_workbook(file: Path, title: list[str], header: list[str], rows: list[tuple[object, ...]]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("固定资产台账")
    for row in (title, header, *rows):
        sheet.append(list(row))
    with file.open("wb") as target:
        book.save(target)
