"""The inventory line by line: a device, or an asset that was never seen; and the same as CSV."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from registry import Registry
from rules.facts.facts import AssetFacts
from rules.inventory.counted import TOLD, told_of
from rules.inventory.devices import ACCESS_POINT, SeenDevice
from rules.inventory.matching import SchoolInventory
from rules.stored.stocktakes import StockLine
from rules.words import name
from runtime.csv_text import csv_text
from runtime.language import Language, Text

State = Literal["registered", "unregistered", "unjudged", "doubtful", "never_seen", "unasked", "found"]
STATES: dict[State, Text] = {
    "registered": Text("已登记", "registered"),
    "unregistered": Text("未登记", "not in the ledger"),
    "unjudged": Text("没有台账", "no ledger"),
    "doubtful": Text("编号重复", "number stands twice"),
    "never_seen": Text("账上有、未见", "in the ledger, never seen"),
    # Shown only where a stock-take speaks of it.
    "unasked": Text("账上有、不联网", "in the ledger, not networked"),
    "found": Text("盘点发现", "found by people, in no list"),
}
CSV_HEADERS = (
    "学校标识码 school_code",
    "学校 name",
    "状态 state",
    "房间 room",
    "种类 kind",
    "设备 device",
    "序列号 serial",
    "型号 model",
    "资产编号 asset",
    "资产名称 asset_name",
    "首次见到 first_seen",
    "最近见到 last_seen",
    "上次盘点 last_stocktake",
    "上次盘点日期 last_stocktake_day",
    "上次盘点房间 last_stocktake_room",
)


def lines_of(school: SchoolInventory, registry: Registry) -> Iterator[dict[str, Any]]:
    """One line a device, one an asset that was never seen, one what people found; what lacks is None."""
    for registered in school.registered:
        yield _line(school, registry, "registered", registered.device, registered.asset)
    found: tuple[tuple[State, tuple[SeenDevice, ...]], ...] = (
        ("unregistered", school.unregistered),
        ("unjudged", school.unjudged),
        ("doubtful", school.doubtful),
    )
    for state, devices in found:
        for device in devices:
            yield _line(school, registry, state, device, None)
    for asset in school.never_seen:
        yield _line(school, registry, "never_seen", None, asset)
    for asset in school.unasked:
        if asset.asset in school.counted.by_asset:
            yield _line(school, registry, "unasked", None, asset)
    for line in school.counted.found:
        yield _found(school, registry, line)


def _found(school: SchoolInventory, registry: Registry, line: StockLine) -> dict[str, Any]:
    """A thing that people saw, as they wrote it down."""
    return _line(school, registry, "found", None, None) | {
        "room": line.room or None,
        "device": line.device or None,
        "serial": line.serial or None,
        "asset": line.asset or None,
        "asset_name": line.name or None,
        **_counted(line, line.room),
    }


def _counted(line: StockLine | None, room: str | None) -> dict[str, str | None]:
    return {
        "last_stocktake": told_of(line, room) if line else None,
        "last_stocktake_day": line.day.isoformat() if line else None,
        "last_stocktake_room": (line.room or None) if line else None,
    }


def _line(
    school: SchoolInventory,
    registry: Registry,
    state: State,
    device: SeenDevice | None,
    asset: AssetFacts | None,
) -> dict[str, Any]:
    known, zone = registry.schools.get(school.school), registry.calendar.zone
    room = device.room if device else asset.room if asset else None
    counted = (
        school.counted.by_device.get(device.device)
        if device
        else school.counted.by_asset.get(asset.asset)
        if asset
        else None
    )
    serial = (device and device.serial) or (asset and asset.serial)
    return {
        "school_code": school.school,
        "name": known.name if known else None,
        "state": state,
        "room": room,
        "kind": device.kind if device else None,
        "device": device.device if device else None,
        "serial": serial or None,
        "model": device.model if device else None,
        "asset": asset.asset if asset else None,
        "asset_name": asset.name if asset else None,
        "first_seen": _day(device.first_ms, zone) if device else None,
        "last_seen": _day(device.last_ms, zone) if device else None,
        **_counted(counted, room),
    }


def _day(moment_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, zone).date().isoformat()


def to_csv(schools: Iterable[SchoolInventory], registry: Registry) -> str:
    """A row a line."""
    keys = [head.split(" ")[1] for head in CSV_HEADERS]
    lines = (line for school in schools for line in lines_of(school, registry))
    return csv_text(CSV_HEADERS, ([cell_of(key, line[key]) for key in keys] for line in lines))


def cell_of(key: str, value: str | None) -> str:
    """A line's value as files have it, in the Chinese of the headings' first half."""
    if value is None:
        return ""
    if key == "state":
        return STATES[value].zh  # type: ignore[index]  # one of its states
    if key == "last_stocktake":
        return TOLD[value].zh  # type: ignore[index]  # one of what is told
    if key == "kind":
        return kind_name(value, "zh")
    return value


def kind_name(kind: str, language: Language | None = None) -> str:
    if kind == ACCESS_POINT:
        words = Text("接入点", "access point")
        return words.of(language) if language else str(words)
    return name("device_types", kind, language)
