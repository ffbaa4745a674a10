"""A stock-take that is kept: what stands beside the lists then, and which of several stands."""

import time
from datetime import date
from pathlib import Path

from rules.answers.inquiry import inquire
from rules.answers.output import to_json
from rules.stocktake.importing import Asked, keep, prepare
from rules.stored.audit import read_audit
from rules.stored.stocktakes import read_stocktakes
from store import Store, open_store
from tests.rules.commands import SMALL, campus
from tests.rules.stocktake.sheets import (
    ACCESS_POINT,
    AP,
    HEADS,
    PANEL,
    PROJECTOR,
    book,
    known,
    read,
    shown,
    take,
    told,
)
from tests.rules.telemetry import CODE, LAST_DAY, NOW, points, polls, projector


def test_ticks_stand_beside_the_lists(store: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "√"), (*ACCESS_POINT, "移到 R2"), (*PANEL, "不在")]
    assert told(take(store, book(tmp_path / "a.xlsx", rows))) == ""
    assert shown(store) == {
        "10.0.0.7": ("registered", "seen", None),
        AP: ("unregistered", "elsewhere", "R2"),
        "0000123": ("never_seen", "absent", None),
    }


def test_one_thing_with_two_results_has_none(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在"), (*ACCESS_POINT, "在"), (*PROJECTOR, "不在")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert "同一样东西有不同的结果（a.xlsx 盘点表 2、a.xlsx 盘点表 4）" in told(found)
    assert [line.device for line in found.lines] == [AP]


def test_one_thing_twice_alike_counts_once(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "在"), (CODE, "", "", "", "sn2100-77", "", "有")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows))
    assert (told(found), len(found.lines)) == ("", 1)


def test_a_scan_of_what_is_ticked_as_missing_is_told(unchanged: Store, tmp_path: Path) -> None:
    rows = [(*PROJECTOR, "不在"), (*ACCESS_POINT, "在", "", "", "SN210077")]
    found = read(unchanged, book(tmp_path / "a.xlsx", rows, heads=(*HEADS, "扫码")))
    assert "不同的结果" in told(found)


def test_the_same_file_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在"), (CODE, "", "R2", "", "NEW-12345", "", "在")])
    take(store, path)
    before = (shown(store), read_stocktakes(store))
    again = prepare(store, known(), Asked(paths=[path], now_ms=NOW + 60_000, who="bob", day=LAST_DAY))
    keep(store, again)
    assert again.again == ("a.xlsx",)
    assert (shown(store), read_stocktakes(store)) == before


def test_the_later_day_stands_whenever_it_was_handed_in(store: Store, tmp_path: Path) -> None:
    later = book(tmp_path / "b.xlsx", [(*PROJECTOR, "在")])
    earlier = book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在")])
    take(store, later, day=date(2021, 9, 20))
    take(store, earlier, day=date(2021, 9, 1))
    assert shown(store)["10.0.0.7"][1] == "seen"
    assert [take.day.day for take in read_stocktakes(store)] == [20, 1]


def test_of_two_files_of_one_day_the_one_read_last_stands(store: Store, tmp_path: Path) -> None:
    take(store, book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在")]))
    mended = prepare(
        store,
        known(),
        Asked(paths=[book(tmp_path / "b.xlsx", [(*PROJECTOR, "在")])], now_ms=NOW + 1, who="", day=LAST_DAY),
    )
    keep(store, mended)
    assert shown(store)["10.0.0.7"][1] == "seen"


def test_a_device_seen_in_two_rooms_is_one_thing(store: Store, tmp_path: Path) -> None:
    store.write(points(projector(polls()[5], device="10.0.0.7", serial="SN210077", room="R2")))
    rows = [(*PROJECTOR, "不在"), (*PROJECTOR[:2], "R2", *PROJECTOR[3:], "在")]
    found = take(store, book(tmp_path / "a.xlsx", rows))
    assert (told(found), [line.outcome for line in found.lines]) == ("", ["seen"])


def test_a_stock_take_turns_no_figure(store: Store, tmp_path: Path) -> None:
    def judged() -> str:
        inquiry = inquire(known(), "binhai-2021", now_ms=NOW)
        return to_json(inquiry.judge(inquiry.facts(store, revise=False)))

    before = judged()
    take(store, book(tmp_path / "a.xlsx", [(*PROJECTOR, "不在"), (*ACCESS_POINT, "损坏"), (*PANEL, "在")]))
    assert read_stocktakes(store) != ()
    assert judged() == before


def test_the_command_tells_what_it_kept_and_refuses_the_rest(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        seen = projector(round(time.time() * 1000) - 3_600_000, device="10.0.0.7", room="R101")
        assert opened.write(points(seen)) == []
    heads = ("设备", "房间", "盘点")
    path = book(tmp_path / "a.xlsx", [("10.0.0.7", "R101", "在"), ("10.0.0.8", "R101", "在吗")], heads=heads)
    asked = ("--registry", str(SMALL), "--store", sqlite_url, "--school", CODE, "--date", "2021-09-28")
    refused = campus("stocktake", str(path), *asked)
    taken = campus("stocktake", str(path), *asked, "--take", "rest")
    with open_store(sqlite_url) as opened:
        (kept,) = read_stocktakes(opened)
        (audited,) = read_audit(opened, since_ms=0)
    assert (
        refused.returncode,
        "C3（盘点）：“在吗”" in refused.stderr,
        "什么都没有保存" in refused.stderr,
    ) == (2, True, True)
    assert (taken.returncode, "在 1（移位 0" in taken.stdout, kept.lines, kept.untaken) == (2, True, 1, 1)
    assert (audited.action, audited.school, audited.subject) == ("stocktake", CODE, "a.xlsx")
