"""Scenarios: read whole, or refused with the key that is wrong."""

import tomllib
from pathlib import Path

import pytest

import firmware_sim
from firmware_sim import load_scenario
from runtime import ConfigError
from tests.firmware_sim.conftest import CASES

REFUSED = sorted(folder for folder in (CASES / "refused").iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_wrong_scenario_is_refused_with_file_and_key(case: Path, tmp_path: Path) -> None:
    change = tomllib.loads((case / "change.toml").read_text(encoding="utf-8"))
    text = (CASES / "week" / "scenario.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(change["find"], change["put"]), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_scenario(str(wrong))
    expected = (case / "expected.txt").read_text(encoding="utf-8").strip()
    assert str(refused.value) == f"{wrong}: {expected}"


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ConfigError) as refused:
        load_scenario("nowhere")
    assert "没有名为 'nowhere' 的场景：现有 binhai-2021、demo，或给出 .toml 文件" == str(refused.value)


def test_a_seed_of_ones_own_replaces_the_scenarios() -> None:
    assert load_scenario("demo", seed=5).seed == 5


def test_every_scenario_is_packed_with_the_distribution() -> None:
    root = Path(firmware_sim.__file__).parent
    project = tomllib.loads((root.parent / "pyproject.toml").read_text(encoding="utf-8"))
    packed = {
        file for pattern in project["tool"]["setuptools"]["package-data"]["*"] for file in root.glob(pattern)
    }
    assert set((root / "scenarios").iterdir()) - packed == set()


def test_the_demo_stays_small_enough_to_watch() -> None:
    sizes = [
        (len(school.rooms), sum(room.aps for room in school.rooms))
        for school in load_scenario("demo").schools
    ]
    assert sizes == [(12, 11), (12, 12), (13, 12)]
