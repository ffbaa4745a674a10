"""Devices seen beside the asset ledger: registered, not registered, never seen; nothing on a guess."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from contract import Point
from contract.daybook import DAY_FACTS
from registry import Registry
from rules.inventory.lines import to_csv
from rules.inventory.matching import SchoolInventory, number_of
from rules.inventory.output import to_json, to_workbook
from rules.inventory.reading import read_inventory
from store import Store
from tests.rules.build import DISTRICT
from tests.rules.ledgers import asset, telling
from tests.rules.telemetry import (
    CODE,
    LAST_DAY,
    NOW,
    access_point,
    one_school,
    points,
    polls,
    projector,
    room,
    silent,
)

MAC = "70:22:BB:00:00:01"


def look(store: Store, *readings: Any, known: Registry | None = None) -> SchoolInventory:
    assert store.write(points(*readings)) == []
    (found,) = read_inventory(store, known or one_school(room()), now_ms=NOW)
    return found


def device_day(device: str, days_ago: int, answered: int) -> Point:
    moment = NOW - days_ago * 86_400_000
    values = {
        "polls": 10,
        "answered": answered,
        "working": answered,
        "faulty": 0,
        "fault": 0,
        "on_min": 0,
        "outside_min": 0,
        "first_ms": moment,
        "last_ms": moment + 3_600_000,
        "retired": 0,
    }
    table = DAY_FACTS["device_day"]
    tags = (DISTRICT, CODE, "R1", device, "projector", "1")
    return Point(table, tags, moment, tuple(values.get(name) for name in table.field_names))


def test_a_device_is_found_by_asset_number_serial_number_and_mac(store: Store) -> None:
    time = polls()[0]
    told = telling(
        asset("ZC-00001", 5_000, serial=None),
        asset("ZC-00002", 5_000, serial="sn 2100-77"),
        asset("ZC-00003", 5_000, serial="7022-BB00-0001"),
    )
    seen = [
        projector(time, device="zc00001"),
        projector(time, device="127.0.3.2", serial="SN210077"),
        access_point(time, "up", ap=MAC),
    ]
    found = look(store, *told, *seen)
    joined = {one.device.device: one.asset.asset for one in found.registered}
    assert joined == {"zc00001": "ZC-00001", "127.0.3.2": "ZC-00002", MAC: "ZC-00003"}
    assert (found.unregistered, found.never_seen) == ((), ())


def test_what_no_line_names_is_unregistered_and_what_never_answered_is_not_seen(store: Store) -> None:
    told = telling(asset("ZC-00009", 5_000, category="A02020200", serial="SN-90009"))
    found = look(
        store, *told, projector(polls()[0], device="10.0.0.7"), silent(polls()[0], device="SN-90009")
    )
    assert [one.device for one in found.unregistered] == ["10.0.0.7"]
    assert [one.asset for one in found.never_seen] == ["ZC-00009"]


def test_a_desk_is_not_missed_on_the_network(store: Store) -> None:
    told = telling(asset("ZC-00004", 5_000, category="A05010200"), asset("ZC-00005", 5_000, category=None))
    assert look(store, *told).never_seen == ()


def test_without_a_ledger_nothing_is_called_unregistered(store: Store) -> None:
    found = look(store, projector(polls()[0], device="10.0.0.7"))
    assert (found.ledger, found.unregistered, len(found.unjudged)) == (False, (), 1)


def test_a_number_that_two_lines_have_names_neither(store: Store) -> None:
    told = telling(asset("ZC-00001", 5_000, serial="SN-12345"), asset("ZC-00002", 5_000, serial="SN 12345"))
    found = look(store, *told, projector(polls()[0], device="10.0.0.7", serial="SN12345"))
    assert (found.registered, len(found.doubtful)) == ((), 1)


def test_a_ledger_that_was_read_in_part_says_so(store: Store) -> None:
    told = telling(asset("ZC-00001", 5_000), lines=4, status="partial")
    assert (look(store, *told).ledger, look(store).whole) == (True, False)


def test_first_and_last_day_come_from_days_on_which_it_answered(store: Store) -> None:
    store.write([device_day("P1", 300, 4), device_day("P1", 20, 2), device_day("P1", 3, 0)])
    (device,) = look(store).unjudged
    assert (NOW - device.first_ms, NOW - device.last_ms) == (300 * 86_400_000, 20 * 86_400_000 - 3_600_000)


@pytest.mark.parametrize(
    ("text", "number"), [("12", None), ("ABCDE", None), (" a-1/23 45", "A12345"), (None, None)]
)
def test_short_and_wordy_numbers_name_nothing(text: str | None, number: str | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("device", "serial", "found"),
    [
        ("10.0.1.11", "10.0.11.1", 0),
        ("10.0.1.11", "100111", 0),
        ("ZC1-12", "ZC11-2", 0),
        ("ZC1-12", "ZC112", 1),
    ],
)
def test_digits_kept_apart_elsewhere_are_another_number(
    store: Store, device: str, serial: str, found: int
) -> None:
    told = telling(asset("ZC-00001", 5_000, serial=serial))
    assert len(look(store, *told, projector(polls()[0], device=device)).registered) == found


def test_json_csv_and_stock_take_tell_the_same_lines(store: Store, tmp_path: Path) -> None:
    told = telling(asset("=cmd|' /C calc'!A0", 5_000, category="A02020200", serial="SN-90009"))
    found, known = look(store, *told, projector(polls()[0], device="10.0.0.7")), one_school(room())
    lines = json.loads(to_json([found], known))["schools"][0]["lines"]
    rows = list(csv.DictReader(io.StringIO(to_csv([found], known).removeprefix("\ufeff"))))
    book = tmp_path / "book.xlsx"
    book.write_bytes(to_workbook([found], known, as_of=LAST_DAY))
    sheet = list(load_workbook(book).worksheets[0].values)[4:]
    assert [line["state"] for line in lines] == ["unregistered", "never_seen"]
    assert [row["状态 state"] for row in rows] == ["未登记", "账上有、未见"] == [row[2] for row in sheet]
    assert rows[1]["资产编号 asset"].startswith("'=")
    assert sheet[1][8] == "=cmd|' /C calc'!A0"
