"""Recorded walks of many makers' devices, each with the readings that they mean: a new case needs no code."""

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from contract import AccessPoint, Radio
from edge_agent.collectors.base import Round
from edge_agent.collectors.snmp_wlan import SnmpWlan
from edge_agent.settings import SnmpWlanSettings
from edge_agent.snmp.recorded import Recorded, read_recording
from edge_agent.tables import read_room_map
from tests.edge_agent.controllers import Faulty, Objects, Typed, Value, serving
from tests.edge_agent.wlan import with_settings

CASES = Path(__file__).parents[1] / "cases" / "edge_agent" / "snmp"
NAMES = sorted(path.name for path in CASES.iterdir())
NOW = 1_790_000_000_000


def objects_of(path: Path) -> Objects:
    """The lines of a .snmprec, by a reader of the tests' own."""
    found: Objects = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        oid, kind, text = line.split("|", 2)
        found[oid] = value_of(kind, text)
    return found


def value_of(kind: str, text: str) -> Value:
    if kind == "4x":
        return bytes.fromhex(text)
    number = int(kind)
    if number == 4:
        return text.encode()
    if number == 6:
        return tuple(int(part) for part in text.split("."))
    if number == 2:
        return int(text)
    content = int(text).to_bytes(9).lstrip(b"\0") or b"\0"
    return Typed(number, b"\0" + content if content[0] & 0x80 else content)


def settings_of(case: Path, expected: dict[str, Any], port: int) -> SnmpWlanSettings:
    values: dict[str, Any] = {"id": "ac1", "host": "127.0.0.1", "port": port, "community": "env:X"}
    if (case / "aps.csv").exists():
        values["rooms"] = case / "aps.csv"
    return SnmpWlanSettings.model_validate(
        {"timeout_s": 2, "profile": expected.get("profile", "auto")} | values
    )


def rounds_of(wlan: SnmpWlan, expected: dict[str, Any]) -> list[Any]:
    clock = count(NOW).__next__
    return [wlan.collect(clock) for _ in range(expected.get("rounds", 1))]


def over_the_wire(case: Path, expected: dict[str, Any]) -> Round:
    """The last of the rounds over a controller that answers what was recorded."""

    async def rounds() -> Round:
        async with serving(Faulty(objects_of(case / "walk.snmprec"))) as agent:
            settings = settings_of(case, expected, agent.port)
            wlan = with_settings(settings, read_room_map(settings.rooms))
            return [await one for one in rounds_of(wlan, expected)][-1]

    return asyncio.run(rounds())


def from_the_file(case: Path, expected: dict[str, Any]) -> Round:
    async def rounds() -> Round:
        settings = settings_of(case, expected, 161)
        objects = read_recording(case / "walk.snmprec")
        wlan = SnmpWlan(
            settings,
            rooms=read_room_map(settings.rooms),
            open_source=lambda: Recorded(objects),
            recall=lambda _: None,
        )
        return [await one for one in rounds_of(wlan, expected)][-1]

    return asyncio.run(rounds())


def told(result: Round, expected: dict[str, Any]) -> dict[str, Any]:
    """As much of a round as the case expects something about; every access point in any case."""
    (run,) = result.runs
    aps = {one.ap: one.model_dump() for one in result.readings if isinstance(one, AccessPoint)}
    radios = {f"{one.ap}/{one.radio}": one.model_dump() for one in result.readings if isinstance(one, Radio)}
    wanted = expected.get("radios", {})
    return {
        "status": run.status,
        "reason": run.reason,
        "aps": {name: _like(ap, expected["aps"].get(name, {})) for name, ap in aps.items()},
        "radios": {name: _like(radios[name], fields) for name, fields in wanted.items() if name in radios},
        "absent_radios": [name for name in expected.get("absent_radios", []) if name not in radios],
    }


def _like(fields: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in wanted} or {"room": fields["room"], "state": fields["state"]}


def whole(expected: dict[str, Any]) -> dict[str, Any]:
    parts = {"radios": {}, "absent_radios": []} | expected
    return {name: parts[name] for name in ("status", "reason", "aps", "radios", "absent_radios")}


@pytest.mark.parametrize("name", NAMES)
def test_a_device_is_read_as_its_case_says(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    assert told(over_the_wire(CASES / name, expected), expected) == whole(expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_says_what_its_device_says(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    assert told(from_the_file(CASES / name, expected), expected) == whole(expected)
