"""Of a workbook of which hidden and struck lines cannot be seen (.xlsb) that is said, whoever reads it.

No program here writes one: workbooks of today stand for it, opened as its reader would.
"""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from contract.readings import EARLIEST_MS
from edge_agent.survey import reading
from registry.forms import importing
from tables.opening import open_sheets
from tables.sheets import Sheet
from tests.registry.test_forms import EXPECTED, forms, write_book


def opened(path: Path) -> Iterator[Sheet]:
    for sheet in open_sheets(path):
        sheet.blind = True
        yield sheet


def test_a_survey_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "open_sheets", opened)
    rows = [["时间", "教室", "测点", "频段", "信号强度"], ["2026-09-21 08:00", "R1", "p1", 5, -61]]
    path = write_book(tmp_path / "w.xlsx", {"走测": rows})
    survey = reading.read_survey(path, zone=UTC, earliest_ms=EARLIEST_MS, latest_ms=2**43)
    assert (1, ["blind"]) == (len(survey.samples), [problem.kind for problem in survey.problems])


def test_forms_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "open_sheets", opened)
    imported = importing.import_forms([write_book(tmp_path / "校.xlsx", forms())])
    (school,) = imported.schools
    assert (EXPECTED, False, True) == (
        school.statistics,
        imported.whole,
        all("看不出哪些行" in told.zh for told in imported.unread),
    )
