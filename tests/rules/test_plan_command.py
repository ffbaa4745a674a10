"""`campus rules plan` as a user runs it."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from store import open_store
from tests.rules.commands import SMALL, campus
from tests.rules.telemetry import LAST_DAY, points, polls, projector

SMALL_PLAN = ("plan", "--registry", str(SMALL), "--standard", "binhai-2021", "--as-of", "2021-09-01")


def test_the_small_districts_plan_is_the_json_that_others_rely_on() -> None:
    ran = campus(*SMALL_PLAN, "--format", "json")
    expected = json.loads((SMALL / "expected_plan.json").read_text(encoding="utf-8"))
    assert (ran.returncode, json.loads(ran.stdout)) == (0, expected)


def test_the_csv_has_a_row_for_every_section_and_planned_indicator() -> None:
    ran = campus(*SMALL_PLAN, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout.removeprefix("\ufeff"))))
    (near,) = [
        row for row in rows if (row["学校标识码 school_code"], row["指标 indicator"]) == ("2112000002", "L7")
    ]
    assert (
        len(rows),
        near["增建多媒体教室 rooms"],
        near["现结论 verdict_before"],
        near["计划后结论 verdict_after"],
    ) == (
        10,
        "1",
        "fail",
        "pass",
    )


def test_the_table_says_cost_proof_and_what_stays() -> None:
    ran = campus(*SMALL_PLAN, columns=200)
    said = ("增建多媒体教室 1 间", "多媒体教室已证明最少", "其他指标仍未达标", "近岸小学")
    assert (ran.returncode, [text for text in said if text not in ran.stdout]) == (0, [])


def test_a_plan_over_a_store_starts_from_what_was_observed(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write(points(*(projector(time, device="P1", room="R101") for time in polls())))
    ran = campus(
        *("plan", "--registry", str(SMALL), "--store", sqlite_url, "--as-of", LAST_DAY.isoformat()),
        *("--format", "json"),
    )
    told = json.loads(ran.stdout)
    seaside = told["schools"][0]
    assert (told["basis"], seaside["school_code"], seaside["rooms"]) == ("observed", "2112000001", "6")


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--budget", "a lot"), "--budget 'a lot': write yuan as a plain number"),
        (("--budget", "1,5"), "--budget '1,5': write yuan as a plain number"),
        (("--budget", "-1"), "--budget '-1': must not be negative"),
        (("--prices", "nowhere.toml"), "nowhere.toml: cannot read the prices"),
    ],
)
def test_wrong_input_is_told_and_ends_with_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    ran = campus(*SMALL_PLAN, *arguments)
    assert (ran.returncode, ran.stdout, told in ran.stderr, "Traceback" in ran.stderr) == (2, "", True, False)


def test_prices_of_ones_own_are_printed_with_the_plan(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('room_cny = "43210.50"\n', encoding="utf-8")
    told = json.loads(campus(*SMALL_PLAN, "--prices", str(file), "--format", "json").stdout)
    assert (told["prices"]["room_cny"], told["cost_cny"]) == ("43210.50", "43210.50")


def test_the_workbook_adds_up_to_the_json_and_says_first_what_was_left_out(tmp_path: Path) -> None:
    registry = tmp_path / "registry"
    shutil.copytree(SMALL, registry)
    statistics = registry / "statistics.csv"
    lines = statistics.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not ("2112000002" in line and "网络多媒体教室数" in line)]
    statistics.write_text("".join(kept), encoding="utf-8")
    book = tmp_path / "plan.xlsx"
    ran = campus(
        *("plan", "--registry", str(registry), "--standard", "binhai-2021", "--as-of", "2021-09-01"),
        *("--format", "json", "--workbook", str(book)),
    )
    told, sheets = json.loads(ran.stdout), load_workbook(book)
    totals, schools, sections = (list(sheet.values) for sheet in sheets.worksheets)
    assert sheets.sheetnames == ["汇总", "各校增购", "各学段"]
    assert (totals[2][0], "2112000002" in str(totals[3][0])) == ("未纳入计划或只按已知部分计划", True)
    buying = [school for school in told["schools"] if float(school["cost_cny"])]
    assert [(row[0], row[3], row[5]) for row in schools[3:-1]] == [
        (school["school_code"], int(school["rooms"]), float(school["cost_cny"])) for school in buying
    ]
    assert schools[-1][5] == float(told["cost_cny"])
    assert len(sections) - 3 == 2 * sum(len(school["sections"]) for school in told["schools"])
    assert len({path.name for path in tmp_path.iterdir()}) == 2
    assert ran.stderr == f"工作簿已写入 {book}\n"


def test_a_workbook_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    ran = campus(*SMALL_PLAN, "--workbook", str(tmp_path / "none" / "plan.xlsx"))
    assert (ran.returncode, "--workbook" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)
