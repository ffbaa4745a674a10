"""`campus rules evaluate` as a user runs it."""

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from campus.commands.rules_retire import retire
from store import Query, Select, open_store
from tests.rules.commands import SMALL, campus
from tests.rules.telemetry import LAST_DAY, access_point, good_survey, points, polls, projector

DAY = ("--as-of", "2021-09-01")


@pytest.fixture
def telemetry(sqlite_url: str) -> str:
    """A store in which one of the small registry's two multimedia rooms was seen at work."""
    with open_store(sqlite_url) as store:
        store.prepare()
        seen = [projector(time, device="P1", room="R101") for time in polls()]
        served = [access_point(time, "up", room="R101") for time in polls()]
        assert store.write(points(*seen, *served, *good_survey("R101"))) == []
    return sqlite_url


def test_the_declared_figures_alone_give_the_json_that_others_rely_on() -> None:
    ran = campus("evaluate", "--registry", str(SMALL), *DAY, "--format", "json")
    expected = json.loads((SMALL / "expected.json").read_text(encoding="utf-8"))
    assert (ran.returncode, json.loads(ran.stdout)) == (0, expected)


def test_the_csv_has_a_row_for_every_section_and_indicator() -> None:
    ran = campus("evaluate", "--registry", str(SMALL), *DAY, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout.removeprefix("\ufeff"))))
    port = [row for row in rows if row["学校标识码 school_code"] == "3112000003"]
    assert (
        len(rows),
        [(row["指标 indicator"], row["结论 verdict"], row["实际值 value"]) for row in port][4:],
    ) == (
        5 * 8 + 5 + 4 * 3,
        [
            ("L5", "未达标 fail", "8.6700"),
            ("L6", "达标 pass", "2500.0000"),
            ("L7", "达标 pass", "2.4000"),
            ("综合 overall", "达标 pass", ""),
            ("无线 wireless", "未判定 undetermined", ""),
            ("G3 音美教室", "未判定 undetermined", ""),
            ("G4 学校规模", "达标 pass", "1000"),
            ("G5 班额", "未判定 undetermined", ""),
        ],
    )


def test_the_table_fits_a_terminal_and_says_who_is_left_out() -> None:
    ran = campus("evaluate", "--registry", str(SMALL), *DAY)
    assert (
        ran.returncode,
        "仅按申报数" in ran.stdout,
        "…" in ran.stdout,
        "不参与评估 · 渔村教学点 2112000005" in ran.stdout,
    ) == (0, True, False, True)


def test_observed_figures_stand_beside_the_declared_ones(telemetry: str) -> None:
    ran = campus(
        "evaluate",
        *("--registry", str(SMALL), "--store", telemetry, "--as-of", LAST_DAY.isoformat()),
        *("--format", "json"),
    )
    told = json.loads(ran.stdout)
    l7 = told["sections"][0]["indicators"]["L7"]
    rooms = told["wireless"]["schools"][0]["rooms"]
    assert (
        told["basis"],
        (l7["declared"], l7["observed"], l7["verdict"], l7["completeness"]),
        [(room["room"], room["verdict"]) for room in rooms],
        [(room["room"], room["observed"]) for room in told["multimedia"]],
    ) == (
        "observed",
        ("7", "1", "undetermined", "0.1429"),
        [("R101", "pass"), ("R102", "undetermined"), ("T1", "undetermined")],
        [("R101", "working"), ("R102", "unknown")],
    )


def test_results_are_kept_in_the_store_when_asked_for(telemetry: str) -> None:
    from rules.stored.tables import VERDICT

    command = ("evaluate", "--registry", str(SMALL), "--store", telemetry, "--as-of", LAST_DAY.isoformat())
    ran = campus(*command, "--keep", "results", "--format", "json")
    with open_store(telemetry) as store:
        rows = store.query(
            Query(
                measurement=VERDICT,
                select=(Select("verdict"), Select("declared"), Select("observed")),
                group_by=("school", "stage", "indicator"),
                newest=1,
            )
        )
    kept = {tuple(row.tags.values()): tuple(row.values.values()) for row in rows}
    assert (ran.returncode, len(kept), kept["2112000001", "primary", "L7"]) == (
        0,
        5 * 8 + 5 + 4 * 3,
        ("undetermined", "7", "1"),
    )


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--registry", "nowhere"), "nowhere: there is no such file or folder"),
        (
            ("--registry", str(SMALL), "--as-of", "1.9.2021"),
            "--as-of '1.9.2021': write the date as YYYY-MM-DD",
        ),
        (("--registry", str(SMALL), "--standard", "binhai"), "no standard is called 'binhai'"),
        (("--registry", str(SMALL), "--store", "mysql://x"), "store 'mysql://x': must begin with"),
        (("--registry", str(SMALL), "--keep", "results"), "--keep results: name the store with --store"),
    ],
)
def test_wrong_input_is_told_and_ends_with_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    ran = campus("evaluate", *arguments)
    assert (ran.returncode, ran.stdout, told in ran.stderr, "Traceback" in ran.stderr) == (2, "", True, False)


def test_every_problem_of_a_registry_is_a_line_of_its_own(tmp_path: Path) -> None:
    for file in SMALL.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    cells = SMALL.parents[1] / "registry" / "cells"
    for name in ("schools.csv", "rooms.csv", "statistics.csv"):
        (tmp_path / name).write_bytes((cells / name).read_bytes())
    ran = campus("evaluate", "--registry", str(tmp_path))
    expected = (cells / "expected.txt").read_text(encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (2, f"campus: {expected}")


def test_what_is_retired_counts_no_more_and_can_be_put_back(telemetry: str) -> None:
    command = ("retire", "--registry", str(SMALL), "--store", telemetry, "--school", "2112000001")
    room = ("--kind", "room", "--name", "R101", "--reason", "改作仓库", "--since", LAST_DAY.isoformat())

    def seen() -> dict[str, str]:
        ran = campus(
            *("evaluate", "--registry", str(SMALL), "--store", telemetry),
            *("--as-of", LAST_DAY.isoformat(), "--format", "json"),
        )
        return {one["room"]: one["observed"] for one in json.loads(ran.stdout)["multimedia"]}

    before = seen()
    retired, without = campus(*command, *room), seen()
    back, after = campus(*command, *room, "--undo"), seen()
    assert (0, 0) == (retired.returncode, back.returncode)
    assert ("working", "unknown", "working") == (before["R101"], without["R101"], after["R101"])


@pytest.mark.parametrize(
    ("kind", "there"), [("device", "P1"), ("access_point", "AP1"), ("gateway", "gw1"), ("room", "R101")]
)
def test_retiring_what_nobody_ever_heard_of_is_told(kind: str, there: str, telemetry: str) -> None:
    """After a slip what was meant would go on counting."""
    app = typer.Typer()
    app.command()(retire)
    school = ("--registry", str(SMALL), "--store", telemetry, "--school", "2112000001", "--reason", "报废")

    def told(name: str, *more: str) -> tuple[int, bool]:
        ran = CliRunner().invoke(app, [*school, "--kind", kind, "--name", name, *more])
        return ran.exit_code, f"从未收到过 {name} 的数据" in ran.stderr

    assert [(0, True), (0, False), (0, False)] == [told("X-9"), told(there), told("X-9", "--undo")]


def test_retiring_takes_a_school_of_the_registry_and_a_reason(telemetry: str) -> None:
    command = ("retire", "--registry", str(SMALL), "--store", telemetry, "--kind", "device", "--name", "P1")
    unknown = campus(*command, "--school", "2112999999", "--reason", "x")
    silent = campus(*command, "--school", "2112000001", "--reason", " ")
    assert (2, "campus: 登记表中没有学校 2112999999\n") == (unknown.returncode, unknown.stderr)
    assert (2, "campus: --reason：请写明原因\n") == (silent.returncode, silent.stderr)
