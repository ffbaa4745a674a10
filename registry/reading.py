"""What only the bureau knows: schools, rooms, statistics and the calendar. Read whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from registry.calendar import Calendar
from registry.calendar_file import FILE, read_calendar
from registry.calendar_sheet import read_calendar_sheet
from registry.checks import by_code, contradictions, name_districts
from registry.columns import Column, SheetTable
from registry.districts import district_title
from registry.notes import Notes
from registry.problems import Problem, RegistryError
from registry.records import RawSheet, Record, read_records
from registry.seven.records import read_seven
from registry.sheets import CATALOGUE, MEASURES, ROOMS, SCHOOLS, SHEETS, TIMETABLE, WIDE
from registry.sources import Sources, open_sources
from registry.timetable import Timetable, TimetabledLesson
from registry.timetable_checks import timetable_problems
from registry.vocabulary import (
    KIND_STAGES,
    Coverage,
    Kind,
    Ownership,
    Per,
    PupilStage,
    ShortfallCode,
    Stage,
    StatisticsItem,
    StatisticsStage,
)
from registry.wide import has_wide, is_wide, long_records
from runtime.language import Text

# A school's name may stand beside its figures; the schools sheet says what it is called.
_NAME = replace(next(column for column in SCHOOLS if column.name == "name"), required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One line of the schools sheet. None: not stated."""

    school_code: str
    name: str
    district: str
    kind: Kind
    ownership: Ownership | None = None
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
    statistics: Mapping[tuple[str, StatisticsStage, StatisticsItem], Fraction]
    calendar: Calendar
    measures: tuple[Measure, ...] = ()
    catalogue: tuple[CatalogueItem, ...] = ()
    timetable: Timetable = field(default_factory=Timetable)
    district_names: Mapping[str, str] = field(default_factory=dict)
    # What was read leniently or left out; it changes no answer.
    notes: tuple[Text, ...] = field(default=(), compare=False)

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
    """Read a folder of CSV files or a workbook; the calendar is a sheet or calendar.toml beside them.

    A folder may hold the workbook instead. Raises RegistryError with every problem there is.
    """
    problems: list[Problem] = []
    notes = Notes()
    sources = open_sources(path, problems, notes)
    if sources.broken:
        raise RegistryError(problems)
    records = _records(sources, problems, notes)
    calendar = _calendar(sources, problems, notes)
    problems.extend(name_districts(records))
    problems.extend(contradictions(records))
    problems.extend(timetable_problems(records, calendar))
    if not problems and not records["schools"]:
        what = Text("没有填写任何学校，每校填一行", "nothing is filled in: there is no school; a line each")
        problems.append(Problem(sheet=sources.sheets["schools"].title, what=what, order=0))
    if problems or calendar is None:
        raise RegistryError(problems)
    return Registry(
        schools={record.values["school_code"]: _school(record) for record in records["schools"]},
        rooms=tuple(Room(**_own(record, ROOMS)) for record in records["rooms"]),
        statistics=_statistics(records["statistics"]),
        calendar=calendar,
        measures=tuple(Measure(**_own(record, MEASURES)) for record in records["measures"]),
        catalogue=tuple(_catalogue_item(record) for record in records["catalogue"]),
        timetable=Timetable(
            lessons=tuple(TimetabledLesson(**_own(record, TIMETABLE)) for record in records["timetable"])
        ),
        district_names={record.values["district"]: record.values["name"] for record in records["districts"]},
        notes=notes.lines(),
    )


def _records(sources: Sources, problems: list[Problem], notes: Notes) -> dict[str, list[Record]]:
    """Every sheet's records; figures that stand in columns of their own as lines of the statistics."""
    found: dict[str, list[Record]] = {table.name: [] for table in SHEETS}
    for table in SHEETS:
        raw = sources.sheets.get(table.name)
        if raw is None or (not raw.rows and table.optional):
            continue
        if table.name == "statistics":
            found[table.name] += _read_statistics(table, raw, found, problems, notes)
            continue
        columns = (*table.columns, *WIDE) if table.name == "schools" else table.columns
        found[table.name] += read_records(table, columns, raw, problems, notes) or []
    if sources.seven:
        seven = read_seven(sources.seven, sources.codes, found["schools"], problems, notes)
        found["schools"] += seven.schools
        found["statistics"] += seven.statistics
        if "rooms" not in sources.sheets:
            what = Text("没有房间表，无线与监测无从评估", "no rooms: nothing can be observed")
            notes.add(str(Text("房间", "rooms")), what)
    wide = [record for record in found["schools"] if has_wide(record)]
    found["statistics"] += long_records(wide, by_code(found["schools"]), problems)
    return found


def _read_statistics(
    table: SheetTable,
    raw: RawSheet,
    found: Mapping[str, list[Record]],
    problems: list[Problem],
    notes: Notes,
) -> list[Record]:
    if not is_wide(raw):
        return read_records(table, table.columns, raw, problems, notes) or []
    columns = (table.columns[0], _NAME, *WIDE, table.columns[-1])
    records = read_records(table, columns, raw, problems, notes) or []
    return list(long_records(records, by_code(list(found["schools"])), problems))


def _calendar(sources: Sources, problems: list[Problem], notes: Notes) -> Calendar | None:
    raw = sources.calendar
    if raw is None or not raw.rows:
        return read_calendar(sources.folder, problems)
    if (sources.folder / FILE).exists():
        what = Text(f"与 {FILE} 同时存在，请只留一种", f"is there beside {FILE}; keep one of both")
        problems.append(Problem(sheet=raw.title, what=what, order=98))
    return read_calendar_sheet(raw, problems, notes)


def _own(record: Record, columns: Sequence[Column]) -> dict[str, Any]:
    """What stands in a sheet's own columns, without remarks."""
    return {column.name: record.values[column.name] for column in columns if column.name != "note"}


def _school(record: Record) -> School:
    values = _own(record, SCHOOLS)
    return School(**{**values, "flags": values["flags"] or ()})


def _catalogue_item(record: Record) -> CatalogueItem:
    values = _own(record, CATALOGUE)
    several = {name: values[name] or () for name in ("categories", "words")}
    return CatalogueItem(**{**values, **several})


def _statistics(records: list[Record]) -> dict[tuple[str, StatisticsStage, StatisticsItem], Fraction]:
    return {
        (record.values["school_code"], record.values["stage"], record.values["item"]): record.values["value"]
        for record in records
        if record.values["value"] is not None
    }
