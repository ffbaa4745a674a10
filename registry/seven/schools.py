"""Whose line of the seven indicators it is: by the sheet of codes beside them, or by the schools sheet."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.cells import number
from registry.headers import LOOKED_AT, plain_title
from registry.records import RawSheet
from registry.vocabulary import ITEMS, Item, Stage

CODES_SHEET = "学校对照"
# Columns of that sheet: what they are called, and what they mean here.
_COLUMNS = {
    "工作表": "sheet",
    "序号": "number",
    "学校": "name",
    "学段": "stage",
    "学校标识码": "school_code",
    "区县": "district",
    "办学类型": "kind",
    "责任单位": "unit",
    "高中在校生数": "senior_pupils",
    **{f"全校{facts.chinese}": f"whole_{item}" for item, facts in ITEMS.items()},
}
_STAGES: Mapping[str, Stage] = {"小学": "primary", "初中": "junior"}
_SUFFIX = re.compile(r"\((小学|初中)(?:部|段)?\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """One line of 学校对照: cells by meaning, with their columns."""

    row: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def whole(self, item: Item) -> str:
        return self.cells.get(f"whole_{item}", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The sheet as it is looked up: by sheet and running number. apart: schools without indicators."""

    title: str
    lines: Mapping[tuple[str, int], CodeLine] = field(default_factory=dict)
    apart: tuple[str, ...] = ()


def read_codes(raw: RawSheet) -> Codes | None:
    """None where the sheet has no head of its kind."""
    for row in raw.rows[:LOOKED_AT]:
        columns = {
            _COLUMNS[plain]: column
            for column, text in row.cells.items()
            if (plain := plain_title(text)) in _COLUMNS
        }
        if {"sheet", "number", "school_code"} <= columns.keys():
            return _codes(raw, row.number, columns)
    return None


def _codes(raw: RawSheet, head: int, columns: Mapping[str, int]) -> Codes:
    lines: dict[tuple[str, int], CodeLine] = {}
    apart = []
    for row in raw.rows:
        if row.number <= head:
            continue
        cells = {name: row.cells[column] for name, column in columns.items() if row.cells.get(column)}
        running = number(cells.get("number", ""))
        if running is not None and "sheet" in cells:
            line = CodeLine(row=row.number, cells=cells, columns=columns)
            lines[cells["sheet"].strip(), int(running)] = line
        elif "school_code" in cells:
            apart.append(cells.get("name", cells["school_code"]))
    return Codes(title=raw.title, lines=lines, apart=tuple(apart))


def name_of(label: str) -> tuple[str, Stage | None]:
    """A school's name as the schools sheet has it, and the stage that may stand behind it."""
    plain = "".join(unicodedata.normalize("NFKC", label).split())
    found = _SUFFIX.search(plain)
    return (plain[: found.start()], _STAGES[found[1]]) if found else (plain, None)


def stage_of(sheet: str, label: str, kind: str | None, told: str | None) -> Stage | None:
    """As 学校对照 says; else behind the name, by the kind of school, or by the sheet's name."""
    if told is not None and told in _STAGES:
        return _STAGES[told]
    if (behind := name_of(label)[1]) is not None:
        return behind
    by_kind: dict[str | None, Stage] = {
        "小学": "primary",
        "教学点": "primary",
        "初中": "junior",
        "完全中学": "junior",
    }
    return by_kind.get(kind) or _STAGES.get(sheet.strip())
