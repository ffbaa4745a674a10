"""Statistics with a column a figure: each filled cell becomes what a line of the long form would be."""

from collections.abc import Iterable, Iterator, Mapping

from registry.headers import LOOKED_AT, plain_title
from registry.problems import Problem
from registry.records import RawSheet, Record
from registry.sheets import WIDE
from registry.vocabulary import FIGURES, KIND_STAGES, STAGES, StatisticsItem
from runtime.language import Text

_NAMES = frozenset(column.name for column in WIDE)


def is_wide(raw: RawSheet) -> bool:
    """Whether a sheet of statistics has a column a figure rather than a line a figure."""
    titles = {plain_title(title) for row in raw.rows[:LOOKED_AT] for title in row.cells.values()}
    return titles.isdisjoint({"项目", "item"})


def has_wide(record: Record) -> bool:
    """Whether the record's sheet has a column of statistics."""
    return not _NAMES.isdisjoint(record.places)


def long_records(
    records: Iterable[Record], schools: Mapping[str, Record], problems: list[Problem]
) -> Iterator[Record]:
    """A record for every figure, at the cell it stands in."""
    for record in records:
        for column in WIDE:
            if column.name not in record.places:
                continue
            named, item = _split(column.name)
            value = record.values.get(column.name)
            if value is None:
                continue
            school = schools.get(record.values["school_code"])
            stage = named or _stage_of(item, school)
            if stage is None:
                title = FIGURES[item].chinese
                what = Text(
                    f"须按学段填报：请用“小学{title}”和“初中{title}”两列",
                    f"is counted by stage: use the columns primary_{item} and junior_{item}",
                )
                problems.append(record.problem(column.name, what))
                continue
            yield Record(
                table=record.table,
                sheet=record.sheet,
                row=record.row,
                values={
                    "school_code": record.values["school_code"],
                    "stage": stage,
                    "item": item,
                    "value": value,
                },
                places=dict.fromkeys(("value", "item", "stage"), record.places[column.name])
                | {"school_code": record.places["school_code"]},
                titles=dict.fromkeys(("value", "item", "stage"), record.titles[column.name]),
            )


def _split(name: str) -> tuple[str, StatisticsItem]:
    """The stage that a column's name begins with, or none, and its figure."""
    item = next(item for item in FIGURES if name.endswith(item))
    return name.removesuffix(item).rstrip("_"), item


def _stage_of(item: StatisticsItem, school: Record | None) -> str | None:
    """Of a column without a stage: the school's only one for what is counted by stage, else the school."""
    if not FIGURES[item].by_stage:
        return "school"
    if school is None or not school.sound:
        return "school"
    taught = [stage for stage in STAGES if stage in KIND_STAGES[school.values["kind"]]]
    return taught[0] if len(taught) == 1 else None
