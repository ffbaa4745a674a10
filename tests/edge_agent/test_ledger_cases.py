"""Ledgers as offices keep them, a folder a case: what a careful clerk would add up, and what is told."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from edge_agent.ledger.folder import FolderRead, read_folder
from edge_agent.ledger.titles import own_headings
from tests.edge_agent.ledger_books import build_folder

CASES = Path(__file__).parents[1] / "cases" / "edge_agent" / "ledger"


def what_came(read: FolderRead, asked: dict[str, Any]) -> dict[str, Any]:
    """The reading in the terms that an expectation uses; only what it asks for of each asset."""
    sure = sum(asset.line.value_fen for asset in read.assets if asset.line.doubt is None)
    most = sum(asset.line.value_fen for asset in read.assets)
    found: dict[str, Any] = {
        "value": f"{sure / 100:.2f}" if sure == most else f"{sure / 100:.2f} to {most / 100:.2f}",
        "lines": len(read.assets),
        "unread": read.unread,
        "left_out": read.left_out,
        "told": sorted({problem.kind for part in read.parts for problem in part.problems}),
    }
    wanted = asked.get("asset", [])
    if wanted:
        found["asset"] = [
            {name: asset.key if name == "asset" else getattr(asset.line, name) or "" for name in one}
            for one, asset in zip(wanted, read.assets, strict=False)
        ]
    return found


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_ledger_is_read_as_a_careful_clerk_would(case: str, tmp_path: Path) -> None:
    expected = tomllib.loads((CASES / case / "expected.toml").read_text(encoding="utf-8"))
    folder = build_folder(CASES / case, tmp_path / "ledger")
    own = own_headings(expected.pop("columns", {}))
    read = read_folder(sorted(folder.iterdir()), own=own)
    defaults = {"unread": 0, "left_out": 0, "told": []}
    assert defaults | expected == what_came(read, expected)


def test_a_text_that_is_struck_out_in_part_is_what_is_left_of_it(tmp_path: Path) -> None:
    """As Excel stores it, in the texts that cells share."""
    book = xlsxwriter.Workbook(tmp_path / "l.xlsx")
    sheet, struck, bold = book.add_worksheet(), book.add_format({"font_strikeout": True}), book.add_format()
    sheet.write_row(0, 0, ["资产编号", "资产名称", "原值"])
    sheet.write_row(1, 0, ["GZ-01"])
    sheet.write_rich_string(1, 1, struck, "电脑", bold, "投影机")
    sheet.write_rich_string(1, 2, struck, "9", bold, "6200")
    book.close()
    (asset,) = read_folder([tmp_path / "l.xlsx"], own={}).assets
    assert ("投影机", 620_000) == (asset.line.name, asset.line.value_fen)
