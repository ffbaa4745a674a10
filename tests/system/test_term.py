"""The past that is told is what gateways would have sent: reading by reading, and through ingest whole."""

import asyncio
import datetime as dt
import os
import threading
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from campus.term.sending import sender
from campus.term.telling import SchoolDay, tell
from contract import MEASUREMENTS, Reading
from contract.readings import reading_adapter
from edge_agent.collectors.base import Closing, Collector
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.scheduler import dated
from firmware_sim import Scenario, SchoolEndpoints, World, environment, load_scenario, serve, write_devices
from firmware_sim.files import list_rooms, read_addresses
from firmware_sim.history import Span, places_of
from firmware_sim.history.beacons import beacons_round
from firmware_sim.history.papers import ledger_round, survey_round
from firmware_sim.history.plugs import PlugsPast
from firmware_sim.history.presence import PresencePast
from firmware_sim.history.projectors import Second, projectors_round
from firmware_sim.history.span import SchoolPlaces, Told
from firmware_sim.history.wireless import wireless_round
from firmware_sim.ledger import write_ledger
from firmware_sim.rooms.district import Pace, serve_all_rooms
from firmware_sim.rooms.equipment import Equipment
from firmware_sim.rooms.life import RoomLife
from firmware_sim.survey import write_walk
from firmware_sim.world import Campus
from ingest.accounts import balances
from ingest.main import run as run_ingest
from ingest.quarantine import Quarantine
from ingest.settings import IngestSettings
from runtime import BrokerSettings
from store import Query, Select, Store, open_store
from tests.servers import Server

TODAY = dt.date(2026, 11, 13)
# How long it took and how many questions: that is the network's, not the device's.
EFFORT = {"duration_ms", "requests", "retries"}
INTERVAL_S = 60
DAY_S = 86_400


def moment(text: str) -> float:
    return dt.datetime.fromisoformat(f"{text}+08:00").timestamp()


def of_maker(school: str, maker: str) -> Scenario:
    """The demonstration's district in its term, with one school alone and its controller of this make."""
    told = load_scenario("demo").on(TODAY)
    only = next(one for one in told.schools if one.code == school)
    return told.model_copy(update={"schools": (only.model_copy(update={"controller": maker}),)})


def collectors(
    scenario: Scenario, at: SchoolEndpoints, folder: Path, notes: dict[str, str]
) -> list[Collector]:
    """The school's gateway's own; `notes` is what they remember."""
    school = scenario.schools[0].code
    rooms = tomllib.loads((folder / school / "rooms.toml").read_text(encoding="utf-8"))
    settings = EdgeSettings.model_validate(
        {
            "district": scenario.district,
            "school": school,
            "gateway": "gw-1",
            "broker": {"url": "mqtt://127.0.0.1:1"},
            "snmp_wlan": [
                {
                    "id": "ac1",
                    "host": at.controller.host,
                    "port": at.controller.port,
                    "community": "env:CAMPUS_SIM_COMMUNITY",
                    "rooms": "aps.csv",
                }
            ],
            "pjlink": [{"id": "projectors", "projectors": "projectors.csv"}],
            "survey": [{"id": "survey", "folder": "survey"}],
            "ledger": [{"id": "ledger", "folder": "ledger", "interval_s": INTERVAL_S}],
            **rooms,
        },
        context={"folder": folder / school},
    )
    return [build(notes.get) for build in settings.prepare()]


def read_by_a_gateway(
    scenario: Scenario, time: float, folder: Path, broker: Server
) -> tuple[dict[str, list[set[str]]], SchoolPlaces]:
    """What a real gateway makes of the simulated devices, collector by collector: two rounds of each.

    It has known controller, panels and class PCs since the day before.
    """
    os.environ.update(environment(scenario))
    world, school = World(scenario), scenario.schools[0].code

    async def story() -> tuple[dict[str, list[set[str]]], SchoolPlaces]:
        moments = [time - DAY_S]
        clock = partial(_last, moments)
        async with (
            serve(scenario, clock=clock, world=world) as addresses,
            serve_all_rooms(
                world,
                folder,
                clock=clock,
                plug_broker=("127.0.0.1", broker.port),
                pace=Pace(report_s=0.05, tell_s=0.05),
            ) as rooms,
        ):
            write_devices(scenario, folder, addresses, world=world)
            list_rooms(folder, {school: served.at for school, served in rooms.items()})
            write_ledger(world.campus(school), folder / school / "ledger")
            write_walk(world.campus(school), folder / school / "survey", time=time)
            found: dict[str, list[set[str]]] = {}
            notes: dict[str, str] = {}
            asked = collectors(scenario, addresses[school], folder, notes)
            for collector in asked:
                if collector.id in {"ac1", "rooms"}:
                    notes |= (await collector.collect(lambda: round(moments[-1] * 1000))).notes
            moments.append(time)
            for served in rooms.values():
                await served.rooms.follow()
            for collector in asked:
                # What speaks of itself has done so by then.
                if collector.id in {"plugs", "beacons"}:
                    await _heard_all(collector, time)
                for _ in range(2):
                    result = dated(await collector.collect(lambda: round(time * 1000)), collector)
                    notes |= result.notes
                    found.setdefault(collector.id, []).append(plain([*result.readings, *result.runs]))
                if isinstance(collector, Closing):
                    await collector.close()
            places = places_of(scenario, world, read_addresses(folder / "addresses.csv", scenario))
            return found, places[school]

    return asyncio.run(story())


def _last(moments: list[float]) -> float:
    return moments[-1]


async def _heard_all(collector: Collector, time: float) -> None:
    """Until a round is whole; what speaks tells again and again."""
    for _ in range(100):
        result = await collector.collect(lambda: round(time * 1000))
        if all(run.rows == run.expected for run in result.runs):
            return
        await asyncio.sleep(0.05)


def plain(readings: Iterable[Reading]) -> set[str]:
    return {reading.model_dump_json(exclude_none=True, exclude=EFFORT) for reading in readings}


def checked(told: Iterable[Told]) -> set[str]:
    return plain(
        reading_adapter.validate_python({key: value for key, value in one.items() if value is not None})
        for one in told
    )


@pytest.mark.parametrize(
    ("school", "maker", "time"),
    [
        ("3112000003", "huawei", "2026-09-08 10:20"),  # an access point is down
        ("3112000003", "h3c", "2026-09-08 10:20"),
        ("3112000003", "ruijie", "2026-09-08 10:20"),
        # A lamp is broken, an access point was replaced; class PCs report themselves.
        ("2112000001", "huawei", "2026-10-08 10:20"),
        ("3112000002", "h3c", "2026-10-21 23:00"),  # a projector is on at night, another is mute
    ],
)
def test_a_round_of_the_past_is_what_a_gateway_reads_of_the_devices(
    school: str, maker: str, time: str, tmp_path: Path, broker: Server
) -> None:
    scenario, now = of_maker(school, maker), moment(time)
    real, places = read_by_a_gateway(scenario, now, tmp_path, broker)
    campus, told_ms = World(scenario).campus(school), round(now * 1000)
    at, second = {"interval_s": INTERVAL_S, "told_ms": told_ms}, Second()
    told = {
        "ac1": [
            checked(wireless_round(campus, places, time=now, before=before, **at))
            for before in (now - DAY_S, now)
        ],
        "projectors": [
            checked(projectors_round(campus, places, time=now, first=first, second=second, **at))
            for first in (True, False)
        ],
        "survey": [checked(survey_round(campus, walk=walk, **at)) for walk in (now, None)],
        "ledger": [checked(ledger_round(campus, time=now, tell=tell, **at)) for tell in (True, False)],
        **rooms_of(scenario, campus, places, now, at),
    }
    differing = [
        (sorted(one - other), sorted(other - one))
        for name, rounds in real.items()
        for one, other in zip(rounds, told[name], strict=True)
        if one != other
    ]
    assert [] == differing
    assert ({2}, real.keys()) == ({len(rounds) for rounds in real.values()}, told.keys())


def rooms_of(
    scenario: Scenario, campus: Campus, places: SchoolPlaces, now: float, at: dict[str, int]
) -> dict[str, list[set[str]]]:
    """The same of panels, plugs and beacons: only what the school has. The panels were met the day before."""
    equipment, life = Equipment(campus.school), RoomLife(campus, seed=scenario.seed)
    presence, plugs = PresencePast(equipment, life, places), PlugsPast(equipment, life, places)
    list(presence.round(time=now - DAY_S, **at))
    list(plugs.round(time=now, **at))  # it had been heard before
    found = {
        "rooms": [checked(presence.round(time=now, **at)) for _ in range(2)],
        "plugs": [checked(plugs.round(time=now, **at)) for _ in range(2)],
        "beacons": [checked(beacons_round(equipment, life, places, time=now, **at)) for _ in range(2)],
    }
    return {name: rounds for name, rounds in found.items() if rounds[0]}


@contextmanager
def ingesting(broker: Server, folder: Path) -> Iterator[Store]:
    """The store that ingest writes to."""
    stop = threading.Event()
    url = f"sqlite:///{folder / 'readings.sqlite'}"
    settings = IngestSettings.model_validate(
        {
            "store": url,
            "quarantine": folder / "quarantine.sqlite",
            "share": "of-a-term",
            "broker": {"url": f"mqtt://127.0.0.1:{broker.port}"},
        }
    )
    with open_store(url) as store:
        store.prepare()
        service = threading.Thread(target=run_ingest, args=(settings, stop), name="ingest of a term")
        service.start()
        try:
            yield store
        finally:
            stop.set()
            service.join()


def test_a_past_goes_through_ingest_whole_and_a_day_is_over_before_what_came_late(
    broker: Server, tmp_path: Path
) -> None:
    """The gateway was away on the second and third day: who judged them had nothing of it."""
    scenario = of_maker("3112000002", "h3c")
    span = Span(begin=moment("2026-10-12 00:00"), end=moment("2026-10-16 00:00"), interval_s=1200)
    seen: dict[int, int] = {}
    with ingesting(broker, tmp_path) as store:

        def look(day: SchoolDay) -> None:
            rows = store.query(
                Query(
                    measurement=MEASUREMENTS["access_point"],
                    select=(Select("state", "count", "n"),),
                    since=round((day.over - 8 * 3600) * 1000),
                    until=round(day.over * 1000),
                )
            )
            seen[day.day.day] = sum(int(row.values["n"] or 0) for row in rows)

        settings = BrokerSettings(url=f"mqtt://127.0.0.1:{broker.port}")
        for _ in range(2):  # told twice is stored once
            with sender(settings, scenario.district, threading.Event()) as out:
                tell(scenario, span, out, day_over=None if seen else look)
        quarantine = Quarantine(tmp_path / "quarantine.sqlite")
        # The broker is shared: it may still hold what gateways of other tests said of themselves.
        found = balances(store, [quarantine])
        (balance,) = (one for one in found if one.address.school == "3112000002")
        quarantine.close()
    # Twelve access points, three rounds an hour; what is an hour old was not sent yet.
    assert [seen[12] >= 12 * 21, seen[13], seen[14], seen[15] >= 12 * 21] == [True, 0, 0, True]
    assert (balance.agrees, balance.missing, balance.pending, balance.quarantined) == (True, 0, 0, 0)
    assert balance.produced == out.stored
