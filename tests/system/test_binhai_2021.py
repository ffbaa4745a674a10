"""The plan's own table of 2021 comes out: by arithmetic from the registry, and through the whole pipeline."""

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from campus.demo.published import compare, read_published
from firmware_sim import write_registry
from firmware_sim.baseline.drafting import build
from firmware_sim.baseline.targets import Targets
from registry import read_registry
from rules.answers.output import to_dict
from rules.judging.evaluate import Evaluation, evaluate
from rules.standards.reading import standard_for
from runtime import load
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
DAY = dt.date(2021, 9, 1)

# 方案: 一(一)1, 2 as numbers of 128 and 74 sections.
PASSING = {
    "primary": {"L1": 128, "L2": 74, "L3": 125, "L4": 55, "L5": 63, "L6": 93, "L7": 120, "overall": 23},
    "junior": {"L1": 74, "L2": 62, "L3": 59, "L4": 32, "L5": 50, "L6": 50, "L7": 72, "overall": 22},
}
RATES = {
    "primary": ["100.00", "57.81", "97.66", "42.97", "49.22", "72.66", "93.75", "17.97"],
    "junior": ["100.00", "83.78", "79.73", "43.24", "67.57", "67.57", "97.30", "29.73"],
}
# 方案: 一(一)3; the others are met by inference.
UNBALANCED = {"primary": ["L4", "L5", "L6"], "junior": ["L3", "L4", "L5", "L6"]}
# 方案: 一(二)1 to 3.
GUARANTEES = {
    "G3": (17, {"occupied": 50}),
    "G4": (7, {"小学": 2, "九年一贯制": 4, "十二年一贯制": 1}),
    "G5": {"primary": 569, "junior": 0},
}


def from_registry(folder: Path, *, truthful: bool) -> Evaluation:
    targets = load(Targets, ROOT / "firmware_sim" / "scenarios" / "binhai-2021.toml")
    write_registry(build(targets.truthful() if truthful else targets), folder)
    return evaluate(read_registry(folder), standard_for(None, as_of=DAY), None, DAY)


def passing(district: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        stage: {
            **{code: one["passing"] for code, one in figures["indicators"].items()},
            "overall": figures["overall"]["passing"],
        }
        for stage, figures in district["stages"].items()
    }


def rates(district: dict[str, Any]) -> dict[str, list[str]]:
    return {
        stage: [*(one["rate"] for one in figures["indicators"].values()), figures["overall"]["rate"]]
        for stage, figures in district["stages"].items()
    }


def unbalanced(district: dict[str, Any]) -> dict[str, list[str]]:
    return {
        stage: [code for code, one in figures["indicators"].items() if one["balanced"] is False]
        for stage, figures in district["stages"].items()
    }


def guarantees(district: dict[str, Any]) -> dict[str, Any]:
    found = district["guarantees"]
    return {
        "G3": (found["G3"]["failing"], found["G3"]["counts"]),
        "G4": (found["G4"]["failing"], found["G4"]["failing_by_kind"]),
        "G5": found["G5"]["counts"],
    }


def test_where_forms_tell_the_truth_the_registry_alone_gives_the_plans_table(tmp_path: Path) -> None:
    (district,) = to_dict(from_registry(tmp_path, truthful=True))["districts"]
    assert PASSING == passing(district)
    assert RATES == rates(district)
    assert UNBALANCED == unbalanced(district)
    assert {"primary": False, "junior": False} == {
        stage: figures["composite_within_limit"] for stage, figures in district["stages"].items()
    }
    assert GUARANTEES == guarantees(district)


def test_the_forms_as_they_are_say_more_than_the_plan_for_l6_and_l7(tmp_path: Path) -> None:
    (district,) = to_dict(from_registry(tmp_path, truthful=False))["districts"]
    differing = {
        stage: {code: count for code, count in found.items() if count != PASSING[stage][code]}
        for stage, found in passing(district).items()
    }
    assert {"primary": {"L6": 101, "L7": 124}, "junior": {"L6": 56, "L7": 73}} == differing


def test_the_comparison_names_what_differs_from_the_plan(tmp_path: Path) -> None:
    forms = from_registry(tmp_path, truthful=False)
    assert [
        ("小学 L6 达标学校比例", "72.66%", "78.91%"),
        ("小学 L7 达标学校比例", "93.75%", "96.88%"),
        ("初中 L6 达标学校比例", "67.57%", "75.68%"),
        ("初中 L7 达标学校比例", "97.30%", "98.65%"),
    ] == [
        (line.what, line.published, line.computed)
        for line in compare(read_published(), forms, forms)
        if not line.agrees
    ]


def test_too_few_open_files_are_one_clear_line_before_anything_listens() -> None:
    done = subprocess.run(
        ["sh", "-c", f"ulimit -n 1024; exec {' '.join(campus('demo', '--scenario', 'binhai-2021'))}"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=60,
    )
    assert 2 == done.returncode, done.stderr
    assert "个文件，上限为 1024：请提高 ulimit -n" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_port_of_the_board_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            campus("demo", "--scenario", "binhai-2021", "--port", str(port)),
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            check=False,
            timeout=60,
        )
    assert (2, "") == (done.returncode, done.stdout)
    assert f"无法监听 127.0.0.1:{port}" in done.stderr.splitlines()[-1]


def campus(*words: str) -> list[str]:
    return [sys.executable, "-m", "campus.main", *words]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The demo's second act, once: every device, gateway, message and row of it."""
    folder = tmp_path_factory.mktemp("binhai-2021")
    done = subprocess.run(
        campus("demo", "--scenario", "binhai-2021", "--once", "--folder", str(folder), "--seconds", "800"),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=840,
    )
    return folder, done


def evaluated(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        campus(
            *("rules", "evaluate", "--registry", str(folder / "registry"), "--as-of", "2021-09-01"),
            *("--store", f"sqlite:///{folder / 'readings.sqlite'}", "--format", "json"),
        ),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(500)  # the first one runs the district
def test_the_plans_table_comes_out_of_the_whole_pipeline(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = ran
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "38/38 一致" in done.stdout
    result = evaluated(folder)
    (district,) = result["districts"]
    assert ("binhai-2021", "observed", "120116") == (
        result["standard"],
        result["basis"],
        district["district"],
    )
    assert PASSING == passing(district)
    assert RATES == rates(district)
    assert UNBALANCED == unbalanced(district)
    assert GUARANTEES == guarantees(district)


def test_wireless_is_judged_in_every_school_by_two_weeks_and_a_walk(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """It fails where a room lies in a radio shadow, or its access point has failed, and nowhere else."""
    folder, _ = ran
    (district,) = (found := evaluated(folder))["districts"]
    planted = {
        school.code
        for school in build(load(Targets, ROOT / "firmware_sim" / "scenarios" / "binhai-2021.toml")).schools
        if any(entry.fault in {"ap-down", "weak-corner"} for entry in school.planted)
    }
    failing = {
        school["school_code"] for school in found["wireless"]["schools"] if school["verdict"] == "fail"
    }
    assert (174, 0) == (district["wireless"]["schools"], district["wireless"]["undetermined"])
    assert planted == failing


def test_what_was_observed_is_what_there_is_in_every_single_section(
    ran: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """L6 and L7 of the pipeline against the same district whose forms tell the truth: section by section."""
    folder, _ = ran
    there = to_dict(from_registry(tmp_path, truthful=True))["sections"]
    observed = evaluated(folder)["sections"]
    assert [
        (one["school_code"], one["stage"], code, one["indicators"][code]["value_exact"])
        for one in there
        for code in one["indicators"]
    ] == [
        (one["school_code"], one["stage"], code, one["indicators"][code]["value_exact"])
        for one in observed
        for code in one["indicators"]
    ]
    assert {("L6", True), ("L7", True)} == {
        (code, one["indicators"][code]["observed"] is not None) for one in observed for code in ("L6", "L7")
    }


def test_no_reading_of_the_district_is_lost(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = ran
    done = subprocess.run(
        campus(
            *("verify-loss", "--store", f"sqlite:///{folder / 'readings.sqlite'}"),
            *("--quarantine", str(folder / "quarantine.sqlite"), "--format", "json"),
        ),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    gateways = json.loads(done.stdout)
    # Of every school the present spool, and those of the two spans of its past.
    assert (174, 3 * 174) == (len({one["school"] for one in gateways}), len(gateways))
    assert (0, 0, 0) == tuple(sum(one[key] for one in gateways) for key in ("lost", "quarantined", "dropped"))


def test_the_second_act_ends_when_told_to_and_leaves_nothing(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        campus("demo", "--scenario", "binhai-2021", "--port", str(free_port())),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "TMPDIR": str(tmp_path)},
    )
    assert demo.stdout
    try:
        for line in demo.stdout:
            if "台投影机在听" in line:
                break
        time.sleep(1)
        demo.send_signal(signal.SIGTERM)
        _, errors = demo.communicate(timeout=60)
    finally:
        demo.kill()
    assert 1 == demo.returncode, errors
    assert "Traceback" not in errors
    assert [] == list(tmp_path.iterdir())
