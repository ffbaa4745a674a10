"""A file's sheets of seven indicators among the forms: its schools, each figure with its cell."""

from collections.abc import Sequence
from pathlib import Path

from registry.forms.result import Origin, SchoolForms
from registry.notes import Notes
from registry.problems import Problem, lines
from registry.records import RawSheet, Record
from registry.seven.lines import is_seven
from registry.seven.records import read_seven
from registry.seven.schools import CODES_SHEET
from registry.sheets import SCHOOLS
from runtime.language import Text
from tables.sheets import Row, column_letters

_FIGURES = ("primary_pupils", "junior_pupils", "senior_pupils")


class SevenSheets:
    """Those of one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._sheets: list[RawSheet] = []
        self._codes: RawSheet | None = None

    def takes(self, name: str, rows: Sequence[Row]) -> bool:
        """Whether the sheet is one of the seven indicators, or says whose theirs are."""
        raw = RawSheet(title=name or self._file.stem, rows=rows)
        if name.strip() == CODES_SHEET:
            self._codes = raw
        elif is_seven(rows):
            self._sheets.append(raw)
        else:
            return False
        return True

    def schools(self, unread: list[Text]) -> list[SchoolForms]:
        """Every school that the sheets tell of; what is wrong with a line is told with its cell."""
        problems: list[Problem] = []
        seven = read_seven(self._sheets, self._codes, (), problems, Notes())
        unread += [Text(said, said) for said in lines(problems)]
        found = {record.values["school_code"]: self._school(record) for record in seven.schools}
        for record in seven.statistics:
            values, school = record.values, found[record.values["school_code"]]
            school.statistics[values["stage"], values["item"]] = values["value"]
            school.origins.append(self._origin(f"{values['stage']}/{values['item']}", record, "value"))
        for code, missing in seven.missing.items():
            found[code].missing += missing
        return list(found.values())

    def _school(self, record: Record) -> SchoolForms:
        school = SchoolForms(code=record.values["school_code"])
        for column in SCHOOLS[1:]:
            value = record.values[column.name]
            if value is not None:
                school.values[column.name] = str(value)
                if column.name in _FIGURES and column.name in record.places:
                    school.origins.append(self._origin(column.name, record, column.name))
        return school

    def _origin(self, figure: str, record: Record, name: str) -> Origin:
        cell = f"{column_letters(record.places[name])}{record.row}"
        text = str(record.values[name])
        return Origin(figure=figure, file=self._file.name, sheet=record.sheet, cell=cell, text=text)
