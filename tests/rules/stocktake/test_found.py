"""What people found that no list has: with its number, without, and when a list has it since."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rules.inventory.lines import lines_of
from store import Store
from tests.rules.stocktake.sheets import book, inventory, known, shown, take, told
from tests.rules.telemetry import CODE, points, polls, projector


def test_what_was_found_and_is_gone_later_is_found_no_more(store: Store, tmp_path: Path) -> None:
    new = (CODE, "", "R2", "", "NEW-12345", "")
    take(store, book(tmp_path / "a.xlsx", [(*new, "在")]), day=date(2021, 9, 1))
    assert "NEW-12345" in shown(store)
    found = take(store, book(tmp_path / "b.xlsx", [(CODE, "盘点发现", *new[2:], "不在")]))
    assert (told(found), "NEW-12345" in shown(store)) == ("", False)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ([("", "R2", "黑板", "在")], [("B-12345", "R2", "黑板", "在")], [("B-12345", "seen")]),
        ([("B-12345", "R2", "黑板", "在")], [("", "R2", "黑板", "损坏")], [("B-12345", "broken")]),
        (
            [("B-12345", "R2", "黑板", "在")],
            [("", "R1", "黑板", "在")],
            [(None, "seen"), ("B-12345", "seen")],
        ),
        # Two of them: nobody knows which one it was.
        (
            [("", "R2", "黑板", "在")],
            [("B-12345", "R2", "黑板", "在"), ("B-23456", "R2", "黑板", "在")],
            [(None, "seen"), ("B-12345", "seen"), ("B-23456", "seen")],
        ),
    ],
)
def test_what_was_found_without_its_number_once_is_shown_once(
    store: Store, tmp_path: Path, first: Any, then: Any, expected: Any
) -> None:
    heads = ("序列号", "房间", "名称", "盘点")
    take(store, book(tmp_path / "a.xlsx", first, heads=heads), day=date(2021, 9, 1), school=CODE)
    take(store, book(tmp_path / "b.xlsx", then, heads=heads), school=CODE)
    found = [
        (line["serial"], line["last_stocktake"])
        for line in lines_of(inventory(store), known())
        if line["state"] == "found"
    ]
    assert sorted(expected, key=str) == sorted(found, key=str)


def test_a_thing_that_a_list_has_since_is_no_longer_found(store: Store, tmp_path: Path) -> None:
    take(store, book(tmp_path / "a.xlsx", [(CODE, "", "R1", "", "NEW-12345", "", "在")]))
    store.write(points(projector(polls()[1], device="10.0.0.9", serial="new12345")))
    assert shown(store) == {"10.0.0.9": ("unregistered", "seen", "R1")}
