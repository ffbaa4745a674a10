"""Wanted settings on the wire: for one gateway, whole, and a reason of why they do not run as a value."""

import json
from dataclasses import replace

import pytest

from contract import (
    STATUS,
    Address,
    ContractError,
    NotTaken,
    RunningSettings,
    Status,
    Wanted,
    decode_status,
    decode_wanted,
    encode,
    status_point,
    wanted_point,
)
from contract.wanted import MOST_CONTENT_BYTES, content_bytes, content_hash
from rules.words import from_json, reason

HERE = Address("120116", "2112000001", "gw1")
SETTINGS = '[[pjlink]]\nid = "p"\nprojectors = "projectors.csv"\n'
FILES = {"projectors.csv": "host,room\n10.8.3.1,七年级(1)班\n"}
MADE = "2026-11-27T08:00:00.000Z"


def wanted(**other: object) -> Wanted:
    values: dict[str, object] = {
        "district": HERE.district,
        "school": HERE.school,
        "gateway": HERE.gateway,
        "version": 7,
        "made": MADE,
        "settings": SETTINGS,
        "files": FILES,
        "sha256": content_hash(SETTINGS, FILES),
    }
    return Wanted.model_validate({**values, **other})


def test_what_was_said_is_read_back() -> None:
    assert wanted(software="1.2.0") == decode_wanted(encode(wanted(software="1.2.0")), HERE)


def test_the_own_file_is_wanted_where_there_are_no_settings() -> None:
    own = wanted(settings=None, files={}, sha256=content_hash(None, {}))
    assert own == decode_wanted(encode(own), HERE)
    assert (7, True, own.sha256, None) == wanted_point(HERE, own).fields


@pytest.mark.parametrize(
    "address",
    [
        replace(HERE, school="2112000002"),
        replace(HERE, gateway="gw2"),
        replace(HERE, district="120117"),
    ],
)
def test_another_gateways_settings_are_refused(address: Address) -> None:
    with pytest.raises(ContractError, match="wanted settings of 120116/2112000001/gw1"):
        decode_wanted(encode(wanted()), address)


@pytest.mark.parametrize(
    "other",
    [
        {"settings": SETTINGS + "\n"},
        {"files": {"projectors.csv": "host,room\n"}},
        {"files": {}},
        {"files": {"devices.csv": FILES["projectors.csv"]}},
    ],
)
def test_what_is_not_that_of_its_hash_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(ContractError, match="hash"):
        decode_wanted(encode(wanted(**other)), HERE)


@pytest.mark.parametrize(
    "other",
    [
        {"version": 0},
        {"version": 2**53},
        {"version": "7"},
        {"made": "yesterday"},
        {"sha256": "F" * 64},
        {"files": {"../edge.toml": ""}},
        {"files": {".hidden": ""}},
        {"files": {"a/b": ""}},
        {"files": {str(number): "" for number in range(33)}},
        {"software": ""},
        {"run": "this"},
    ],
)
def test_what_the_contract_does_not_know_is_refused(other: dict[str, object]) -> None:
    message = {**json.loads(encode(wanted())), **other}
    with pytest.raises(ContractError, match="cannot read wanted settings"):
        decode_wanted(json.dumps(message).encode(), HERE)


def test_a_message_of_the_largest_content_is_a_message() -> None:
    files = {"aps.csv": '"' * (MOST_CONTENT_BYTES // 2 - 100)}
    assert content_bytes(SETTINGS, files) <= MOST_CONTENT_BYTES
    large = wanted(files=files, sha256=content_hash(SETTINGS, files), software="9" * 64)
    assert large == decode_wanted(encode(large), HERE)


def test_a_status_tells_which_settings_run_and_why_others_do_not() -> None:
    left = NotTaken(
        version=8, outcome="rolled_back", code="fleet.lost", args={"collectors": ("ac1",)}, time=MADE
    )
    running = RunningSettings(version=7, sha256="0" * 64, since=MADE, wanted=8, not_taken=left)
    status = Status(online=True, time=MADE, settings=running)
    assert status == decode_status(encode(status))
    values = dict(zip(STATUS.field_names, status_point(HERE, status, time_ms=1).fields, strict=True))
    assert (7, 8, 8, "rolled_back", False) == tuple(
        values[f"settings_{name}"] for name in ("version", "wanted", "not_taken", "outcome", "trial")
    )
    assert reason("fleet.lost", collectors=("ac1",)) == from_json(str(values["settings_reason"]))


def test_a_gateway_that_takes_no_settings_says_nothing_of_them() -> None:
    status = Status(online=True, time=MADE)
    assert b"settings" not in encode(status)
    values = dict(zip(STATUS.field_names, status_point(HERE, status, time_ms=1).fields, strict=True))
    assert {None} == {value for name, value in values.items() if name.startswith("settings_")}
