"""Surveys as handsets and spreadsheets write them, a folder a case."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.readings import EARLIEST_MS
from edge_agent.survey.reading import read_survey
from edge_agent.survey.survey import Survey
from tests.edge_agent.ledger_books import build_folder

CASES = Path(__file__).parents[1] / "cases" / "edge_agent" / "survey"
LATEST = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1000


def row(sample: dict[str, Any]) -> list[Any]:
    time = datetime.fromtimestamp(sample["time"] // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = [sample[name] for name in ("room", "point", "band", "rssi_dbm", "snr_db", "ap")]
    return [time, *("" if value is None else value for value in values)]


def what_came(survey: Survey) -> dict[str, Any]:
    return {
        "samples": [row(sample) for sample in survey.samples],
        "told": sorted(problem.kind for problem in survey.problems),
    }


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_survey_is_read_as_it_was_meant(case: str, tmp_path: Path) -> None:
    expected = tomllib.loads((CASES / case / "expected.toml").read_text(encoding="utf-8"))
    (file,) = build_folder(CASES / case, tmp_path / "survey").iterdir()
    zone = ZoneInfo(expected.pop("timezone", "Asia/Shanghai"))
    survey = read_survey(file, zone=zone, earliest_ms=EARLIEST_MS, latest_ms=LATEST)
    assert {"told": []} | expected == what_came(survey)
