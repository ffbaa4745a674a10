"""`campus rules explain`: a verdict down to rooms, devices, points and lines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract import Reading
from registry import Registry
from rules.explain.explaining import CannotExplain, explain, indicators_of
from rules.explain.explanation import Node
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.words import worded
from store import Store, open_store
from tests.rules.build import BINHAI, registry, school
from tests.rules.telemetry import (
    CODE,
    LAST_DAY,
    NOW,
    access_point,
    good_survey,
    points,
    polls,
    projector,
    room,
)
from tests.rules.test_equipment import asset, telling

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "cases" / "rules" / "small"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with open_store(sqlite_url) as opened:
        opened.prepare()
        yield opened


def one_school() -> Registry:
    return registry(
        [school(CODE, primary_pupils=100, primary_classes=3, largest_primary_class=40)],
        rooms=[room("R1"), room("R2")],
        statistics={(CODE, "school", "multimedia_rooms"): 2, (CODE, "school", "equipment_cny"): 250_000},
    )


def opened(store: Store, indicator: str, *readings: Reading) -> Node:
    known = one_school()
    assert store.write(points(*readings)) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    return explain(evaluate(known, BINHAI, facts, LAST_DAY), known, CODE, indicator)


def names(node: Node, level: str) -> list[str]:
    own = [node.name] if node.level == level else []
    return own + [name for part in node.parts for name in names(part, level)]


EVERYTHING: list[Reading] = [
    *good_survey("R1"),
    *(access_point(time, "up", room="R1") for time in polls()),
    *(projector(time, device="P1", room="R1") for time in polls()),
    *telling(asset("1", 60_000), asset("2", 900)),
]


def test_multimedia_rooms_open_down_to_displays_and_access_points(store: Store) -> None:
    node = opened(store, "L7", *EVERYTHING)
    section = node.parts[0]
    rooms = {part.name: part.answer for part in section.parts if part.level == "room"}
    assert (
        section.answer,
        section.completeness,
        rooms,
        names(node, "device"),
        names(node, "access_point"),
    ) == (
        "fail",
        "0.5000",
        {"R1": "working", "R2": "unknown"},
        ["P1 projector"],
        ["AP1"],
    )


def test_equipment_opens_down_to_the_ledgers_lines_with_their_reasons(store: Store) -> None:
    section = opened(store, "L6", *EVERYTHING).parts[0]
    lines = {part.name: part.answer for part in section.parts if part.level == "line"}
    assert lines == {"1 投影机": "counted", "2 投影机": "below_floor"}


def test_wireless_opens_down_to_measuring_points(store: Store) -> None:
    node = opened(store, "wireless", *EVERYTHING)
    assert (names(node, "room"), names(node, "point")) == (["R1", "R2"], ["A 5 GHz", "B 5 GHz", "C 5 GHz"])


def test_every_indicator_there_is_can_be_explained(store: Store) -> None:
    known = one_school()
    assert store.write(points(*EVERYTHING)) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    for basis in (facts, None):
        evaluation = evaluate(known, BINHAI, basis, LAST_DAY)
        found = {code: explain(evaluation, known, CODE, code).parts for code in indicators_of(evaluation)}
        assert [code for code, parts in found.items() if not parts or not all(p.reason for p in parts)] == []


def test_a_merged_school_is_explained_by_the_one_it_is_counted_with() -> None:
    small = school("2112000009", primary_pupils=10, merge_into=CODE)
    known = registry([school(CODE, primary_pupils=100), small])
    node = explain(evaluate(known, BINHAI, None, LAST_DAY), known, "2112000009", "G4")
    assert (CODE in worded(node.reason), dict(node.parts[0].figures)["value"]) == (True, "110")


def test_a_school_that_is_left_out_says_why() -> None:
    known = registry([school(CODE, "教学点", primary_pupils=10)])
    node = explain(evaluate(known, BINHAI, None, LAST_DAY), known, CODE, "L1")
    assert "不足 50 人" in worded(node.parts[0].reason)


@pytest.mark.parametrize(("code", "indicator"), [("2112000099", "L7"), (CODE, "L9")])
def test_an_unknown_school_or_indicator_is_refused(code: str, indicator: str) -> None:
    known = one_school()
    with pytest.raises(CannotExplain, match=code if indicator == "L7" else "L1, L2"):
        explain(evaluate(known, BINHAI, None, LAST_DAY), known, code, indicator)


def campus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "campus.main", "rules", "explain", "--registry", str(SMALL), *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_the_command_prints_json_and_a_tree_and_refuses_what_it_does_not_know() -> None:
    asked = ("--school", "3112000004", "--indicator", "l7", "--as-of", "2021-09-01")
    told: dict[str, Any] = json.loads(campus(*asked, "--format", "json").stdout)
    tree, wrong = campus(*asked), campus("--school", "1", "--indicator", "L7", "--as-of", "2021-09-01")
    assert (
        [(part["name"], part["answer"]) for part in told["parts"]],
        "学段 小学 达标" in tree.stdout,
        (wrong.returncode, wrong.stdout, "登记表中没有学校 1" in wrong.stderr),
    ) == ([("小学", "pass"), ("初中", "pass")], True, (2, "", True))
