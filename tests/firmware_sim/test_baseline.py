"""Baseline scenarios: invented districts whose published counts come out exactly, or are refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim import Scenario, World, load_scenario
from firmware_sim.baseline.drafting import build
from firmware_sim.baseline.standings import deal
from firmware_sim.baseline.targets import INDICATORS, STAGES, Passing, Stage, Targets, TargetsError
from firmware_sim.ledger import entries
from runtime import ConfigError, load

FILE = Path("firmware_sim/scenarios/binhai-2021.toml")
TARGETS = load(Targets, FILE)


@pytest.fixture(scope="module")
def district() -> Scenario:
    return load_scenario("binhai-2021")


def test_the_same_seed_builds_the_same_district(district: Scenario) -> None:
    assert district == load_scenario("binhai-2021")


def test_another_seed_builds_another_district_of_the_same_size(district: Scenario) -> None:
    other = build(TARGETS.model_copy(update={"seed": 7}))
    assert len(district.schools) == len(other.schools)
    assert district.schools[5].primary_pupils != other.schools[5].primary_pupils


def test_the_published_sections_are_spread_over_legal_schools_of_every_kind(district: Scenario) -> None:
    kinds = [school.kind for school in district.schools]
    assert {"小学": 100, "九年一贯制": 24, "十二年一贯制": 4, "初中": 32, "完全中学": 14} == {
        kind: kinds.count(kind) for kind in dict.fromkeys(kinds)
    }
    assert (128, 74) == (
        sum(school.primary_pupils > 0 for school in district.schools),
        sum(school.junior_pupils > 0 for school in district.schools),
    )


def test_every_school_is_plainly_a_simulated_one(district: Scenario) -> None:
    assert [] == [school.name for school in district.schools if not school.name.startswith("滨海模拟")]


def test_classes_and_pupils_of_a_school_agree(district: Scenario) -> None:
    wrong = [
        school.name
        for school in district.schools
        if not school.primary_pupils <= school.primary_classes * school.largest_primary_class
        or (school.oversized_primary_classes or 0) > school.primary_classes
        or (school.largest_primary_class > 45) != bool(school.oversized_primary_classes)
    ]
    assert [] == wrong
    assert 569 == sum(school.oversized_primary_classes or 0 for school in district.schools)


def test_a_form_that_says_more_than_there_is_leaves_broken_displays_and_a_smaller_ledger(
    district: Scenario,
) -> None:
    said, there = (0, 0), (0, 0)
    for school in district.schools:
        declared = school.declared.school
        broken = sum(entry.fault == "lamp-error" for entry in school.planted)
        rooms = sum(room.projector != "none" for room in school.rooms) - broken
        if declared.multimedia_rooms != rooms:
            said = (said[0] + 1, said[1])
        if declared.equipment_cny != school.ledger_cny:
            said = (said[0], said[1] + 1)
        assert (declared.multimedia_rooms or 0) >= rooms
        assert (declared.equipment_cny or 0) >= (school.ledger_cny or 0)
    for stage in STAGES:
        there = (there[0] + TARGETS.overstated[stage]["L7"], there[1] + TARGETS.overstated[stage]["L6"])
    assert there == said


def test_every_ledger_adds_up_to_what_there_is_without_lines_too_small_to_count(district: Scenario) -> None:
    world = World(district)
    wrong = []
    for school in district.schools:
        counted = [
            entry
            for entry in entries(world.campus(school.code))
            if entry.status == "在用" and entry.code[:3] in {"A02", "202", "201", "208"}
        ]
        fen = sum(entry.fen for entry in counted if entry.fen >= entry.pieces * 100_000)
        if fen != int((school.ledger_cny or 0) * 100):
            wrong.append(school.name)
    assert [] == wrong


def test_a_truthful_district_differs_only_in_what_its_forms_say(district: Scenario) -> None:
    truthful = build(TARGETS.truthful())
    assert [school.ledger_cny for school in district.schools] == [
        school.declared.school.equipment_cny for school in truthful.schools
    ]


SCHOOLS: dict[str, tuple[Stage, ...]] = {f"P{n:03}": ("primary",) for n in range(100)}
SCHOOLS |= {f"W{n:03}": ("primary", "junior") for n in range(28)}
SCHOOLS |= {f"J{n:03}": ("junior",) for n in range(46)}


@given(
    changes=st.dictionaries(st.sampled_from(["L2", "L3", "L4", "L5", "L6", "L7"]), st.integers(-8, 8)),
    overall=st.integers(-3, 8),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_counts_that_can_come_out_do_and_others_are_refused(
    changes: dict[str, int], overall: int, seed: int
) -> None:
    before = TARGETS.passing["primary"]
    counts = before.model_dump()
    counts |= {code: min(128, counts[code] + change) for code, change in changes.items()}
    counts["overall"] += overall
    passing = {**TARGETS.passing, "primary": Passing(**counts)}
    targets = TARGETS.model_copy(update={"passing": passing, "seed": seed})
    try:
        sections = deal(targets, SCHOOLS)
    except TargetsError:
        return
    primary = [one for one in sections.values() if one.stage == "primary"]
    assert counts == {
        "overall": sum(one.passes for one in primary),
        **{code: sum(code not in one.missed for one in primary) for code in INDICATORS},
    }


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("line", "change", "reason"),
    [
        ("L7 = 120", "L7 = 20", "primary L7: 106 misses cannot be dealt to 88 sections"),
        ("overall = 22", "overall = 70", "junior: 54 sections pass as a whole, not 70"),
        ("L2 = 74", "L2 = 128", "primary: too few misses"),
        ("crowded_total = 569", "crowded_total = 5690", "crowded_total: "),
        ("rooms = 50", "rooms = 500", "occupied: school 3412000125 has no 30 music and art rooms to occupy"),
        (
            "[single.junior]\nL4",
            "[single.junior]\nL2",
            "junior L2 3112000142 is to keep its floor of",
        ),
    ],
)
def test_targets_that_contradict_one_another_are_refused_with_the_reason(
    line: str, change: str, reason: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(FILE.read_text(encoding="utf-8").replace(line, change, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_scenario(str(wrong))
    assert str(refused.value).startswith(f"{wrong}: {reason}")


@pytest.mark.usefixtures("in_english")
def test_rows_for_schools_of_two_stages_must_be_as_many_as_the_schools(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    text = FILE.read_text(encoding="utf-8").replace(
        'count = 24\nprefix = "3112"', 'count = 25\nprefix = "3112"'
    )
    wrong.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="shared describes 28 schools of two stages, the groups have 29"):
        load_scenario(str(wrong))
