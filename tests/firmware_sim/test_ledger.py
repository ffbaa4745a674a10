"""The asset ledgers that simulated offices keep."""

from decimal import Decimal
from pathlib import Path

import pytest

from firmware_sim import Scenario, World, load_scenario
from firmware_sim.ledger import entries, write_ledger

NOT_COUNTED = 4


def counted_fen(world: World, code: str) -> int:
    lines = list(entries(world.campus(code)))
    return sum(line.fen for line in lines[:-NOT_COUNTED])


@pytest.mark.parametrize("cny", ["0", "999.99", "6000", "720000", "240000.50", "12345678.91"])
def test_teaching_equipment_adds_up_to_the_scenarios_figure_to_the_fen(week: Scenario, cny: str) -> None:
    one = week.schools[0]
    ledger = one.ledger.model_copy(update={"equipment_cny": Decimal(cny)})
    world = World(week.model_copy(update={"schools": (one.model_copy(update={"ledger": ledger}),)}))
    assert counted_fen(world, one.code) == Decimal(cny) * 100


def test_the_demo_declares_more_than_one_of_its_ledgers_holds() -> None:
    demo = load_scenario("demo")
    world = World(demo)
    short = [
        school.declared.school.equipment_cny * 100 - counted_fen(world, school.code)
        for school in demo.schools
        if school.declared.school.equipment_cny is not None
    ]
    assert short == [0, 0, 7_000_000]


def test_a_school_that_declares_nothing_has_no_ledger(
    week: Scenario, week_world: World, tmp_path: Path
) -> None:
    written = [write_ledger(week_world.campus(school.code), tmp_path) for school in week.schools]
    assert written == [tmp_path / "assets.csv", None]


def test_a_ledger_has_the_same_bytes_each_time_and_its_own_encoding(tmp_path: Path) -> None:
    world = World(load_scenario("demo"))
    files = [write_ledger(world.campus("3112000002"), tmp_path / name) for name in "ab"]
    texts = [file.read_bytes() for file in files if file]
    assert (texts[0] == texts[1], "原值(万元)" in texts[0].decode("gb18030")) == (True, True)
