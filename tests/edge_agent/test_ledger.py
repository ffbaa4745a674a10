"""A ledger in a folder: told as a whole, told again, and nothing of a person or a file's name in it."""

import asyncio
import os
import zipfile
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from contract import LEDGER_RUN, Asset
from edge_agent.collectors import ledger
from edge_agent.collectors.base import Round
from edge_agent.collectors.ledger import TELL_AGAIN_MS, Ledger
from edge_agent.files import child
from edge_agent.settings import LedgerSettings
from edge_agent.spool import Spool
from tests.edge_agent.ledger_books import write_book

NOW = 1_790_000_000_000  # 2026-09-21T14:13:20Z
HEADER = "资产编号,资产名称,资产分类代码,数量,原值,取得日期,存放地点,使用人,使用部门,序列号,使用状况\n"
ROW = "0001,投影机,A02020200,1,6000,2024-09-01,101,张三,教务处,sn1,在用\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SETTLE_S", 0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ledger"
    path.mkdir()
    return path


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool.sqlite")) as opened:
        yield opened


def collect(folder: Path, spool: Spool, *, now: int = NOW) -> list[Round]:
    """One time of the schedule: as many rounds as the ledger needs."""
    settings = LedgerSettings(id="assets", folder=folder)
    collector = Ledger(settings, recall=spool.recall)
    rounds: list[Round] = []
    clock = count(now).__next__
    while not rounds or rounds[-1].more:
        result = asyncio.run(collector.collect(clock))
        spool.append([*result.readings, *result.runs], now_ms=now, notes=result.notes)
        rounds.append(result)
    return rounds


def told(rounds: list[Round]) -> list[tuple[str, str, int, int | None]]:
    return [(run.target, run.status, run.rows, run.expected) for one in rounds for run in one.runs]


def assets(rounds: list[Round]) -> list[Asset]:
    return [one for result in rounds for one in result.readings if isinstance(one, Asset)]


def reason(rounds: list[Round]) -> str:
    return rounds[-1].runs[-1].reason or ""


def test_a_ledger_is_told_once_with_one_time_and_a_run_that_says_how_many(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW + ROW.replace("0001", "0002"), encoding="utf-8")
    first, second = collect(folder, spool), collect(folder, spool)
    assert (
        {asset.time for asset in assets(first)} == {first[0].runs[-1].time},
        told(first),
        told(second),
    ) == (
        True,
        [("file-1/sheet-1", "ok", 2, 2), (LEDGER_RUN, "ok", 2, 2)],
        [("folder", "ok", 0, None)],
    )


def test_nothing_of_a_person_or_a_department_leaves_the_school(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    (asset,) = assets(collect(folder, spool))
    assert asset.model_dump(exclude={"time", "kind"}) == {
        "asset": "0001",
        "name": "投影机",
        "category": "A02020200",
        "room": "101",
        "serial": "SN1",
        "model": None,
        "quantity": 1,
        "value_fen": 600_000,
        "acquired": "2024-09-01",
        "status": "in_use",
        "doubt": None,
    }


def test_no_reason_holds_a_cell_or_the_name_of_a_file_or_sheet(folder: Path, spool: Spool) -> None:
    person = "欧阳某某13800138000"
    shifted = f"0002,投影机,教学用,{person},1,6000,101,,,,\n"
    bad = ROW.replace("0001", "0003").replace("6000", person).replace("2024-09-01", person)
    (folder / f"{person}.csv").write_text(HEADER + ROW + shifted + bad, encoding="utf-8")
    (folder / f"{person}.pdf").write_bytes(b"%PDF")
    (folder / "b.csv").write_text(f"{person},{person}\n{person},1\n", encoding="utf-8")
    write_book(
        {"sheet": [{"name": "欧阳某某", "rows": [["姓名", "金额"], ["欧阳某某", 3]]}]}, folder / "c.xlsx"
    )
    rounds = collect(folder, spool)
    everything = "".join(
        one.model_dump_json() for result in rounds for one in (*result.readings, *result.runs)
    )
    assert ("欧阳" in everything, "13800138000" in everything, "pdf" in everything) == (False, False, False)


def test_bad_lines_are_told_with_file_sheet_and_cell_and_the_others_counted(
    folder: Path, spool: Spool
) -> None:
    bad = ROW.replace("0001", "0002").replace("6000", "much")
    (folder / "a.csv").write_text(HEADER + ROW + bad, encoding="utf-8")
    rounds = collect(folder, spool)
    run = rounds[-1].runs[-1]
    assert (told(rounds)[-1], run.unread, run.reason) == (
        (LEDGER_RUN, "partial", 1, 2),
        1,
        "价值无法读取（1-1!E3）",
    )


def test_what_was_left_out_stays_said_while_nothing_changes(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(
        HEADER + ROW + ROW.replace("0001", "").replace("投影机", ""), encoding="utf-8"
    )
    first, second = collect(folder, spool), collect(folder, spool)
    assert (first[-1].runs[-1].status, told(second), reason(second) == reason(first)) == (
        "partial",
        [("folder", "partial", 0, None)],
        True,
    )


def test_what_is_left_out_on_purpose_is_counted_and_leaves_nothing_open(folder: Path, spool: Spool) -> None:
    heads, line = ["资产编号", "资产名称", "原值"], ["1", "投影机", 10]
    sheets = [
        {"name": "2026", "rows": [heads, line]},
        {"name": "旧", "state": "hidden", "rows": [heads, ["2", "电视", 99], ["3", "电视", 99]]},
    ]
    write_book({"sheet": sheets}, folder / "a.xlsx")
    rounds = collect(folder, spool)
    run = rounds[-1].runs[-1]
    assert (run.status, run.rows, run.unread, run.left_out, told(rounds)[1]) == (
        "partial",
        1,
        0,
        2,
        ("file-1/sheet-2", "partial", 0, 0),
    )


def test_a_ledger_larger_than_a_round_is_told_in_several_with_one_time(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "ASSETS_PER_ROUND", 2)
    rows = "".join(ROW.replace("0001", f"{number:04d}") for number in range(1, 6))
    (folder / "a.csv").write_text(HEADER + rows, encoding="utf-8")
    rounds = collect(folder, spool)
    assert (
        [len(one.readings) for one in rounds],
        len({one.time for one in assets(rounds)}),
        told(rounds)[-1],
    ) == (
        [2, 2, 1],
        1,
        (LEDGER_RUN, "ok", 5, 5),
    )


def test_half_a_ledger_that_the_spool_did_not_take_is_told_again(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "ASSETS_PER_ROUND", 2)
    rows = "".join(ROW.replace("0001", f"{number:04d}") for number in range(1, 6))
    (folder / "a.csv").write_text(HEADER + rows, encoding="utf-8")
    collector = Ledger(LedgerSettings(id="assets", folder=folder), recall=spool.recall)
    clock = count(NOW).__next__
    first, second = (asyncio.run(collector.collect(clock)) for _ in range(2))  # the first is not committed
    assert (len(first.readings), told([second]), len(assets(collect(folder, spool)))) == (
        2,
        [("folder", "partial", 0, None)],
        5,
    )


def test_the_same_content_in_another_file_is_not_told_again(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    collect(folder, spool)
    (folder / "a.csv").write_text(HEADER + ROW, encoding="gb18030")
    assert told(collect(folder, spool, now=NOW + 10_000)) == [("folder", "ok", 0, None)]


def test_a_ledger_is_told_again_after_thirty_days(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    collect(folder, spool)
    again = [
        collect(folder, spool, now=NOW + wait) for wait in (TELL_AGAIN_MS - 60_000, TELL_AGAIN_MS + 60_000)
    ]
    assert [len(assets(result)) for result in again] == [0, 1]


def test_a_crash_before_the_commit_loses_nothing(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW, encoding="utf-8")
    settings = LedgerSettings(id="assets", folder=folder)
    asyncio.run(Ledger(settings, recall=spool.recall).collect(count(NOW).__next__))  # and never committed
    assert len(assets(collect(folder, spool))) == 1


def test_half_a_line_waits_until_it_is_whole(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text(HEADER + ROW.strip(), encoding="utf-8")
    waiting = collect(folder, spool)
    assert (told(waiting), reason(waiting)) == ([("folder", "ok", 0, None)], "有文件仍在写入")


def test_files_that_are_no_ledger_leave_the_others_alone(folder: Path, spool: Spool) -> None:
    (folder / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "b.xlsx").write_bytes(b"not a workbook")
    (folder / "c.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 damaged")
    (folder / "d.csv").write_text(HEADER + ROW, encoding="utf-8")
    rounds = collect(folder, spool)
    assert told(rounds) == [
        ("file-1/sheet-1", "decode", 0, 1),
        ("file-2/sheet-1", "decode", 0, 1),
        ("file-3", "decode", 0, 1),
        ("file-4/sheet-1", "ok", 1, 1),
        (LEDGER_RUN, "partial", 1, 4),
    ]


def test_a_ledger_of_which_nothing_can_be_read_is_told_as_such(folder: Path, spool: Spool) -> None:
    (folder / "b.xlsx").write_bytes(b"PK\x03\x04 damaged")
    assert told(collect(folder, spool))[-1] == (LEDGER_RUN, "decode", 0, 1)


def test_files_beyond_the_limit_are_told_as_unread(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MAX_FILES", 2)
    for number in range(5):
        (folder / f"{number}.csv").write_text(
            HEADER + ROW.replace("0001", str(10_000 + number)), encoding="utf-8"
        )
    run = collect(folder, spool)[-1].runs[-1]
    assert (run.status, run.rows, run.unread) == ("partial", 2, 3)


def test_an_empty_ledger_after_a_full_one_is_told(folder: Path, spool: Spool) -> None:
    path = folder / "a.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    collect(folder, spool)
    path.write_text(HEADER, encoding="utf-8")
    headings_only = collect(folder, spool, now=NOW + 10_000)
    path.unlink()
    nothing = collect(folder, spool, now=NOW + 20_000)
    assert [told(one)[-1] for one in (headings_only, nothing)] == [
        (LEDGER_RUN, "decode", 0, 1),
        ("folder", "ok", 0, None),
    ]


def test_a_folder_without_a_ledger_tells_of_none(folder: Path, spool: Spool) -> None:
    assert (told(collect(folder, spool)), told(collect(folder, spool))) == (
        [("folder", "ok", 0, None)],
        [("folder", "ok", 0, None)],
    )


def test_a_row_number_beyond_all_rows_neither_spins_nor_hides_the_lines(folder: Path, spool: Spool) -> None:
    write_book(
        {"sheet": [{"name": "a", "rows": [["资产编号", "名称", "原值"], ["1", "a", 10], ["2", "b", 20]]}]},
        folder / "a.xlsx",
    )
    _replace(folder / "a.xlsx", "xl/worksheets/sheet1.xml", b'r="3"', b'r="1000000000000000"')
    assert told(collect(folder, spool))[-1] == (LEDGER_RUN, "ok", 2, 2)


def test_millions_of_cells_in_a_small_file_neither_fill_the_memory_nor_hide_the_lines(
    folder: Path, spool: Spool
) -> None:
    write_book(
        {"sheet": [{"name": "a", "rows": [["资产编号", "名称", "原值"], ["1", "a", 10]]}]}, folder / "a.xlsx"
    )
    cells = b'<c t="inlineStr"><is><t>x</t></is></c>' * 200_000
    _replace(
        folder / "a.xlsx",
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="3">' + cells + b"</row></sheetData>",
    )
    assert told(collect(folder, spool))[-1] == (LEDGER_RUN, "partial", 1, 2)


def test_a_file_that_ends_its_reader_is_told_and_the_others_are_read(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "b.csv").write_text(HEADER + ROW, encoding="utf-8")
    asked: list[dict[str, list[int]]] = []
    real = child.said_by

    async def killed_at_the_first(module: str, request: dict[str, list[int]]):  # type: ignore[no-untyped-def]
        asked.append(request)
        if 1 not in request["skip"]:
            yield 1
            raise child.Ended("exit code -9")
        async for line in real(module, request):
            yield line

    monkeypatch.setattr("edge_agent.ledger.reading.said_by", killed_at_the_first)
    rounds = collect(folder, spool)
    assert ([request["skip"] for request in asked], told(rounds)[-1], "内存" in reason(rounds)) == (
        [[1], [1]],
        (LEDGER_RUN, "partial", 1, 2),
        True,
    )


def test_a_round_that_is_given_up_ends_its_child(folder: Path, spool: Spool) -> None:
    write_book(
        {"sheet": [{"name": "a", "rows": [["资产编号", "名称", "原值"], ["1", "a", 10]]}]}, folder / "a.xlsx"
    )
    cells = b"<c><v>1</v></c>" * 500_000
    _replace(
        folder / "a.xlsx",
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="3">' + cells + b"</row></sheetData>",
    )
    collector = Ledger(LedgerSettings(id="assets", folder=folder), recall=spool.recall)

    async def give_up() -> bool:
        task = asyncio.create_task(collector.collect(count(NOW).__next__))
        for _ in range(1000):
            await asyncio.sleep(0.01)
            if children() > before:
                break
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled() and children() == before

    def children() -> set[str]:
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    before = children()
    assert asyncio.run(give_up())


def _replace(path: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
