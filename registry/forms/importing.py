"""Forms into the registry's schools and statistics: every figure with its cells, every gap by school."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from registry.cells import Misread, tidy
from registry.forms.campuses import whole_schools
from registry.forms.facts import DISTRICT, FIGURES, KIND, KNOWN, NAME, Figure
from registry.forms.finding import Cell, NotFound, find_all
from registry.forms.grid import Grid, form_of, read_grid
from registry.forms.identity import Stated, by_school, one, stated
from registry.forms.measuring import has_usual_unit
from registry.forms.result import Origin, SchoolForms
from registry.forms.seven import SevenSheets
from registry.sheets import SCHOOLS
from registry.sources import BLIND
from registry.vocabulary import ITEMS, KIND_STAGES
from runtime.language import Text
from tables.opening import TYPES, open_sheets
from tables.sheets import Unreadable

_COLUMNS = {column.name: column for column in SCHOOLS}
# No school has equipment for a billion: the figure is in yuan, whatever the form asks for.
_MOST_CNY = 1_000_000_000
_ADDRESS_CODE = re.compile(r"(\d{6})\d{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`unread`: files and sheets that should have counted; `other`: sheets that are no form of ours."""

    schools: tuple[SchoolForms, ...]
    unread: tuple[Text, ...]
    other: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.unread and bool(self.schools) and not any(each.missing for each in self.schools)


def import_forms(paths: Sequence[Path], *, own_schools: Collection[str] = ()) -> Imported:
    """Read the forms in these files and folders. own_schools: codes of campuses that are schools."""
    unread: list[Text] = []
    other: list[str] = []
    grids = []
    forms: dict[str, str] = {}
    seven: list[SchoolForms] = []
    for file in _files(paths, unread):
        sheets = SevenSheets(file)
        for grid in _grids(file, unread, sheets):
            form = form_of(grid)
            if form in KNOWN:
                grids.append(grid)
                forms[grid.where + str(file)] = form
            elif grid.cells:
                other.append(grid.where)
        seven += sheets.schools(unread)
    schools, lost = by_school(grids)
    schools, parts = whole_schools(schools, own_schools)
    read = [
        _school(code, [(forms[grid.where + str(grid.file)], grid) for grid in found])
        for code, found in sorted(schools.items())
    ]
    told = {school.code for school in read}
    for school in seven:
        if school.code in told:
            what = f"{school.label}：已由其他表读取，七项指标表中的未取"
            unread.append(Text(what, f"{school.label}: is told already; its seven indicators are not taken"))
        else:
            read.append(school)
            told.add(school.code)
    return Imported(schools=tuple(read), unread=(*unread, *lost, *parts), other=tuple(other))


def _files(paths: Iterable[Path], unread: list[Text]) -> list[Path]:
    """Every table, once; a folder gives all of its own."""
    found: dict[Path, Path] = {}
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if path.is_dir() and (not file.is_file() or file.name.startswith(("~$", "."))):
                continue
            if file.suffix.lower() in TYPES and file.is_file():
                found.setdefault(file.resolve(), file)
            elif not file.exists():
                unread.append(Text(f"{file}：没有此文件或文件夹", f"{file}: no such file or folder"))
            else:
                unread.append(Text(f"{file}：不是表格文件，未读", f"{file}: is no file of tables; not read"))
    return list(found.values())


def _grids(file: Path, unread: list[Text], seven: SevenSheets) -> list[Grid]:
    grids = []
    try:
        for sheet in open_sheets(file):
            sheet.rows = iter(rows := list(sheet.rows))
            if not sheet.hidden and seven.takes(sheet.name, rows):
                continue
            grid, whole = read_grid(file, sheet)
            if sheet.hidden:
                unread.append(Text(f"{grid.where}：隐藏的表，未读", f"{grid.where}: is hidden; not read"))
            elif not whole:
                unread.append(
                    Text(f"{grid.where}：引号没有成对，未读", f"{grid.where}: an open quotation; not read")
                )
            else:
                if sheet.blind:
                    unread.append(Text(f"{grid.where}：{BLIND.zh}", f"{grid.where}: {BLIND.en}"))
                grids.append(grid)
    except Unreadable as error:
        unread.append(Text(f"{file.name}：{error.text.zh}", f"{file.name}: {error.text.en}"))
    return grids


def _school(code: str, forms: Sequence[tuple[str, Grid]]) -> SchoolForms:
    school = SchoolForms(code=code)
    forms = _of_the_last_year(school, forms)
    grids = [grid for _, grid in forms]
    _identity(school, "name", NAME, grids)
    _identity(school, "kind", KIND, grids)
    _identity(school, "district", DISTRICT, grids)
    kind: Any = school.values.get("kind")
    stages = KIND_STAGES.get(kind)
    for figure in FIGURES:
        at_hand = any(part.form == form for way in figure.ways for part in way for form, _ in forms)
        # Of an unknown kind, what is there counts.
        wanted = figure.needed in stages if stages is not None and figure.needed else at_hand
        if wanted or figure.needed is None:
            _figure(school, figure, forms)
        elif at_hand:
            _deny(school, figure, forms)
    return school


def _of_the_last_year(school: SchoolForms, forms: Sequence[tuple[str, Grid]]) -> Sequence[tuple[str, Grid]]:
    """Figures of two school years make no school: those of an earlier one are told and left out."""
    last = max((grid.school_year or 0 for _, grid in forms), default=0)
    earlier = [grid for _, grid in forms if 0 < (grid.school_year or last) < last]
    school.missing += [
        Text(
            f"{grid.where}：是 {grid.school_year} 学年的报表，其他报表是 {last} 学年，未取",
            f"{grid.where}: is of the school year {grid.school_year}, others are of {last}; not taken",
        )
        for grid in earlier
    ]
    return [(form, grid) for form, grid in forms if grid not in earlier]


def _deny(school: SchoolForms, figure: Figure, forms: Sequence[tuple[str, Grid]]) -> None:
    """A figure of a stage that the school's kind does not teach: not taken, and told unless it is 0."""
    aside = SchoolForms(code=school.code)
    _figure(aside, figure, forms)
    if any(aside.statistics.values()) or any(value != "0" for value in aside.values.values()):
        school.missing.append(
            Text(
                f"{_title(figure)}：办学类型没有该学段，报表却有数，未取",
                f"{figure.name}: the school's kind has no such stage, but a form has a figure; not taken",
            )
        )


def _identity(school: SchoolForms, name: str, labels: tuple[str, ...], grids: Sequence[Grid]) -> None:
    found = [each for grid in grids for each in stated(grid, labels)]
    said = one(found, labels)
    title = _COLUMNS[name].chinese[0]
    if said is None:
        cells = ", ".join(f"{each.grid.where}!{each.address}" for each in found)
        school.missing.append(
            Text(f"{title}：各处不一致（{cells}）", f"{name}: contradicts itself ({cells})")
            if found
            else Text(f"{title}：未找到", f"{name}: is not found")
        )
        return
    try:
        school.values[name] = _read_identity(name, said.text)
    except Misread as error:
        where = f"{said.grid.where}!{said.address}"
        school.missing.append(Text(f"{title}：{where} {error.what.zh}", f"{name}: {where} {error.what.en}"))
        return
    school.origins.append(_origin(name, said, said.text))


def _read_identity(name: str, text: str) -> str:
    if name == "district" and (address := _ADDRESS_CODE.fullmatch(tidy(text))):
        text = address[1]
    if name == "kind":
        # 211 小学, 小学(211)
        text = re.sub(r"[()\d\s-]", "", tidy(text)) or text
    return str(_COLUMNS[name].read(text))


def _figure(school: SchoolForms, figure: Figure, forms: Sequence[tuple[str, Grid]]) -> None:
    """The figure by every way whose forms are there; all must agree."""
    answers: list[tuple[Fraction, list[Cell]]] = []
    reasons: list[Text] = []
    for way in figure.ways:
        by_form = {part.form: [grid for form, grid in forms if form == part.form] for part in way}
        if not all(by_form.values()):
            continue
        for turn in range(max(map(len, by_form.values()))):
            chosen = [by_form[part.form][min(turn, len(by_form[part.form]) - 1)] for part in way]
            try:
                cells = find_all(way, chosen)
                value = sum(
                    (part.sign * cell.value for part, cell in zip(way, cells, strict=True)), Fraction(0)
                )
                answers.append((_checked(figure, value, cells), cells))
            except NotFound as error:
                reasons.append(error.what)
    _keep(school, figure, answers, reasons)


def _checked(figure: Figure, value: Fraction, cells: Sequence[Cell]) -> Fraction:
    """The value in the registry's unit. Raises NotFound where it cannot be."""
    where = f"{cells[0].grid.where}!{cells[0].address}"
    for cell in cells:
        if not has_usual_unit(figure, cell):
            place = f"{cell.grid.where}!{cell.address}"
            raise NotFound(
                Text(
                    f"{place}：似乎不是报表的单位（万元、平方米、人、间），未取",
                    f"{place}: seems to be in another unit than the form's (10,000 yuan, m²); not taken",
                )
            )
    if figure.ten_thousands:
        value *= 10_000
        if value > _MOST_CNY:
            raise NotFound(
                Text(f"{where}：数值过大，似乎不是万元", f"{where}: is too much for 10,000 yuan a unit")
            )
    if value < 0:
        raise NotFound(Text(f"{where}：算得负数", f"{where}: gives less than nothing"))
    whole = ITEMS[figure.item].whole if figure.item in ITEMS else True
    if whole and value.denominator != 1:
        raise NotFound(Text(f"{where}：不是整数", f"{where}: is no whole number"))
    return value


def _keep(
    school: SchoolForms,
    figure: Figure,
    answers: Sequence[tuple[Fraction, list[Cell]]],
    reasons: Sequence[Text],
) -> None:
    title = _title(figure)
    if len({value for value, _ in answers}) > 1:
        places = ", ".join(f"{cells[0].grid.where}!{cells[0].address}" for _, cells in answers)
        reasons = [
            Text(
                f"几份报表不一致（{places}），未取", f"forms contradict each other ({places}); none is taken"
            )
        ]
    elif answers and not reasons:
        value, cells = answers[0]
        if figure.stage:
            school.statistics[figure.stage, figure.item] = value
        else:
            school.values[figure.item] = str(value)
        school.origins += [_origin(figure.name, cell, cell.grid.cells[cell.place]) for cell in cells]
        return
    wanted = "、".join(dict.fromkeys(part.form for way in figure.ways for part in way))
    for reason in reasons or [Text(f"没有报表 {wanted}", f"no form {wanted.replace('、', ', ')}")]:
        school.missing.append(Text(f"{title}：{reason.zh}", f"{figure.name}: {reason.en}"))


def _title(figure: Figure) -> str:
    if figure.item in ITEMS:
        stage = {"primary": "小学", "junior": "初中"}.get(figure.stage, "")
        return stage + ITEMS[figure.item].chinese
    return _COLUMNS[figure.item].chinese[0]


def _origin(figure: str, found: Cell | Stated, text: str) -> Origin:
    return Origin(
        figure=figure, file=found.grid.file.name, sheet=found.grid.sheet, cell=found.address, text=text
    )
