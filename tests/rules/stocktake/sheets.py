"""A school with a thing of each kind, and the sheets that people hand in of them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from registry import Registry
from registry.problems import lines as told_lines
from rules.inventory.lines import lines_of
from rules.inventory.matching import SchoolInventory
from rules.inventory.reading import read_inventory
from rules.stocktake.importing import Asked, Import, keep, prepare
from store import Store
from tests.rules.build import registry, school
from tests.rules.ledgers import asset, telling
from tests.rules.telemetry import CODE, LAST_DAY, NOW, access_point, points, polls, projector, room

OTHER = "2112000002"
AP = "70:22:BB:00:00:01"
HEADS = ("学校标识码", "状态", "房间", "设备", "序列号", "资产编号", "盘点", "移到房间", "备注")
# A line of each kind of thing, as the printed sheet has it.
PROJECTOR = (CODE, "已登记", "R1", "10.0.0.7", "SN210077", "ZC-00002")
ACCESS_POINT = (CODE, "未登记", "R1", AP, "", "")
PANEL = (CODE, "账上有、未见", "", "", "SN-90009", "0000123")


def known() -> Registry:
    """The school, and another one."""
    rooms = [room("R1"), room("R2"), room("A栋302")]
    return registry([school(CODE), school(OTHER)], rooms=rooms)


def fill(store: Store) -> None:
    """Three assets in the ledger, of which one projector answers, and an access point that no ledger has."""
    store.prepare()
    told = telling(
        asset("ZC-00002", 5_000, serial="sn 2100-77"),
        asset("0000123", 5_000, serial="SN-90009"),
        asset("ZC-00077", 5_000, category="A05010200"),
    )
    seen = [
        projector(polls()[0], device="10.0.0.7", serial="SN210077"),
        access_point(polls()[0], "up", ap=AP),
    ]
    assert store.write(points(*told, *seen)) == []


def book(
    path: Path, rows: Sequence[Sequence[Any]], *, heads: Sequence[str] = HEADS, above: Sequence[Any] = ()
) -> Path:
    """A sheet with these rows below its headings, saved as a workbook."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "盘点表"
    for row in (*above, heads, *rows):
        sheet.append(list(row))
    workbook.save(path)
    return path


def read(store: Store, *paths: Path, day: date | None = LAST_DAY, **asked: Any) -> Import:
    """Read, and not kept."""
    return prepare(store, known(), Asked(paths=paths, now_ms=NOW, who="ann", day=day, **asked))


def take(store: Store, *paths: Path, **asked: Any) -> Import:
    """Read, and kept where nothing is wrong."""
    found = read(store, *paths, **asked)
    if not found.problems:
        keep(store, found)
    return found


def told(found: Import) -> str:
    """What is wrong, a problem a line; empty where nothing is."""
    return "\n".join(told_lines(found.problems))


def inventory(store: Store) -> SchoolInventory:
    """The school's lists, as the stock-takes that are kept leave them."""
    return read_inventory(store, known(), now_ms=NOW, school=CODE)[0]


def shown(store: Store) -> dict[str, tuple[str, str | None, str | None]]:
    """Of every line that a stock-take speaks of: by its device, asset or serial number."""
    return {
        line["device"] or line["asset"] or line["serial"]: (
            line["state"],
            line["last_stocktake"],
            line["last_stocktake_room"],
        )
        for line in lines_of(inventory(store), known())
        if line["last_stocktake"]
    }
