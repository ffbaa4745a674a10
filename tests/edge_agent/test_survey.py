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
from edge_agent.collectors.survey import Survey
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
        ((expected,), [("folder", "ok", 1, None)]),
        ((), [("folder", "ok", 0, None)]),
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


def test_no_reason_and_no_target_holds_a_cell_or_a_files_name(folder: Path, spool: Spool) -> None:
    person = "欧阳某某13800138000"
    (folder / f"{person}.csv").write_text(
        HEADER + ROW + ROW.replace("101", person) + ROW.replace("-61", person).replace("p1", "p2"),
        encoding="utf-8",
    )
    with closing(spool):
        result = collect(folder, spool)
    everything = "".join(one.model_dump_json() for one in (*result.readings, *result.runs))
    assert ("欧阳" in everything, told(result)[0][:3]) == (False, ("folder", "partial", 1))


def test_a_file_of_another_kind_is_told_once(folder: Path, spool: Spool) -> None:
    (folder / "walk.csv").write_text("a,b,c\n1,2,3\n")
    with closing(spool):
        first, second = collect(folder, spool), collect(folder, spool)
    reason = "文件 1：缺少列：需要时间、房间、测点、频段和信号强度（A1）"
    assert (told(first), told(second)) == (
        [("folder", "decode", 0, reason)],
        [("folder", "partial", 0, "此前读过的文件中有 1 行未读")],
    )


def test_half_a_line_waits_until_it_is_whole(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    with closing(spool):
        path.write_text(HEADER + ROW + ROW[:20])
        waiting = collect(folder, spool)
        path.write_text(HEADER + ROW + ROW.replace("p1", "p2"))
        finished = collect(folder, spool)
    assert (told(waiting), len(finished.readings)) == ([("folder", "ok", 0, "1 个文件仍在写入")], 2)


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
        assert told(asyncio.run(both())) == [("folder", "ok", 0, "1 个文件仍在写入")]


def test_an_old_file_without_a_last_line_end_is_read(folder: Path, spool: Spool) -> None:
    path = folder / "walk.csv"
    path.write_text(HEADER + ROW.strip())
    os.utime(path, (time.time() - 3600,) * 2)
    with closing(spool):
        assert len(collect(folder, spool).readings) == 1


def test_empty_files_that_sort_first_hide_no_other(folder: Path, spool: Spool) -> None:
    for number in range(25):
        (folder / f"a{number:02d}.csv").touch()
    (folder / "walk.csv").write_text(HEADER + ROW)
    with closing(spool):
        result = collect(folder, spool)
    assert (len(result.readings), told(result)) == (
        1,
        [("folder", "ok", 1, "25 个文件仍在写入")],
    )


def test_more_files_than_a_round_takes_are_told_and_read_in_the_next(folder: Path, spool: Spool) -> None:
    for number in range(22):
        (folder / f"{number:02d}.csv").write_text(HEADER + ROW.replace("p1", f"p{number}"))
    settings = SurveySettings(id="survey", folder=folder)
    surveyor = Survey(settings, recall=spool.recall)
    with closing(spool):
        rounds = [asyncio.run(surveyor.collect(count(NOW).__next__)) for _ in range(20)]
        for one in rounds:
            spool.append([*one.readings, *one.runs], now_ms=NOW, notes=one.notes)
        after = [asyncio.run(surveyor.collect(count(NOW).__next__)) for _ in range(2)]
    assert (sum(len(one.readings) for one in rounds), told(rounds[-1])[-1], after[0].more) == (
        20,
        ("folder", "partial", 20, "2 个文件下一轮再读"),
        True,
    )


def test_a_large_file_is_told_in_several_rounds(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "SAMPLES_PER_ROUND", 2)
    (folder / "walk.csv").write_text(HEADER + "".join(ROW.replace("p1", f"p{number}") for number in range(5)))
    surveyor = Survey(SurveySettings(id="survey", folder=folder), recall=spool.recall)
    with closing(spool):
        rounds: list[Round] = []
        for _ in range(3):
            rounds.append(asyncio.run(surveyor.collect(count(NOW).__next__)))
            spool.append(rounds[-1].readings, now_ms=NOW, notes=rounds[-1].notes)
    assert (
        [len(one.readings) for one in rounds],
        [len(one.notes) for one in rounds],
        told(rounds[2])[0],
    ) == (
        [2, 2, 1],
        [1, 1, 2],
        ("folder", "ok", 5, None),
    )


def test_a_folder_that_vanished_is_told(folder: Path, spool: Spool) -> None:
    surveyor = Survey(SurveySettings(id="survey", folder=folder), recall=spool.recall)
    folder.rmdir()
    with closing(spool):
        result = asyncio.run(surveyor.collect(count(NOW).__next__))
    assert told(result) == [("folder", "refused", 0, "无法读取文件夹：没有此文件或文件夹")]
