"""What only the bureau knows: schools, rooms, statistics and the calendar. Read whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from registry.calendar import Calendar
from registry.calendar_file import read_calendar
from registry.checks import contradictions
from registry.columns import SHEETS
from registry.csv_folder import read_csv_folder
from registry.districts import district_title
from registry.sheets import Problem, Record, RegistryError, read_records
from registry.timetable import Timetable, TimetabledLesson
from registry.timetable_checks import timetable_problems
from registry.vocabulary import (
    KIND_STAGES,
    Coverage,
    Item,
    Kind,
    Per,
    PupilStage,
    ShortfallCode,
    Stage,
    StatisticsStage,
)
from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One line of the schools sheet. None: not stated."""

    school_code: str
    name: str
    district: str
    kind: Kind
    unit: str | None = None
    primary_pupils: int | None = None
    junior_pupils: int | None = None
    senior_pupils: int | None = None
    primary_classes: int | None = None
    junior_classes: int | None = None
    largest_primary_class: int | None = None
    largest_junior_class: int | None = None
    oversized_primary_classes: int | None = None
    oversized_junior_classes: int | None = None
    lon: Fraction | None = None
    lat: Fraction | None = None
    merge_into: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def stages(self) -> tuple[PupilStage, ...]:
        return KIND_STAGES[self.kind]

    def pupils(self, stage: PupilStage) -> int | None:
        if stage == "primary":
            return self.primary_pupils
        return self.junior_pupils if stage == "junior" else self.senior_pupils

    def classes(self, stage: Stage) -> int | None:
        return self.primary_classes if stage == "primary" else self.junior_classes

    def largest_class(self, stage: Stage) -> int | None:
        return self.largest_primary_class if stage == "primary" else self.largest_junior_class

    def oversized_classes(self, stage: Stage) -> int | None:
        return self.oversized_primary_classes if stage == "primary" else self.oversized_junior_classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One line of the rooms sheet; None: not stated.

    multimedia: what the school declares. occupied: used for something else than its kind (被挤占).
    """

    school_code: str
    room: str
    coverage: Coverage
    name: str | None = None
    kind: str | None = None
    area_m2: Fraction | None = None
    multimedia: bool | None = None
    occupied: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of the measures sheet: what is done about a shortfall. `started` None: from its opening."""

    school_code: str
    stage: StatisticsStage
    indicator: ShortfallCode
    measure: str
    responsible: str | None = None
    started: date | None = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    """One line of the catalogue of equipment: so many pieces for each school, class or hundred pupils.

    categories: how its lines' classification codes may begin; words: one of them stands in the line's name.
    At least one of both is given. stage `school`: for every school, over its stages of compulsory education.
    """

    name: str
    stage: StatisticsStage
    per: Per
    quantity: Fraction
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Registry:
    """The whole registry; `statistics` by (school code, stage, item), `district_names` by code."""

    schools: Mapping[str, School]
    rooms: tuple[Room, ...]
    statistics: Mapping[tuple[str, StatisticsStage, Item], Fraction]
    calendar: Calendar
    measures: tuple[Measure, ...] = ()
    catalogue: tuple[CatalogueItem, ...] = ()
    timetable: Timetable = field(default_factory=Timetable)
    district_names: Mapping[str, str] = field(default_factory=dict)

    def district_title(self, code: str) -> Text:
        """What a district is called in titles, never its bare code."""
        return district_title(code, self.district_names)

    @cached_property
    def rooms_of(self) -> Mapping[str, tuple[Room, ...]]:
        """Every school's rooms, in the sheet's order."""
        found: dict[str, list[Room]] = {code: [] for code in self.schools}
        for room in self.rooms:
            found[room.school_code].append(room)
        return {code: tuple(rooms) for code, rooms in found.items()}


def read_registry(path: Path) -> Registry:
    """Read a folder of CSV files, or one XLSX file; calendar.toml stands beside the sheets.

    A folder may hold the XLSX file instead. Raises RegistryError with every problem there is.
    """
    problems: list[Problem] = []
    path = _workbook_in(path) or path
    if path.suffix.lower() == ".xlsx" and path.is_file():
        # A registry of CSV files does without openpyxl.
        from registry.workbook import read_workbook

        folder, sheets = path.parent, read_workbook(path, problems)
    elif path.is_dir():
        folder, sheets = path, read_csv_folder(path, problems)
    else:
        text = Text("应为 CSV 文件夹或 XLSX 文件", "must be a folder of CSV files or one XLSX file")
        raise RegistryError([Problem(str(path), 0, "", text)])
    records: dict[str, list[Record]] = {}
    for table in SHEETS:
        rows = sheets[table.name]
        records[table.name] = [] if rows is None else read_records(table, rows, problems)
    calendar = read_calendar(folder, problems)
    problems.extend(contradictions(records))
    problems.extend(timetable_problems(records, calendar))
    if problems or calendar is None:
        raise RegistryError(sorted(problems, key=_in_order))
    return Registry(
        schools={record.values["school_code"]: _school(record) for record in records["schools"]},
        rooms=tuple(Room(**_without_note(record)) for record in records["rooms"]),
        statistics=_statistics(records["statistics"]),
        calendar=calendar,
        measures=tuple(Measure(**_without_note(record)) for record in records["measures"]),
        catalogue=tuple(_catalogue_item(record) for record in records["catalogue"]),
        timetable=Timetable(
            lessons=tuple(TimetabledLesson(**_without_note(record)) for record in records["timetable"])
        ),
        district_names={record.values["district"]: record.values["name"] for record in records["districts"]},
    )


def _workbook_in(path: Path) -> Path | None:
    if not path.is_dir() or any(path.glob("*.csv")):
        return None
    # A name that begins with ~$ is the lock of a workbook that someone has open.
    workbooks = [file for file in sorted(path.glob("*.xlsx")) if not file.name.startswith("~$")]
    return workbooks[0] if len(workbooks) == 1 else None


def _in_order(problem: Problem) -> tuple[int, int]:
    names = [table.name for table in SHEETS]
    return (names.index(problem.sheet) if problem.sheet in names else len(names), problem.row)


def _without_note(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.values.items() if name != "note"}


def _school(record: Record) -> School:
    values = _without_note(record)
    return School(**{**values, "flags": values["flags"] or ()})


def _catalogue_item(record: Record) -> CatalogueItem:
    values = _without_note(record)
    several = {name: values[name] or () for name in ("categories", "words")}
    return CatalogueItem(**{**values, **several})


def _statistics(records: list[Record]) -> dict[tuple[str, StatisticsStage, Item], Fraction]:
    return {
        (record.values["school_code"], record.values["stage"], record.values["item"]): record.values["value"]
        for record in records
        if record.values["value"] is not None
    }
