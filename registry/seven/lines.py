"""Lines of a sheet of seven indicators: pupils and figures of a stage of a school, each with its cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from registry.cells import number
from registry.notes import Notes
from registry.problems import Problem
from registry.records import RawSheet
from registry.seven.layout import Block, Layout, is_total, layout_of
from registry.vocabulary import Item
from runtime.language import Text
from tables.sheets import Row

# Values are printed with two decimals, and people round as they like.
_ROUNDED = Fraction(6, 1000)
_TEN_THOUSAND = 10_000
_ORDER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cell: where a figure stands, and what stands above it."""

    sheet: str
    row: int
    column: int
    title: str
    text: str

    def problem(self, what: Text) -> Problem:
        return Problem(
            sheet=self.sheet,
            what=what,
            row=self.row,
            column=self.column,
            header=self.title,
            found=self.text,
            order=_ORDER,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one indicator rests on."""

    value: Fraction
    place: Place


@dataclass(slots=True, kw_only=True)
class SevenLine:
    """One line. open: figures that the sheet does not say for certain, with the reason."""

    sheet: str
    row: int
    label: str
    label_place: Place
    number: int | None
    code: str | None
    pupils: int | None = None
    pupils_place: Place | None = None
    figures: dict[Item, Figure] = field(default_factory=dict)
    open: dict[Item, Text] = field(default_factory=dict)


def is_seven(rows: Sequence[Row]) -> bool:
    return layout_of(rows) is not None


def seven_lines(raw: RawSheet, problems: list[Problem], notes: Notes) -> Iterator[SevenLine]:
    """Every line of a school; sums and remarks below are left out and told."""
    layout = layout_of(raw.rows)
    if layout is None:
        return
    for title in layout.untold:
        notes.add(raw.title, Text(f"未读的指标：{title}", f"an indicator that is not read: {title}"))
    for row in raw.rows:
        if row.number <= layout.head or not row.cells:
            continue
        figures = any(block.numerator in row.cells or block.pupils in row.cells for block in layout.blocks)
        if row.hidden and figures:
            notes.add(raw.title, Text("隐藏的行已计入", "hidden lines are counted"))
        if row.struck and figures:
            notes.add(raw.title, Text("划去的行已计入", "lines that are struck out are counted"))
        if is_total(row):
            notes.add(raw.title, Text("合计行未计", "lines of totals are left out"))
        elif not row.cells.get(layout.school) or layout.school in row.joined:
            if figures:
                what = Text("没有学校名，无法知道是哪所学校", "names no school")
                problems.append(Problem(sheet=raw.title, what=what, row=row.number, order=_ORDER))
        elif figures:
            yield _line(raw, layout, row, problems, notes)


def _line(raw: RawSheet, layout: Layout, row: Row, problems: list[Problem], notes: Notes) -> SevenLine:
    def place(column: int, title: str) -> Place:
        return Place(
            sheet=raw.title, row=row.number, column=column, title=title, text=row.cells.get(column, "")
        )

    running = None if layout.number is None else number(row.cells.get(layout.number, ""))
    line = SevenLine(
        sheet=raw.title,
        row=row.number,
        label=row.cells[layout.school],
        label_place=place(layout.school, ""),
        number=int(running) if running is not None and running.denominator == 1 else None,
        code=None if layout.code is None else row.cells.get(layout.code),
    )
    told = {block: number(row.cells.get(block.pupils, "")) for block in layout.blocks}
    counts = {count for count in told.values() if count is not None}
    if len(counts) > 1:
        wrong = place(layout.blocks[0].pupils, "")
        problems.append(wrong.problem(Text("各指标的学生数不一致", "the indicators differ in their pupils")))
    elif counts:
        block = next(block for block, count in told.items() if count is not None)
        line.pupils_place = place(block.pupils, block.title)
        (pupils,) = counts
        if pupils.denominator == 1 and pupils >= 0:
            line.pupils = int(pupils)
        else:
            what = Text("学生数应为整数", "must be a whole number of pupils")
            problems.append(line.pupils_place.problem(what))
    for block in layout.blocks:
        _read(line, block, row, place(block.numerator, block.title), problems, notes)
    return line


def _read(
    line: SevenLine, block: Block, row: Row, place: Place, problems: list[Problem], notes: Notes
) -> None:
    """A figure counts where its own value confirms it; a lower bound or a hole is no figure."""
    told = {block.numerator, block.value} & row.unsolved
    figure, value = number(place.text), number(row.cells.get(block.value, ""))
    if told:
        what = Text("公式没有保存结果，请打开后保存", "the formula's result is not stored; open and save")
        problems.append(place.problem(what))
    elif figure is None or value is None:
        line.open[block.item] = Text("表中未判定，未取", "is undetermined in the sheet; not taken")
    elif figure < 0:
        problems.append(place.problem(Text("不能为负数", "must not be negative")))
    elif line.pupils is None:
        line.open[block.item] = Text(
            "没有在校生数，无法核对分子，未取", "cannot be looked at without the pupils; not taken"
        )
    elif not line.pupils or _agrees(figure, block, line.pupils, value):
        line.figures[block.item] = Figure(value=figure, place=place)
    elif block.item == "equipment_cny" and _agrees(figure * _TEN_THOUSAND, block, line.pupils, value):
        notes.add(line.sheet, Text("仪器设备值的分子按万元读取", "the value of equipment is in 10,000 yuan"))
        line.figures[block.item] = Figure(value=figure * _TEN_THOUSAND, place=place)
    else:
        what = Text(
            "与同一指标的实际值、学生数不符，请核对",
            "does not agree with the indicator's value and pupils; look at them",
        )
        problems.append(place.problem(what))


def _agrees(figure: Fraction, block: Block, pupils: int, value: Fraction) -> bool:
    return abs(figure * block.per / pupils - value) <= _ROUNDED
