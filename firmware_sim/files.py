"""The papers of a simulated district: the bureau's registry, and each school's device lists."""

import csv
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from firmware_sim.addresses import Endpoint, RoomEndpoints, SchoolEndpoints
from firmware_sim.calendar import Calendar
from firmware_sim.scenario import Scenario, School
from firmware_sim.timetable import Timetable
from firmware_sim.world import World
from runtime import ConfigError
from runtime.language import Text

COMMUNITY_VARIABLE = "CAMPUS_SIM_COMMUNITY"
PASSWORD_VARIABLE = "CAMPUS_SIM_PROJECTOR_PASSWORD"  # noqa: S105 - the variable's name, not a password
TOKEN_VARIABLE = "CAMPUS_SIM_BEACON_TOKEN"  # noqa: S105 - the variable's name, not a token

# What stands for a school's room devices in addresses.csv.
_ROOM_DEVICES = {"SW": "snmp", "PN/PC": "tcp", "TP": "mqtt", "beacon": "http"}
_NOT_OF_THIS = Text("不是此场景的设备地址", "not the addresses of this scenario's devices")

_SCHOOL_COLUMNS = (
    "school_code",
    "name",
    "district",
    "kind",
    "unit",
    "primary_pupils",
    "junior_pupils",
    "senior_pupils",
    "primary_classes",
    "junior_classes",
    "largest_primary_class",
    "largest_junior_class",
    "oversized_primary_classes",
    "oversized_junior_classes",
    "lon",
    "lat",
    "merge_into",
    "flags",
)

Row = Iterable[object]


def write_registry(scenario: Scenario, folder: Path) -> None:
    """Write schools.csv, rooms.csv, statistics.csv and calendar.toml, and the optional sheets there are."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "schools.csv", _SCHOOL_COLUMNS, (_school(scenario, one) for one in scenario.schools))
    _write_csv(
        folder / "rooms.csv",
        ("school_code", "room", "name", "kind", "area_m2", "coverage", "multimedia", "occupied"),
        (
            (
                one.code,
                room.code,
                room.name,
                room.kind,
                room.area_m2,
                room.coverage,
                int(room.multimedia),
                int(room.occupied),
            )
            for one in scenario.schools
            for room in one.rooms
        ),
    )
    _write_csv(
        folder / "statistics.csv",
        ("school_code", "stage", "item", "value"),
        (row for one in scenario.schools for row in _statistics(one)),
    )
    if scenario.catalogue:
        _write_csv(
            folder / "catalogue.csv",
            ("name", "stage", "categories", "words", "per", "quantity"),
            (
                (
                    item.name,
                    item.stage,
                    ";".join(item.categories),
                    ";".join(item.words),
                    item.per,
                    item.quantity,
                )
                for item in scenario.catalogue
            ),
        )
    if scenario.timetable_share is not None:
        _write_csv(
            folder / "timetable.csv",
            ("school_code", "room", "weekday", "slot"),
            _timetable(scenario, scenario.timetable_share),
        )
    (folder / "calendar.toml").write_text(_calendar(scenario.calendar), encoding="utf-8")


def write_devices(
    scenario: Scenario,
    folder: Path,
    addresses: Mapping[str, SchoolEndpoints],
    *,
    world: World | None = None,
) -> None:
    """Write a folder per school (aps.csv, projectors.csv, empty survey/ and ledger/), and over all of them
    addresses.csv and sim.env, which holds the secrets that the lists refer to."""
    world = world or World(scenario)
    for school in scenario.schools:
        layout = world.campus(school.code).layout
        endpoints = addresses[school.code]
        place = folder / school.code
        for papers in ("survey", "ledger"):
            (place / papers).mkdir(parents=True, exist_ok=True)
        _write_csv(
            place / "aps.csv", ("ap", "room"), ((ap.serial, ap.room.code) for ap in layout.access_points)
        )
        password = f"env:{PASSWORD_VARIABLE}" if school.projectors_ask_password else ""
        listed = [(one, endpoints.projectors[one.device]) for one in layout.projectors]
        _write_csv(
            place / "projectors.csv",
            ("host", "port", "password", "device", "room"),
            ((at.host, at.port, password, one.device, one.room.code) for one, at in listed),
        )
    _write_csv(
        folder / "addresses.csv", ("school_code", "device", "protocol", "host", "port"), _listing(addresses)
    )
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in environment(scenario).items()]
    (folder / "sim.env").write_text("".join(lines), encoding="utf-8")


def environment(scenario: Scenario) -> dict[str, str]:
    """What a gateway of this district finds in its environment."""
    return {
        COMMUNITY_VARIABLE: scenario.community,
        PASSWORD_VARIABLE: scenario.projector_password,
        TOKEN_VARIABLE: beacon_token(scenario),
    }


def beacon_token(scenario: Scenario) -> str:
    """With which class PCs sign what they report."""
    return f"{scenario.community}-beacon-token"


def read_addresses(listing: Path, scenario: Scenario) -> dict[str, SchoolEndpoints]:
    """Where devices listen, by school, from an addresses.csv; ConfigError where it is of another district."""
    controllers: dict[str, Endpoint] = {}
    rooms: dict[str, dict[str, Endpoint]] = {}
    projectors: dict[str, dict[str, Endpoint]] = {school.code: {} for school in scenario.schools}
    try:
        with listing.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                at = Endpoint(host=row["host"], port=int(row["port"]))
                if row["device"] in _ROOM_DEVICES:
                    rooms.setdefault(row["school_code"], {})[row["device"]] = at
                elif row["protocol"] == "snmp":
                    controllers[row["school_code"]] = at
                elif row["protocol"] == "pjlink":
                    projectors[row["school_code"]][row["device"]] = at
        found = {
            school: SchoolEndpoints(
                controller=controllers[school], projectors=devices, rooms=_rooms_at(rooms.get(school))
            )
            for school, devices in projectors.items()
        }
        complete = all(len(found[one.code].projectors) == _hung(one) for one in scenario.schools)
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(f"{listing}: {_NOT_OF_THIS}") from error
    if not complete:
        raise ConfigError(f"{listing}: {_NOT_OF_THIS}")
    return found


def list_rooms(folder: Path, rooms: Mapping[str, RoomEndpoints]) -> None:
    """Add to addresses.csv where each school's switch, computers, plugs and beacons are found."""
    with (folder / "addresses.csv").open("a", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        for code, at in rooms.items():
            places = (at.switch, Endpoint(host="", port=at.computers), at.plugs, at.beacons)
            for (device, protocol), place in zip(_ROOM_DEVICES.items(), places, strict=True):
                writer.writerow((code, device, protocol, place.host, place.port))


def _rooms_at(found: Mapping[str, Endpoint] | None) -> RoomEndpoints | None:
    if found is None:
        return None
    switch, computers, plugs, beacons = (found[device] for device in _ROOM_DEVICES)
    return RoomEndpoints(switch=switch, computers=computers.port, plugs=plugs, beacons=beacons)


def _hung(school: School) -> int:
    return sum(room.projector != "none" for room in school.rooms)


def _listing(addresses: Mapping[str, SchoolEndpoints]) -> Iterable[Row]:
    for code, endpoints in addresses.items():
        yield code, "AC", "snmp", endpoints.controller.host, endpoints.controller.port
        for device, at in endpoints.projectors.items():
            yield code, device, "pjlink", at.host, at.port


def _school(scenario: Scenario, school: School) -> Row:
    values = school.model_dump(include=set(_SCHOOL_COLUMNS))
    values |= {"school_code": school.code, "district": scenario.district}
    return (values[column] for column in _SCHOOL_COLUMNS)


def _statistics(school: School) -> Iterable[Row]:
    for stage, figures in school.declared.model_dump(exclude_none=True).items():
        for item, value in figures.items():
            yield school.code, stage, item, value


def _timetable(scenario: Scenario, share: float) -> Iterable[Row]:
    """The lessons of every multimedia room; weekdays from Monday = 1, as the sheet counts them."""
    calendar = scenario.calendar
    timetable = Timetable(
        calendar, seed=scenario.seed, share=scenario.lessons_share, shape=scenario.lessons_shape
    )
    for school in scenario.schools:
        for room in school.rooms:
            if room.multimedia:
                for weekday, slot in timetable.week(school.code, room.code, share=share):
                    yield school.code, room.code, weekday + 1, calendar.slot[slot].name


def _calendar(calendar: Calendar) -> str:
    days = ", ".join(f'"{day}"' for day in calendar.school_days)
    parts = [f'timezone = "{calendar.timezone}"\nschool_days = [{days}]\n']
    for kind, periods in (("term", calendar.term), ("holiday", calendar.holiday)):
        parts += [
            f"[[{kind}]]\nname = {_quoted(one.name)}\nfirst = {one.first}\nlast = {one.last}\n"
            for one in periods
        ]
    parts += [f"[[makeup]]\nday = {one.day}\n" for one in calendar.makeup]
    parts += [
        f'[[slot]]\nname = {_quoted(one.name)}\nbegin = "{one.begin:%H:%M}"\nend = "{one.end:%H:%M}"\n'
        for one in calendar.slot
    ]
    return "\n".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write_csv(file: Path, header: Iterable[str], rows: Iterable[Row]) -> None:
    # With a byte order mark, so that a spreadsheet opens it as UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
