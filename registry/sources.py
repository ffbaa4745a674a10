"""Where a registry's sheets come from: a folder of CSV files, or one workbook of whatever kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from registry.columns import SheetTable
from registry.notes import Notes
from registry.problems import Problem
from registry.records import RawSheet
from registry.seven.layout import HEAD_ROWS
from registry.seven.lines import is_seven
from registry.seven.schools import CODES_SHEET
from registry.sheets import SHEETS
from runtime.language import Text
from tables.opening import TYPES, open_sheets
from tables.sheets import Row, Sheet, Unreadable

CALENDAR_SHEET = ("calendar", "校历")
# Sheets of the template that explain it.
_EXPLAINING = frozenset({"说明", "示例", "填表说明", "readme", "example"})
_TEXT_TYPES = (".csv", ".tsv", ".txt")
WORKBOOK_TYPES = tuple(suffix for suffix in TYPES if suffix not in _TEXT_TYPES)
# A timetable of a large district has a third of this.
_MOST_CELLS = 4_000_000
_SHOWN = 5


@dataclass(slots=True, kw_only=True)
class Sources:
    """The sheets that are there, by the name of their table; `folder`: where calendar.toml would stand."""

    folder: Path
    sheets: dict[str, RawSheet] = field(default_factory=dict)
    calendar: RawSheet | None = None
    workbook: Path | None = None
    # Sheets of the seven indicators, and the one that says which schools theirs are.
    seven: list[RawSheet] = field(default_factory=list)
    codes: RawSheet | None = None
    # Something was found, but cannot be read: what is missing because of it is not told again.
    broken: bool = False


def open_sources(path: Path, problems: list[Problem], notes: Notes) -> Sources:
    """Find and read every sheet; what is wrong with the files is added to `problems`."""
    if path.is_dir():
        return _folder(path, problems, notes)
    sources = Sources(folder=path.parent)
    if not path.exists():
        _refuse(sources, problems, path.name, Text("没有此文件或文件夹", "there is no such file or folder"))
    elif path.suffix.lower() in WORKBOOK_TYPES:
        _workbook(sources, path, problems, notes)
    else:
        what = Text("应为 CSV 文件夹，或 Excel、WPS 工作簿", "must be a folder of CSV files, or a workbook")
        _refuse(sources, problems, path.name, what)
    return sources


def _folder(folder: Path, problems: list[Problem], notes: Notes) -> Sources:
    sources = Sources(folder=folder)
    tables = {table.name: _csv_files(folder, table.name, table.chinese) for table in SHEETS}
    # A name that begins with ~$ is the lock of a workbook that someone has open.
    workbooks = [
        file
        for file in sorted(folder.iterdir())
        if file.suffix.lower() in WORKBOOK_TYPES and not file.name.startswith(("~$", "."))
    ]
    names = "、".join(file.name for file in workbooks[:_SHOWN])
    if any(tables.values()) and workbooks:
        what = Text(
            f"既有 CSV 表又有工作簿（{names}），无法知道以哪个为准，请只留一种",
            f"there are CSV files and a workbook ({names}); keep one of both",
        )
        _refuse(sources, problems, folder.name, what)
    elif any(tables.values()):
        for table in SHEETS:
            _csv(sources, table, tables[table.name], problems)
        sources.calendar = _csv_sheet(sources, _csv_files(folder, *CALENDAR_SHEET), problems, 98)
    elif len(workbooks) == 1:
        _workbook(sources, workbooks[0], problems, notes)
    elif workbooks:
        what = Text(
            f"有 {len(workbooks)} 个工作簿（{names}），请用 --registry 指定其中一个",
            f"there are {len(workbooks)} workbooks ({names}); name one with --registry",
        )
        _refuse(sources, problems, folder.name, what)
    else:
        _refuse(sources, problems, folder.name, _nothing_in(folder))
    return sources


BLIND = Text(
    "此格式的工作簿（.xlsb）看不出哪些行被隐藏或划去、数字以什么单位显示，都按原数计入；请另存为 .xlsx",
    "this kind of workbook (.xlsb) does not show which lines are hidden or struck out, "
    "nor units of formats; all is counted as it stands: save it as .xlsx",
)


def _nothing_in(folder: Path) -> Text:
    seen = [file.name for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
    if not seen:
        return Text(
            "文件夹是空的；campus rules template 可生成空白登记表",
            "the folder is empty; campus rules template writes an empty registry",
        )
    names = "、".join(seen[:_SHOWN]) + (" …" if len(seen) > _SHOWN else "")
    return Text(
        f"文件夹中没有登记表（schools.csv、学校.csv 等，或一个工作簿）；看到的是 {names}",
        f"no registry is in the folder (schools.csv and the like, or one workbook); it holds {names}",
    )


def _csv_files(folder: Path, *names: str) -> list[Path]:
    return [folder / f"{name}.csv" for name in names if (folder / f"{name}.csv").is_file()]


def _csv(sources: Sources, table: SheetTable, files: list[Path], problems: list[Problem]) -> None:
    sheet = _csv_sheet(sources, files, problems, table.order)
    if sheet is not None:
        sources.sheets[table.name] = sheet
    elif not files and not table.optional:
        problems.append(_missing(table, f"{table.name}.csv", f"{table.chinese}.csv"))


def _csv_sheet(
    sources: Sources, files: Sequence[Path], problems: list[Problem], order: int
) -> RawSheet | None:
    if len(files) > 1:
        what = Text(
            f"{files[0].name} 与 {files[1].name} 同时存在，请只留一个",
            f"both {files[0].name} and {files[1].name} are there; keep one",
        )
        problems.append(Problem(sheet=files[0].name, what=what, order=order))
        return None
    if not files:
        return None
    try:
        rows = [row for sheet in open_sheets(files[0]) for row in _bounded(sheet.rows)]
    except Unreadable as error:
        problems.append(Problem(sheet=files[0].name, what=error.text, order=order))
        sources.broken = True
        return None
    return RawSheet(title=files[0].name, rows=rows)


def _missing(table: SheetTable, *names: str) -> Problem:
    listed = " 或 ".join(names), " or ".join(names)
    what = Text(f"没有 {listed[0]}", f"{listed[1]} is missing")
    return Problem(sheet=table.title, what=what, order=table.order)


def _workbook(sources: Sources, path: Path, problems: list[Problem], notes: Notes) -> None:
    sources.workbook = path
    found: dict[str, list[RawSheet]] = {}
    others: list[str] = []
    try:
        for sheet in open_sheets(path):
            name = _table_of(sheet)
            if name is None:
                if not _seven(sources, sheet):
                    others.append(sheet.name)
                continue
            if sheet.blind:
                notes.add(sheet.name, BLIND)
            found.setdefault(name, []).append(_raw(sheet))
    except Unreadable as error:
        _refuse(sources, problems, path.name, error.text)
        return
    sources.calendar = _one(found.pop(CALENDAR_SHEET[0], []), problems, 98)
    for table in SHEETS:
        sheet_found = _one(found.get(table.name, []), problems, table.order)
        if sheet_found is not None:
            sources.sheets[table.name] = sheet_found
        elif table.name not in found and not table.optional and not sources.seven:
            problems.append(_no_sheet(table, others))
    unread = [name for name in others if name.strip().lower() not in _EXPLAINING]
    if unread:
        names = "、".join(unread)
        notes.add(path.name, Text(f"未读的工作表：{names}", f"sheets that are not read: {names}"))


def _raw(sheet: Sheet) -> RawSheet:
    return RawSheet(
        title=sheet.name,
        rows=list(_bounded(sheet.rows)),
        hidden=sheet.hidden,
        hidden_columns=sheet.hidden_columns,
    )


def _seven(sources: Sources, sheet: Sheet) -> bool:
    """Whether a sheet is one of the seven indicators, or says whose theirs are; then it is kept."""
    rows = iter(_bounded(sheet.rows))
    # Other sheets may be long, and are not read to their end.
    first = list(islice(rows, HEAD_ROWS))
    codes = sheet.name.strip() == CODES_SHEET
    if not codes and not is_seven(first):
        return False
    raw = RawSheet(title=sheet.name, rows=[*first, *rows])
    if codes:
        sources.codes = raw
    else:
        sources.seven.append(raw)
    return True


def _table_of(sheet: Sheet) -> str | None:
    """The table that a sheet's name means, in either language."""
    name = sheet.name.strip().lower()
    if name in CALENDAR_SHEET:
        return CALENDAR_SHEET[0]
    return next((table.name for table in SHEETS if name in {table.name, table.chinese}), None)


def _one(sheets: list[RawSheet], problems: list[Problem], order: int) -> RawSheet | None:
    if len(sheets) > 1:
        names = "、".join(sheet.title for sheet in sheets)
        what = Text(f"工作表 {names} 同时存在，请只留一个", f"the sheets {names} are both there; keep one")
        problems.append(Problem(sheet=sheets[0].title, what=what, order=order))
        return None
    return sheets[0] if sheets else None


def _no_sheet(table: SheetTable, others: list[str]) -> Problem:
    seen = "、".join(others[:_SHOWN])
    what = Text(
        "没有此工作表" + (f"；另有工作表 {seen}，若其中之一就是，请改名" if seen else ""),
        "there is no such sheet" + (f"; there are {seen}: rename one if it is the one" if seen else ""),
    )
    return Problem(sheet=table.title, what=what, order=table.order)


def _bounded(rows: Iterable[Row]) -> Iterable[Row]:
    cells = 0
    for row in rows:
        cells += len(row.cells)
        if cells > _MOST_CELLS:
            raise Unreadable(
                Text("单元格过多，不是登记表；请拆分后重试", "has too many cells for a registry; split it")
            )
        yield row


def _refuse(sources: Sources, problems: list[Problem], name: str, what: Text) -> None:
    problems.append(Problem(sheet=name, what=what, order=-1))
    sources.broken = True
