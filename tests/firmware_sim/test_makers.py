"""Controllers of other makers as net-snmp's own tools see them; Huawei's is looked at in test_snmp_agent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from firmware_sim import Endpoint, Scenario, serve
from tests.firmware_sim.conftest import LESSON, at
from tests.firmware_sim.far_side import net_snmp, walk

SCHOOL = "0112000004"
APS = 13  # ten classrooms with one each, a hall with three
H3, RJ = "1.3.6.1.4.1.25506.2.75", "1.3.6.1.4.1.4881.1.1.10.2"
T = TypeVar("T")


def made_by(maker: str, week: Scenario) -> Scenario:
    schools = tuple(school.model_copy(update={"controller": maker}) for school in week.schools)
    return week.model_copy(update={"schools": schools})


def ask(maker: str, week: Scenario, question: Callable[[Endpoint], Awaitable[T]]) -> T:
    async def answer() -> T:
        async with serve(made_by(maker, week), clock=at(LESSON)) as addresses:
            return await question(addresses[SCHOOL].controller)

    return asyncio.run(answer())


async def values(controller: Endpoint, column: str) -> dict[str, str]:
    """The values of a column by index, without their types."""
    rows = await walk(controller, column)
    return {name.removeprefix(f"{column}."): value.partition(": ")[2] for name, value in rows.items()}


@pytest.mark.parametrize("maker", ["huawei", "h3c", "ruijie"])
def test_walking_step_by_step_and_in_bulk_finds_the_same_objects(maker: str, week: Scenario) -> None:
    async def both(controller: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        steps = await walk(controller, "1.3.6.1", tool="snmpwalk")
        return steps, await walk(controller, "1.3.6.1", tool="snmpbulkwalk")

    steps, bulk = ask(maker, week, both)
    assert (list(steps.items()), len(steps) > 20 * APS) == (list(bulk.items()), True)


@pytest.mark.parametrize(
    ("maker", "oid", "expected"),
    [
        ("h3c", "1.3.6.1.2.1.1.2", "OID"),
        ("h3c", f"{H3}.1.1.2.1", "INTEGER"),
        ("h3c", f"{H3}.2.1.1.1.4", "INTEGER"),
        ("h3c", f"{H3}.2.1.2.1.2", "IpAddress"),
        ("h3c", f"{H3}.2.1.2.1.3", "Hex-STRING"),
        ("h3c", f"{H3}.2.1.3.1.26", "INTEGER"),
        ("h3c", f"{H3}.2.1.4.1.4", "Hex-STRING"),
        ("h3c", f"{H3}.2.1.10.1.1", "Timeticks"),
        ("ruijie", f"{RJ}.56.1.1.81", "Gauge32"),
        ("ruijie", f"{RJ}.56.2.1.1.1.1", "Hex-STRING"),
        ("ruijie", f"{RJ}.56.2.1.1.1.33", "IpAddress"),
        ("ruijie", f"{RJ}.56.2.1.1.1.52", "Timeticks"),
        ("ruijie", f"{RJ}.63.1.4.6.1.2", "INTEGER"),
    ],
)
def test_every_value_has_the_type_its_mib_gives_it(
    maker: str, oid: str, expected: str, week: Scenario
) -> None:
    rows = ask(maker, week, lambda controller: walk(controller, oid))
    assert {value.partition(":")[0] for value in rows.values()} == {expected}


def test_h3c_names_its_rows_by_the_serial_number_with_its_length(week: Scenario) -> None:
    names = list(ask("h3c", week, lambda controller: values(controller, f"{H3}.2.1.2.1.7")))
    first = [int(part) for part in names[0].split(".")]
    assert (first[0], bytes(first[1:]).startswith(b"21023SIM")) == (len(first) - 1, True)


def test_an_access_point_that_has_gone_has_no_row_with_h3c(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[int, ...]:
        count = await values(controller, f"{H3}.1.1.2.1")
        tables = [
            await values(controller, f"{H3}.{column}") for column in ("2.1.1.1.4", "2.1.2.1.3", "2.1.3.1.4")
        ]
        return (int(count["0"]), *map(len, tables))

    joined, status, running, radios = ask("h3c", week, look)
    assert (joined < APS, status, running, radios) == (True, joined, joined, 2 * joined)


def test_an_access_point_that_has_gone_is_offline_in_ruijies_general_table_only(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[list[str], int, int, list[str]]:
        general = list((await values(controller, f"{RJ}.56.2.1.8.1.3")).values())
        online = len(await values(controller, f"{RJ}.56.2.1.1.1.48"))
        radios = len(await values(controller, f"{RJ}.81.2.3.1.1.7"))
        scalars = await values(controller, f"{RJ}.56.1.1")
        return general, online, radios, [scalars[f"{number}.0"] for number in (11, 80, 81)]

    general, online, radios, (joined, gone, all_of_them) = ask("ruijie", week, look)
    assert (len(general), general.count("1"), radios) == (APS, online, 2 * online)
    assert (int(joined), int(gone), int(all_of_them)) == (online, APS - online, APS)


def test_ruijies_radio_that_is_up_says_0(week: Scenario) -> None:
    found = ask("ruijie", week, lambda controller: values(controller, f"{RJ}.81.2.3.1.1.7"))
    assert set(found.values()) == {"0"}


def test_ruijie_tells_noise_by_channel_the_one_in_use_among_them(week: Scenario) -> None:
    async def look(controller: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        return await values(controller, f"{RJ}.63.1.4.6.1.2"), await values(controller, f"{RJ}.56.2.1.2.1.11")

    noise, channels = ask("ruijie", week, look)
    assert {f"{index}.{channel}" for index, channel in channels.items()} <= set(noise)


def test_channels_255_where_h3c_has_measured_nothing(week: Scenario) -> None:
    found = ask("h3c", week, lambda controller: values(controller, f"{H3}.2.1.3.1.26"))
    assert all(value == "255" or 0 <= int(value) <= 100 for value in found.values())


@pytest.mark.parametrize("maker", ["h3c", "ruijie"])
def test_what_is_missing_is_named_by_kind(maker: str, week: Scenario) -> None:
    oids = {"h3c": f"{H3}.2.1.2.1.3.1.65", "ruijie": f"{RJ}.56.2.1.1.1.1.1.2.3.4.5.6"}

    async def missing(controller: Endpoint) -> str:
        return (await net_snmp("snmpget", controller, oids[maker]))[1]

    assert "No Such Instance currently exists" in ask(maker, week, missing)
