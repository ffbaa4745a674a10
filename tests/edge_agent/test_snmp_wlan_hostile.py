"""Agents that answer little at a time, repeat themselves, send damage, or never end."""

import tracemalloc

import pytest

from tests.edge_agent.controllers import (
    AP,
    RADIO,
    Faulty,
    controller,
)
from tests.edge_agent.wlan import aps, collect_from, radios, room_map, run_of, verdict


def test_a_controller_that_manages_few_rows_at_once_is_read_whole() -> None:
    agent = Faulty(controller(40), too_big_above=5)
    result = collect_from(agent)
    assert (verdict(result), len(radios(result))) == (("ok", 40, 40), 80)


def test_an_agent_that_repeats_itself_is_garbled_and_nothing_of_it_is_kept() -> None:
    agent = Faulty(controller(40), repeating=True)
    result = collect_from(agent, rooms=room_map(SER1="101"))
    assert (run_of(result).status, [ap.state for ap in aps(result).values()]) == ("decode", ["unknown"])


@pytest.mark.parametrize("answer", ["3082", "3003616263", "00", "3080", "30848000000000", "ff" * 1400])
def test_an_agent_that_sends_damaged_bytes_is_decode_and_nothing_more(answer: str) -> None:
    result = collect_from(Faulty(controller(4), garbage=bytes.fromhex(answer)), rooms=room_map(SER1="101"))
    actual = (run_of(result).status, {ap.ap: ap.state for ap in aps(result).values()})
    assert actual == ("decode", {"SER1": "unknown"})


def test_an_agent_that_answers_other_questions_is_decode() -> None:
    result = collect_from(Faulty(controller(4), other_number=True))
    assert run_of(result).status == "decode"


def test_a_table_without_end_is_decode() -> None:
    result = collect_from(Faulty(controller(4), endless=f"{AP}.6"))
    assert run_of(result).status == "decode"


@pytest.mark.parametrize(
    "agent",
    [
        Faulty(controller(4), endless=f"{AP}.6"),
        Faulty(controller(4), endless=f"{RADIO}.7"),
        Faulty(
            {
                oid: b"x" * 1400 if isinstance(value, bytes) else value
                for oid, value in controller(900).items()
            }
        ),
    ],
    ids=["access points without end", "radios without end", "long names"],
)
def test_an_agent_gone_wild_takes_little_memory(agent: Faulty) -> None:
    tracemalloc.start()
    try:
        collect_from(agent)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 24 * 1024**2


def test_an_agent_that_answers_few_objects_at_a_time_is_read_whole() -> None:
    result = collect_from(Faulty(controller(12), most=3))
    assert (verdict(result), len(radios(result))) == (("ok", 12, 12), 24)


def test_lost_packets_are_asked_for_again() -> None:
    agent = Faulty(controller(40), mute=lambda request: request % 5 == 0)
    result = collect_from(agent)
    assert (verdict(result), run_of(result).retries > 0) == (("ok", 40, 40), True)
