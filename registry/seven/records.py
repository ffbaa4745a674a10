"""Sheets of seven indicators as records of schools and statistics, each figure at the cell it came from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from registry import cells
from registry.cells import Misread
from registry.columns import SheetTable
from registry.forms.campuses import names_a_campus
from registry.forms.grid import bare_text
from registry.notes import Notes
from registry.problems import Problem
from registry.records import RawSheet, Record
from registry.seven.lines import Figure, Place, SevenLine, seven_lines
from registry.seven.schools import CODES_SHEET, CodeLine, Codes, name_of, read_codes, stage_of
from registry.sheets import SCHOOLS, SHEETS
from registry.vocabulary import ITEMS, KIND_STAGES, Item, Kind, Stage
from runtime.language import Text

_TABLES: Mapping[str, SheetTable] = {table.name: table for table in SHEETS}
_COLUMNS = {column.name: column for column in SCHOOLS}
# Numerators are written with four decimals: their sum is told to three, and a sum of rooms is a whole number.
_PLACES = 1000
_NEAR = Fraction(1, 1000)


@dataclass(slots=True, kw_only=True)
class Seven:
    """missing: by school code, what its lines do not say for certain."""

    schools: list[Record] = field(default_factory=list)
    statistics: list[Record] = field(default_factory=list)
    missing: dict[str, list[Text]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _School:
    """One school's lines by stage."""

    code: str
    kind: Kind
    first: SevenLine
    told: CodeLine | None
    codes: Codes | None
    lines: dict[Stage, SevenLine] = field(default_factory=dict)


def read_seven(
    raws: Sequence[RawSheet],
    codes_sheet: RawSheet | None,
    known: Sequence[Record],
    problems: list[Problem],
    notes: Notes,
) -> Seven:
    """known: the records of a schools sheet beside them, which then says what the schools are."""
    found = Seven()
    codes = None if codes_sheet is None else read_codes(codes_sheet)
    if codes is not None and codes.apart:
        what = Text("不参与七项指标的学校未读", "schools outside the seven indicators are not read")
        notes.add(codes.title, what, len(codes.apart))
    by_code = {record.values["school_code"]: record for record in known}
    names = Counter(name_of(record.values["name"] or "")[0] for record in known)
    # A name that two schools have says of neither that it is meant.
    by_name = {
        name: record for record in known if names[name := name_of(record.values["name"] or "")[0]] == 1
    }
    schools: dict[str, _School] = {}
    for raw in raws:
        for line in seven_lines(raw, problems, notes):
            _assign(line, codes, by_code, by_name, schools, problems)
    for school in schools.values():
        record = by_code.get(school.code)
        if record is None:
            found.schools.append(_school_record(school, problems))
        else:
            _compare_pupils(record, school, problems)
        found.statistics += _statistics(school, found, problems)
    for missing in found.missing.values():
        for what in missing:
            notes.add(str(Text("七项指标", "seven indicators")), what)
    return found


def _assign(
    line: SevenLine,
    codes: Codes | None,
    by_code: Mapping[str, Record],
    by_name: Mapping[str, Record],
    schools: dict[str, _School],
    problems: list[Problem],
) -> None:
    """Put a line to its school and stage; what cannot be told is a problem at the line."""
    told = codes.lines.get((line.sheet.strip(), line.number)) if codes and line.number is not None else None
    name = name_of(line.label)[0]
    if told is not None and name_of(told.cells.get("name", ""))[0] != name:
        what = Text(
            "与“学校对照”同一序号的学校不是同一所", f"is not the school of that number in {CODES_SHEET}"
        )
        problems.append(line.label_place.problem(what))
        return
    known = by_name.get(name)
    text = (told.cells.get("school_code") if told else line.code) or (
        known.values["school_code"] if known else ""
    )
    try:
        code = cells.school_code(text or "")
        kind = _kind(by_code.get(code), told, line.sheet)
    except Misread:
        what = Text(
            "不知道是哪所学校：请附“学校对照”或“学校”表，或加一列学校标识码",
            f"cannot be told: add the sheet {CODES_SHEET} or of schools, or a column of codes",
        )
        problems.append(line.label_place.problem(what))
        return
    if _is_a_campus_of(by_code.get(code), name):
        what = Text(
            "是一个校区，标识码却是全校的：请写全校的数字，或写校区自己的标识码",
            "is a campus under its school's code: give the school's figures, or the campus's own code",
        )
        problems.append(line.label_place.problem(what))
        return
    stage = stage_of(line.sheet, line.label, kind, told.cells.get("stage") if told else None)
    school = schools.setdefault(code, _School(code=code, kind=kind, first=line, told=told, codes=codes))
    if stage is None or stage in school.lines:
        what = Text("不知道是哪个学段，或已有一行", "its stage cannot be told, or is there twice")
        problems.append(line.label_place.problem(what))
        return
    school.lines[stage] = line


def _is_a_campus_of(record: Record | None, name: str) -> bool:
    """Whether a line's name is a campus, and its code that of a school that is none."""
    whole = record is not None and not names_a_campus(bare_text(record.values["name"] or ""))
    return whole and names_a_campus(bare_text(name))


def _kind(record: Record | None, told: CodeLine | None, sheet: str) -> Kind:
    """Raises Misread."""
    if record is not None and record.values["kind"] is not None:
        return record.values["kind"]  # type: ignore[no-any-return]  # read by the column's own reader
    text = told.cells.get("kind", sheet) if told else sheet
    return _COLUMNS["kind"].read(text.strip())  # type: ignore[no-any-return]  # one of Kind


def _school_record(school: _School, problems: list[Problem]) -> Record:
    line, told = school.first, school.told
    record = Record(table=_TABLES["schools"], sheet=line.sheet, row=line.row)
    record.values = dict.fromkeys(column.name for column in SCHOOLS)
    record.values |= {"school_code": school.code, "name": name_of(line.label)[0], "kind": school.kind}
    record.places = {"name": line.label_place.column}
    try:
        record.values["district"] = cells.district(told.cells.get("district", "") if told else "")
        senior = told.cells.get("senior_pupils") if told else None
        record.values["senior_pupils"] = None if senior is None else cells.count(senior)
    except Misread as error:
        problems.append(line.label_place.problem(error.what))
        record.sound = False
    if not record.values["district"]:
        what = Text(
            "没有区县，请附“学校对照”或“学校”表",
            f"no district: add the sheet {CODES_SHEET} or of schools",
        )
        problems.append(line.label_place.problem(what))
        record.values["district"], record.sound = None, False
    record.values["unit"] = told.cells.get("unit", "").strip("—- ") or None if told else None
    for stage in KIND_STAGES[school.kind]:
        if stage != "senior":
            record.values[f"{stage}_pupils"] = _pupils(school, stage)
            stated = school.lines[stage].pupils_place if stage in school.lines else None
            if stated is not None and stated.row == line.row:
                record.places = {**record.places, f"{stage}_pupils": stated.column}
    return record


def _pupils(school: _School, stage: Stage) -> int | None:
    """A stage without a line has none where 学校对照 says that the school has a stage apart."""
    if stage in school.lines:
        return school.lines[stage].pupils
    name = name_of(school.first.label)[0]
    apart = school.codes is not None and name in {name_of(each)[0] for each in school.codes.apart}
    return 0 if apart else None


def _compare_pupils(record: Record, school: _School, problems: list[Problem]) -> None:
    for stage, line in school.lines.items():
        stated = record.values[f"{stage}_pupils"]
        if stated is None:
            record.values[f"{stage}_pupils"] = line.pupils
        elif line.pupils is not None and line.pupils != stated and line.pupils_place is not None:
            what = Text("与“学校”表的在校生数不同", "differs from the pupils in the schools sheet")
            problems.append(line.pupils_place.problem(what))


def _statistics(school: _School, found: Seven, problems: list[Problem]) -> Iterator[Record]:
    missing = found.missing.setdefault(school.code, [])
    for item, facts in ITEMS.items():
        lines = [line for line in school.lines.values() if item in line.figures or item in line.open]
        if not lines:
            continue
        if facts.by_stage:
            for stage, line in school.lines.items():
                if item in line.figures:
                    yield _record(school, stage, item, line.figures[item])
                elif item in line.open:
                    missing.append(_said(item, line.open[item]))
            continue
        try:
            yield _record(school, "school", item, _of_school(school, item))
        except _Open as error:
            missing.append(_said(item, error.what))
        except _Wrong as error:
            problems.append(error.problem)


class _Open(Exception):
    """A figure cannot be told for certain."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


class _Wrong(Exception):
    """A figure contradicts itself."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def _of_school(school: _School, item: Item) -> Figure:
    """What the stages share: as 学校对照 has it, else the sum of the stages' parts. Raises _Open, _Wrong."""
    told = school.told
    if told is not None and school.codes is not None and (text := told.whole(item)):
        place = Place(
            sheet=school.codes.title, row=told.row, column=told.columns[f"whole_{item}"], title="", text=text
        )
        try:
            return Figure(value=cells.amount(text), place=place)
        except Misread as error:
            raise _Wrong(place.problem(error.what)) from error
    stages = KIND_STAGES[school.kind]
    if "senior" in stages:
        raise _Open(
            Text(
                "含高中的学校须有全校数，未取",
                "a school with a senior stage needs the whole figure; not taken",
            )
        )
    figures = []
    for stage in stages:
        if stage == "senior" or (stage not in school.lines and _pupils(school, stage) == 0):
            continue
        line = school.lines.get(stage)
        if line is None or item not in line.figures:
            raise _Open(Text("有学段未判定，未取", "is undetermined for a stage; not taken"))
        figures.append(line.figures[item])
    total = sum((figure.value for figure in figures), Fraction(0))
    if len(figures) > 1:
        total = _restored(total, item, figures[0].place)
    return Figure(value=total, place=figures[0].place)


def _restored(total: Fraction, item: Item, place: Place) -> Fraction:
    """The stages' parts are fractions cut to four decimals; what they are parts of is not."""
    if not ITEMS[item].whole:
        return Fraction(round(total * _PLACES), _PLACES)
    if abs(total - round(total)) > _NEAR:
        what = Text("各学段之和不是整数，请核对", "the stages do not add up to a whole number")
        raise _Wrong(place.problem(what))
    return Fraction(round(total))


def _record(school: _School, stage: str, item: Item, figure: Figure) -> Record:
    place = figure.place
    return Record(
        table=_TABLES["statistics"],
        sheet=place.sheet,
        row=place.row,
        values={"school_code": school.code, "stage": stage, "item": item, "value": figure.value},
        places=dict.fromkeys(("school_code", "stage", "item", "value"), place.column),
        titles=dict.fromkeys(("stage", "item", "value"), place.title),
    )


def _said(item: Item, what: Text) -> Text:
    return Text(f"{ITEMS[item].chinese}：{what.zh}", f"{item}: {what.en}")
