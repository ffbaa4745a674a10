"""Walking surveys: each file once, whatever happens; bad lines are told, good ones kept."""

import asyncio
import os
import time
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from contract import SignalSample
from edge_agent.collectors import survey
from edge_agent.collectors.base import Round
from edge_agent.collectors.survey import Survey, parse
from edge_agent.settings import SurveySettings
from edge_agent.spool import Spool

NOW = 1_790_000_000_000  # 2026-09-21T14:13:20Z
HEADER = "time,room,point,band,rssi_dbm,snr_db,ap\n"
ROW = "2026-09-21T08:00:00Z,101,p1,5,-61,34,SER0\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "SETTLE_S", 0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "survey"
    path.mkdir()
    return path


def collect(folder: Path, spool: Spool) -> Round:
    settings = SurveySettings(id="survey", folder=folder)
    result = asyncio.run(Survey(settings, recall=spool.recall).collect(count(NOW).__next__))
    spool.append([*result.readings, *result.runs], now_ms=NOW, notes=result.notes)
    return result


def told(result: Round) -> list[tuple[str, str, int, str | None]]:
    return [(run.target, run.status, run.rows, run.reason) for run in result.runs]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool.sqlite")


def test_a_file_is_read_once(folder: Path, spool: Spool) -> None:
    (folder / "walk.csv").write_text(HEADER + ROW)
    with closing(spool):
        results = [collect(folder, spool) for _ in range(2)]
    expected = SignalSample(
        time=1_789_977_600_000, room="101", point="p1", band="5", rssi_dbm=-61, snr_db=34, ap="SER0"
    )
    assert [(result.readings, told(result)) for result in results] == [
        ((expected,), [("survey", "ok", 1, None)]),
        ((), [("survey", "ok", 0, None)]),
    ]


def test_a_crash_before_the_commit_neither_loses_nor_doubles_a_file(folder: Path, spool: Spool) -> None:
    (folder / "walk.csv").write_text(HEADER + ROW)
    with closing(spool):
        settings = SurveySettings(id="survey", folder=folder)
        asyncio.run(Survey(settings, recall=spool.recall).collect(count(NOW).__next__))  # and never committed
        again = collect(folder, spool)
        after = collect(folder, spool)
    assert (len(again.readings), len(after.readings)) == (1, 0)


def test_a_file_that_grew_gives_only_what_is_new(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    with closing(spool):
        path.write_text(HEADER + ROW)
        collect(folder, spool)
        path.write_text(HEADER + ROW + ROW.replace("p1", "p2"))
        collect(folder, spool)
        runs = 2
        assert spool.account().produced - runs == 2


def test_no_signal_is_missing_and_not_zero(folder: Path) -> None:
    (sample,) = parse(HEADER + "2026-09-21T08:00:00Z,101,p1,2.4,,,\n", latest_ms=NOW).samples
    assert (sample.rssi_dbm, sample.snr_db, sample.ap) == (None, None, None)


def test_bad_lines_are_told_with_their_number_and_the_others_kept(folder: Path, spool: Spool) -> None:
    (folder / "walk.csv").write_text(
        HEADER + ROW + "2026-09-21,101\n" + ROW.replace("p1", "p2").replace("-61", "loud")
    )
    with closing(spool):
        result = collect(folder, spool)
    expected = (
        "walk.csv: line 3: 2 cells, the header has 7; walk.csv: line 4: rssi_dbm: 'loud' is no whole number"
    )
    assert told(result) == [("survey", "partial", 1, expected)]


def test_a_target_is_the_folder_however_many_files_there_are(folder: Path, spool: Spool) -> None:
    for number in range(5):
        (folder / f"walk-{number}.csv").write_text(HEADER + ROW.replace("p1", f"p{number}"))
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    with closing(spool):
        result = collect(folder, spool)
    reason = "notes.csv: line 1: columns are missing: time, room, point, band, rssi_dbm, snr_db, ap"
    assert [("survey", "partial", 5, reason)] == told(result)


DAY = "2026-09-21T08:00:00"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"{DAY},101,p1,5,-61,34,", f"time: '{DAY}' does not say its time zone (Z for UTC)"),
        ("yesterday,101,p1,5,-61,34,", "time: 'yesterday' is no time like 2026-09-01T08:00:00Z"),
        ("2027-01-01T00:00:00Z,101,p1,5,-61,34,", "time: 2027-01-01T00:00:00Z lies in the future"),
        (f"{DAY}Z,,p1,5,-61,34,", "room: String should have at least 1 character (got '')"),
        (f"{DAY}Z,101,p1,7,-61,34,", "band: Input should be '2.4', '5' or '6' (got '7')"),
        (f"{DAY}Z,101,p1,5,61,34,", "rssi_dbm: Input should be less than or equal to 0 (got 61)"),
    ],
)
def test_a_line_that_is_no_sample_says_why(row: str, expected: str) -> None:
    assert parse(f"{HEADER}{row}\n", latest_ms=NOW).problems == (f"line 2: {expected}",)


def test_a_time_with_an_offset_is_brought_to_utc() -> None:
    (sample,) = parse(HEADER + ROW.replace("08:00:00Z", "16:00:00.250+08:00"), latest_ms=NOW).samples
    assert sample.time == 1_789_977_600_250


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_room_in_chinese_is_read_in_the_handsets_encoding(folder: Path, encoding: str) -> None:
    path = folder / "walk.csv"
    path.write_text(HEADER + ROW.replace("101", "一号楼"), encoding=encoding)
    (sample,) = survey.parse_file(path, latest_ms=NOW).samples
    assert sample.room == "一号楼"


def test_a_file_of_another_kind_is_told_once(folder: Path, spool: Spool) -> None:
    (folder / "walk.csv").write_text("a,b\n1,2\n")
    with closing(spool):
        first, second = collect(folder, spool), collect(folder, spool)
    reason = "line 1: columns are missing: time, room, point, band, rssi_dbm, snr_db, ap"
    assert (told(first), told(second)) == (
        [("survey", "decode", 0, f"walk.csv: {reason}")],
        [("survey", "ok", 0, None)],
    )


def test_half_a_line_waits_until_it_is_whole(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    with closing(spool):
        path.write_text(HEADER + ROW + ROW[:20])
        waiting = collect(folder, spool)
        path.write_text(HEADER + ROW + ROW.replace("p1", "p2"))
        finished = collect(folder, spool)
    assert (told(waiting), len(finished.readings)) == (
        [("survey", "ok", 0, "files still being written: 1")],
        2,
    )


def test_a_file_that_grows_while_it_is_looked_at_waits(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    path.write_text(HEADER + ROW)

    async def both() -> Round:
        settings = SurveySettings(id="survey", folder=folder)
        reading = asyncio.create_task(Survey(settings, recall=spool.recall).collect(count(NOW).__next__))
        await asyncio.sleep(0)  # it has seen the file, and lets it settle
        path.write_text(HEADER + ROW + ROW.replace("p1", "p2"))
        return await reading

    with closing(spool):
        assert told(asyncio.run(both())) == [("survey", "ok", 0, "files still being written: 1")]


def test_an_old_file_without_a_last_line_end_is_read(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    path.write_text(HEADER + ROW.strip())
    os.utime(path, (time.time() - 3600,) * 2)
    with closing(spool):
        assert len(collect(folder, spool).readings) == 1


def test_a_folder_that_vanished_is_told(folder: Path, spool: Spool) -> None:
    surveyor = Survey(SurveySettings(id="survey", folder=folder), recall=spool.recall)
    folder.rmdir()
    with closing(spool):
        result = asyncio.run(surveyor.collect(count(NOW).__next__))
    assert told(result) == [("survey", "refused", 0, "cannot read the folder: No such file or directory")]
