"""`campus rules explain`: a verdict down to rooms, devices, points and lines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contract import Point, Reading, RoomDevice
from contract.daybook import SCHOOL_DAY, TOUCHED
from registry import Registry
from rules.explain.explaining import explain, explain_all, indicators_of
from rules.explain.explanation import Node, bad_first
from rules.explain.finding import CannotExplain, find_school
from rules.explain.kept import with_kept
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.words import worded
from store import Query, Select, Store, open_store
from tests.rules.build import BINHAI, CALENDAR, registry, school
from tests.rules.ledgers import asset, telling
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
    silent,
)

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "cases" / "rules" / "small"


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
    own = [worded(node.name)] if node.level == level else []
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
        ["P1 投影机"],
        ["AP1"],
    )


def test_a_class_pc_is_listed_with_the_silent_projector_that_it_stands_in_for(store: Store) -> None:
    mute = [silent(time) for time in polls()]
    present = [
        RoomDevice(
            time=time,
            device="PC1",
            type="class_pc",
            room="R1",
            reachable=True,
            power="on",
            evidence="network",
        )
        for time in polls()
    ]
    node = opened(store, "L7", *mute, *present)
    (said,) = [part for part in devices_of(node) if worded(part.name) == "PC1 教室电脑"]
    assert worded(said.reason) == (
        "询问 10 次，应答 10 次，正常开机 10 次，故障 0 次；P1 全无应答，由它代表；凭设备在线得知"
    )


def devices_of(node: Node) -> list[Node]:
    own = [node] if node.level == "device" else []
    return own + [found for part in node.parts for found in devices_of(part)]


def test_equipment_opens_down_to_the_ledgers_lines_with_their_reasons(store: Store) -> None:
    section = opened(store, "L6", *EVERYTHING).parts[0]
    lines = {part.name: part.answer for part in section.parts if part.level == "line"}
    assert lines == {"1 投影机": "counted", "2 投影机": "below_floor"}


def test_wireless_opens_down_to_measuring_points(store: Store) -> None:
    node = opened(store, "wireless", *EVERYTHING)
    assert (names(node, "room"), names(node, "point")) == (["R2", "R1"], ["A 5 GHz", "B 5 GHz", "C 5 GHz"])


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


NAMED = registry(
    [
        school("2112000001", name="新港第一小学"),
        school("2112000002", name="新港第二小学"),
        school("2112000003", name="北塘学校"),
        school("2112000004", name="育才小学"),
        school("2112000005", name="育才小学"),
        school("2112000006", name="北塘学校分校"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("2112000002", "2112000002"),
        ("２１１２００００02", "2112000002"),
        ("北塘学校", "2112000003"),
        (" 新港 第一小学", "2112000001"),
        ("第二小学", "2112000002"),
    ],
)
def test_a_school_is_found_by_code_name_or_a_part_of_its_name(asked: str, code: str) -> None:
    assert find_school(NAMED, asked).school_code == code


@pytest.mark.parametrize(
    ("asked", "said", "listed"),
    [
        ("育才小学", "2 所学校符合", ["2112000004", "2112000005"]),
        ("新港", "2 所学校符合", ["2112000001", "2112000002"]),
        ("新港一小学", "没有学校 新港一小学，是否指", ["2112000001"]),
        ("2112000030", "没有学校 2112000030，是否指", ["2112000003"]),
        ("", "没有学校", []),
    ],
)
def test_an_ambiguous_or_unknown_name_lists_the_likely_schools(
    asked: str, said: str, listed: list[str]
) -> None:
    with pytest.raises(CannotExplain) as refused:
        find_school(NAMED, asked)
    text = str(refused.value)
    assert (said in text, [code for code in listed if code not in text]) == (True, [])


def lacking(node: Node) -> list[str]:
    return [worded(part.lacking, "zh") for part in node.parts]


def test_the_gap_leads_in_the_indicators_unit() -> None:
    known = registry(
        [school(CODE, primary_pupils=2100, primary_classes=50)],
        statistics={
            (CODE, "school", "multimedia_rooms"): 20,
            (CODE, "school", "equipment_cny"): 4_000_000,
            (CODE, "primary", "backbone_teachers"): 21,
        },
    )
    evaluation = evaluate(known, BINHAI, None, LAST_DAY)
    found = {code: explain(evaluation, known, CODE, code) for code in ("L7", "L6", "L2", "L1", "G4")}
    assert {code: lacking(node) for code, node in found.items()} == {
        "L7": ["缺 29 间"],
        "L6": ["缺 200,000 元"],
        "L2": [""],
        "L1": ["缺口未知"],
        "G4": ["超出 100 人"],
    }
    assert found["L7"].parts[0].figures[0] == ("gap", "29")


def test_what_is_not_known_makes_the_gap_a_range(store: Store) -> None:
    known = registry([school(CODE, primary_pupils=1000)], rooms=[room("R1"), room("R2"), room("R3")])
    assert store.write(points(*(projector(time, device="P1", room="R1") for time in polls()))) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    node = explain(evaluate(known, BINHAI, facts, LAST_DAY), known, CODE, "L7")
    assert lacking(node) == ["缺 20～22 间"]


def test_the_bad_come_before_the_unknown_and_those_before_the_good() -> None:
    answers = ("pass", "unknown", "working", "fail", None, "undetermined", "not_working", "down")
    nodes = [Node(level="room", name="R", answer=answer) for answer in answers]
    assert [node.answer for node in bad_first(nodes)] == [
        *("fail", "not_working", "down"),
        *("unknown", "undetermined"),
        *("pass", "working", None),
    ]


def test_rooms_stand_with_the_bad_first(store: Store) -> None:
    faulty = [projector(time, device="P2", room="R2", condition="error") for time in polls()]
    section = opened(store, "L7", *EVERYTHING, *faulty).parts[0]
    rooms = [(part.name, part.answer) for part in section.parts if part.level == "room"]
    assert rooms == [("R2", "not_working"), ("R1", "working")]


def test_all_indicators_of_a_school_stand_one_below_the_other(store: Store) -> None:
    known = one_school()
    assert store.write(points(*EVERYTHING)) == []
    facts = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
    for basis in (facts, None):
        evaluation = evaluate(known, BINHAI, basis, LAST_DAY)
        node = explain_all(evaluation, known, known.schools[CODE].name)
        told = [(part.level, dict(part.figures)["indicator"], bool(part.name)) for part in node.parts]
        assert told == [("indicator", code, True) for code in indicators_of(evaluation)]


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


def test_the_command_takes_a_name_and_explains_all_indicators() -> None:
    asked = ("--school", "近岸小学", "--all", "--as-of", "2021-09-01")
    told: dict[str, Any] = json.loads(campus(*asked, "--format", "json").stdout)
    tree = campus(*asked).stdout
    codes = [part["figures"]["indicator"] for part in told["parts"]]
    assert (told["name"], codes[:7], "指标 L7" in tree) == (
        "近岸小学 2112000002",
        [f"L{number}" for number in range(1, 8)],
        True,
    )


@pytest.mark.parametrize("options", [(), ("--all", "--indicator", "L7")])
def test_the_command_wants_one_indicator_or_all(options: tuple[str, ...]) -> None:
    refused = campus("--school", "近岸小学", *options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "请用 --indicator 或 --all 之一" in refused.stderr


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (20, None),
        (1, "2021-09-28 起保留；此前（自 2021-09-24）已到期，计数出自日账"),
        (0, "本窗口内已无保留；自 2021-09-24 起的计数出自日账"),
    ],
)
def test_readings_that_are_gone_are_told_and_the_counts_stand(
    tmp_path: Path, left: int, told: str | None
) -> None:
    """The same day book beside all readings, those of the last day, or none."""
    known, days = one_school(), CALENDAR.school_days_before(LAST_DAY, 3)
    readings = [access_point(time, "up") for day in days for time in polls(day)]
    with open_store(f"sqlite:///{tmp_path}/all.sqlite") as whole:
        whole.prepare()
        whole.write(points(*readings))
        facts = observe(whole, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        book = list(entries(whole))
    with open_store(f"sqlite:///{tmp_path}/left.sqlite") as store:
        store.prepare()
        kept = CALENDAR.school_days_before(LAST_DAY, left) if left else ()
        made = points(*(one for one in readings if CALENDAR.day_of(one.time) in kept))
        store.write([*(point for point in made if point.measurement is not TOUCHED), *book])
        seen = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        node = explain(evaluate(known, BINHAI, seen, LAST_DAY), known, CODE, "wireless")
        noted = with_kept(node, store, known, seen, [CODE])
    last = noted.parts[-1]
    assert (facts.rooms, told) == (seen.rooms, worded(last.reason) if last.level == "readings" else None)


def test_the_first_hours_of_the_first_day_are_told_where_they_are_gone(tmp_path: Path) -> None:
    """Readings expire by months of UTC: of a local day the morning may be gone and the rest be there."""
    known, days = one_school(), CALENDAR.school_days_before(LAST_DAY, 3)
    readings = [access_point(time, "up") for day in days for time in polls(day)]
    with open_store(f"sqlite:///{tmp_path}/all.sqlite") as whole:
        whole.prepare()
        whole.write(points(*readings))
        observe(whole, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        book = list(entries(whole))
    with open_store(f"sqlite:///{tmp_path}/left.sqlite") as store:
        store.prepare()
        made = points(*readings[1:])
        store.write([*(point for point in made if point.measurement is not TOUCHED), *book])
        seen = observe(store, known, BINHAI, as_of=LAST_DAY, now_ms=NOW)
        node = explain(evaluate(known, BINHAI, seen, LAST_DAY), known, CODE, "wireless")
        noted = with_kept(node, store, known, seen, [CODE])
    second = datetime.fromtimestamp(readings[1].time / 1000, CALENDAR.zone)
    assert f"{second:%Y-%m-%d %H:%M} 起保留；当日此前的已到期，计数出自日账" == worded(noted.parts[-1].reason)


def entries(store: Store) -> Iterator[Point]:
    """The day book's entries as they stand, and what they cover."""
    for table in (SCHOOL_DAY, TOUCHED):
        rows = store.query(
            Query(
                measurement=table,
                select=tuple(Select(name) for name in table.field_names),
                group_by=table.tag_names,
            )
        )
        for row in rows:
            yield Point(table, tuple(row.tags.values()), row.time or 0, tuple(row.values.values()))
