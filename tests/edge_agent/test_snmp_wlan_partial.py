"""Controllers that tell a part: columns, rows or counts that are missing, and which devices are none."""

import asyncio
from collections import Counter
from itertools import count

import pytest

from tests.edge_agent.controllers import (
    AP,
    DESCRIPTION,
    JOINED,
    OBJECT_ID,
    RADIO,
    RADIO_ROW,
    TOTAL,
    Faulty,
    Value,
    controller,
    mac,
    serving,
)
from tests.edge_agent.wlan import NOW, aps, collect_from, collector, radios, room_map, run_of, verdict

NOT_TOLD: dict[str, dict[str, Value | None]] = {
    "state 没有一行读得懂：设备不给出，或不许读": {f"{AP}.6.{mac(ap)}": None for ap in range(3)},
    "state 没有一行读得懂": {f"{AP}.6.{mac(ap)}": b"normal" for ap in range(3)},
    "clients 没有一行读得懂": {f"{AP}.44.{mac(ap)}": b"twelve" for ap in range(3)},
    "up 没有一行读得懂": {f"{RADIO}.6.{mac(ap)}.{radio}": 9 for ap in range(3) for radio in (0, 1)},
    "band 没有一行读得懂": {f"{RADIO}.5.{mac(ap)}.{radio}": 9 for ap in range(3) for radio in (0, 1)},
}


@pytest.mark.parametrize("told", NOT_TOLD)
def test_a_column_of_which_nothing_is_understood_is_told(told: str) -> None:
    run = run_of(collect_from(Faulty(controller(3, changes=NOT_TOLD[told]))))
    assert (run.status, run.reason) == ("partial", told)


HUAWEI_AC = (1, 3, 6, 1, 4, 1, 2011, 2, 240, 6)


def test_a_device_that_no_profile_knows_is_named_and_its_access_points_are_unknown() -> None:
    printer = Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 1602, 4, 7), DESCRIPTION: b"Laser 8420 of li@school.cn"})
    result = collect_from(printer, rooms=room_map(SER0="101"))
    actual = (run_of(result).status, run_of(result).reason, aps(result)["SER0"].state)
    reason = "没有适用于此设备的型号表：1.3.6.1.4.1.1602.4.7 Laser 8420 of"
    assert actual == ("unsupported", reason, "unknown")


def test_a_profile_that_does_not_fit_names_the_device() -> None:
    switch = Faulty({OBJECT_ID: (1, 3, 6, 1, 4, 1, 25506, 1, 1), DESCRIPTION: b"H3C S5130"})
    result = collect_from(switch, {"profile": "huawei"})
    actual = (run_of(result).status, "1.3.6.1.4.1.25506.1.1 H3C S5130" in str(run_of(result).reason))
    assert actual == ("unsupported", True)


def test_a_controller_without_count_is_known_by_its_sysobjectid() -> None:
    objects = controller(3, changes={TOTAL: None, JOINED: None, OBJECT_ID: HUAWEI_AC})
    assert verdict(collect_from(Faulty(objects))) == ("partial", 3, None)


def test_a_truncated_table_is_partial_and_proves_no_absence() -> None:
    # The columns before the state are whole, so its name is known; no state is.
    agent = Faulty(controller(40), end_after=f"{AP}.6.{mac(24)}")
    result = collect_from(agent, rooms=room_map(SER39="139", GONE="140"))
    actual = (verdict(result), aps(result)["SER39"].state, aps(result)["GONE"].state)
    assert actual == (("partial", 40, 40), "unknown", "unknown")


def test_a_generic_error_in_the_middle_of_a_table_is_partial() -> None:
    agent = Faulty(controller(40), error_at=f"{AP}.6.{mac(30)}")
    result = collect_from(agent)
    states = Counter(ap.state for ap in aps(result).values())
    assert (verdict(result), states) == (("partial", 40, 40), {"up": 30, "unknown": 10})


def test_radios_that_are_missing_make_the_round_partial() -> None:
    lost = {f"{RADIO}.{column}.{mac(n)}.{r}": None for column in RADIO_ROW for n in range(11) for r in (0, 1)}
    result = collect_from(Faulty(controller(40, changes=lost)))
    actual = (verdict(result), len(aps(result)), len(radios(result)))
    assert actual == (("partial", 40, 40), 40, 2 * (40 - 11))


def test_a_controller_that_dies_during_the_walk_leaves_what_was_read() -> None:
    # Two requests for the scalars, three for some rows of the table, then silence.
    agent = Faulty(controller(40), mute=lambda request: request > 5)
    result = collect_from(agent, {"timeout_s": 0.05, "retries": 0}, room_map(SER0="101", SER39="139"))
    found = aps(result)
    assert (verdict(result)[0], found["SER0"].state, found["SER39"].state) == ("partial", "up", "unknown")


def test_a_column_the_controller_does_not_have_is_not_asked_for_again() -> None:
    agent = Faulty({oid: value for oid, value in controller(4).items() if f"{AP}.43." not in oid})
    clock = count(NOW).__next__

    async def rounds() -> None:
        async with serving(agent):
            wlan = collector(agent.port)
            for _ in range(2):
                await wlan.collect(clock)

    asyncio.run(rounds())
    assert agent.asked.count(f"{AP}.43") == 1


def test_without_a_count_the_round_is_partial() -> None:
    agent = Faulty(controller(4, changes={TOTAL: None, JOINED: None}))
    result = collect_from(agent)
    assert (verdict(result), len(aps(result))) == (("partial", 4, None), 4)


def test_a_device_with_neither_count_nor_rows_is_no_controller() -> None:
    assert verdict(collect_from(Faulty({"1.3.6.1.2.1.1.1.0": b"printer"}))) == ("unsupported", 0, None)
