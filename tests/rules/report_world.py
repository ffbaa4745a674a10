"""A small district's report for tests: in memory, or from a folder as a user makes it."""

import io
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from registry import Registry, Room, School
from registry.vocabulary import Item, StatisticsStage
from rules.judging.evaluate import Evaluation, evaluate
from rules.report.blocks import Heading, Paragraph, Table
from rules.report.last_quarter import LastQuarter
from rules.report.making import Made, Order, make
from rules.report.narrative import narrative
from rules.report.quarter import Quarter
from rules.report.report import Report
from rules.report.shortfall_list import shortfall_list
from rules.stored.frozen import Earlier, Place
from store import Store
from tests.rules.build import BINHAI, CALENDAR, registry, school

SMALL = Path(__file__).parents[1] / "cases" / "rules" / "small"
Q3, Q4 = Quarter(2021, 3), Quarter(2021, 4)
AFTER = datetime(2022, 2, 1, tzinfo=CALENDAR.zone)  # both quarters are over

Statistics = dict[tuple[str, StatisticsStage, Item], Fraction | int]


def in_memory(
    schools: list[School],
    statistics: Statistics,
    *,
    rooms: Iterable[Room] = (),
    earlier: dict[Place, Earlier] | None = None,
    district_names: dict[str, str] | None = None,
) -> Report:
    """A draft on declared figures."""
    known = replace(
        registry(schools, rooms=rooms, statistics=statistics), district_names=district_names or {}
    )
    return report_of(known, evaluate(known, BINHAI, None, Q4.last), earlier)


def report_of(known: Registry, evaluation: Evaluation, earlier: dict[Place, Earlier] | None = None) -> Report:
    """A draft on an evaluation."""
    return Report(
        quarter=Q4,
        version=None,
        evaluation=evaluation,
        registry=known,
        shortfalls=shortfall_list(evaluation, earlier),
        usage=None,
        last=None if earlier is None else LastQuarter(quarter=Q3, answers=earlier),
        fingerprint="0" * 64,
    )


def near_miss() -> Report:
    """Two rooms for 87 pupils print as 2.30, which they are not; nothing else is stated."""
    one = school("2112000001", primary_pupils=87)
    return in_memory([one], {("2112000001", "school", "multimedia_rooms"): 2})


def made(
    registry_folder: Path,
    out: Path,
    quarter: Quarter = Q4,
    *,
    store: Store | None = None,
    now: datetime = AFTER,
    **asked: Any,
) -> Made:
    """The report as the command makes it."""
    order = Order(quarter=quarter, registry=registry_folder, standard="binhai-2021", out=out, **asked)
    return make(order, store, now_ms=round(now.timestamp() * 1000), program="test")


def small_registry(folder: Path) -> Path:
    """A copy of the small district that a test may change."""
    return Path(shutil.copytree(SMALL, folder))


def change(registry_folder: Path, old: str, new: str) -> None:
    """Change one line of the statistics."""
    path = registry_folder / "statistics.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def texts(report: Report) -> str:
    """The whole text, without its tables."""
    return "\n".join(block.text for block in narrative(report) if isinstance(block, Paragraph | Heading))


def chapter(report: Report, title: str) -> tuple[str, list[Table]]:
    """A chapter's text, and its tables."""
    blocks = narrative(report)
    begin = next(place for place, one in enumerate(blocks) if isinstance(one, Heading) and title in one.text)
    text, tables = "", []
    for one in blocks[begin + 1 :]:
        if isinstance(one, Heading):
            break
        text += one.text if isinstance(one, Paragraph) else ""
        tables += [one] if isinstance(one, Table) else []
    return text, tables


def workbook(data: bytes) -> Workbook:
    """As a spreadsheet program would find it: with formulas, were there any."""
    return load_workbook(io.BytesIO(data))


def files(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()
    }
