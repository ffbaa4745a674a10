"""A short run of what `campus bench fuzz` runs for longer."""

import random

import pytest

from campus.bench import fuzz_files, fuzz_rooms
from campus.bench.fuzz import Fuzz, Fuzzed, damaged, fuzz
from campus.bench.fuzz_devices import fuzz_snmp, subjects
from campus.bench.fuzz_messages import fuzz_messages


@pytest.mark.parametrize(("name", "run"), subjects())
def test_no_damaged_answer_crashes_a_collector(name: str, run: Fuzz) -> None:
    found = run(1000, 7)
    assert (found.crashes, found.answers >= 1000, found.ended["decode"] > 0) == ([], True, True)


@pytest.mark.parametrize(("name", "run"), fuzz_files.subjects())
def test_no_damaged_file_crashes_a_reader(name: str, run: Fuzz) -> None:
    found = run(500, 7)
    assert (found.crashes, found.ended["partial"] + found.ended["decode"] > 0) == ([], True)


@pytest.mark.parametrize(("name", "run"), fuzz_rooms.subjects())
def test_nothing_damaged_of_rooms_crashes_its_reader(name: str, run: Fuzz) -> None:
    found = run(300, 7)
    assert ([], True, True) == (found.crashes, found.answers >= 300, found.ended["decode"] > 0)


def test_no_damaged_message_crashes_ingest() -> None:
    found = fuzz_messages(5000, 7)
    assert (found.crashes, found.answers, {"read", "in part", "set aside"} <= set(found.ended)) == (
        [],
        5000,
        True,
    )


def test_the_same_seed_damages_alike() -> None:
    answer = b"%1POWR=1\r" * 4

    def spoilt(seed: int) -> list[bytes]:
        chance = random.Random(seed)  # noqa: S311 - damage, no secret
        return [damaged(answer, chance) for _ in range(200)]

    assert spoilt(3) == spoilt(3)
    assert spoilt(3) != spoilt(4)


def test_damage_changes_an_answer_more_often_than_not() -> None:
    chance = random.Random(1)  # noqa: S311 - the same damage in every run
    assert sum(damaged(b"%1POWR=1\r", chance) != b"%1POWR=1\r" for _ in range(1000)) > 900


def test_a_crash_is_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        """As a library in another language raises it."""

    def panic(*_: object) -> None:
        raise Panic("30 82")

    monkeypatch.setattr("edge_agent.snmp.v2c.read_answer", panic)
    lines: list[str] = []
    crashes = fuzz([("SNMP", fuzz_snmp)], answers=1, seed=1, say=lines.append)
    assert (crashes >= 1, lines[1]) == (True, "  Panic: 30 82")


def test_what_went_well_is_one_line() -> None:
    lines: list[str] = []
    crashes = fuzz(
        [("X", lambda answers, seed: Fuzzed(answers=answers, rounds=2))], answers=9, seed=1, say=lines.append
    )
    assert (crashes, len(lines)) == (0, 1)
