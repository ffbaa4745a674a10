"""The planner as a page and in the API: the figures of `campus rules plan`, out of what was stored."""

import asyncio
import csv
import io
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from contract import Point
from dashboards.access.roles import Scope
from dashboards.access.settings import AccessSettings
from dashboards.board import Names
from dashboards.board.applied import Standards
from dashboards.board.figures import AlertsNow, Overview
from dashboards.board.names import read_names
from dashboards.board.overview import build
from dashboards.board.planning import PlanDesk, Planned
from dashboards.board.wishes import KINDS, NotUnderstood, read_budget
from registry import read_registry
from rules.answers.inquiry import inquire
from rules.answers.keeping import keep
from rules.answers.recording import points
from rules.judging.evaluate import Evaluation
from rules.planner.prices import load_prices
from rules.stored.tables import VERDICT
from runtime.apart import Ended
from runtime.language import Text
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import PRIMARY as SCHOOL
from tests.dashboards.parsed import Element, parse
from tests.dashboards.reader import Reader, add_account
from tests.rules.test_plan_stored import row_of

SMALL = Path("tests/cases/rules/small")
DAY = date(2021, 9, 1)
# The plan of the same registry that `campus rules plan` prints; test_plan_command.py holds the two together.
PLAN: dict[str, Any] = json.loads((SMALL / "expected_plan.json").read_text(encoding="utf-8"))
FIGURES = ("before", "after", "threshold", "verdict_before", "verdict_after")
STRANGERS = ("近岸小学", "2112000002", "港口中学", "3112000003", "九河学校", "3112000004")


@dataclass(frozen=True)
class Planning:
    board: RunningBoard
    bureau: Reader
    school: Reader


def evaluated(board: RunningBoard) -> Evaluation:
    return inquire(read_registry(SMALL), "binhai-2021", now_ms=board.now_ms, as_of=DAY).evaluation(None)


@pytest.fixture(scope="module")
def planning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planning]:
    """A board over the evaluation of the small district, with a reader of all and one of a single school."""
    folder = tmp_path_factory.mktemp("planner")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "wang", "bureau")
    add_account(accounts, "li", "school", Scope(schools=(SCHOOL,)))
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=read_names(SMALL),
        access=AccessSettings(accounts=accounts),
    ) as board:
        assert keep(board.store, read_registry(SMALL), evaluated(board), board.now_ms) == []
        yield Planning(board, *(Reader(board.url).enter(accounts, name) for name in ("wang", "li")))


def shown(reader: Reader, query: str = "") -> Element:
    return parse(made(reader, f"/planner{query}").text)


def made(reader: Reader, path: str) -> Any:
    """The answer once the plan is there: a page does not wait for a slow machine."""
    deadline = time.monotonic() + 60
    while "正在计算" in (answer := reader.get(path)).text:
        assert time.monotonic() < deadline, "the plan was never made"
        time.sleep(0.2)
    return answer


def data(reader: Reader, path: str) -> list[dict[str, Any]]:
    answer = reader.get(f"/api/v1/{path}")
    assert 200 == answer.status_code, answer.text
    return list(answer.json()["data"])


def test_the_api_has_the_plan_that_the_command_prints(planning: Planning) -> None:
    rows = data(planning.bureau, "plan")
    expected = [
        {
            "school": school["school_code"],
            "rooms": int(school["rooms"]),
            "equipment_cny": school["equipment_cny"],
            "cost_cny": school["cost_cny"],
            "stage": section["stage"],
            "indicator": code,
            **{key: figures[key] for key in FIGURES},
        }
        for school in PLAN["schools"]
        for section in school["sections"]
        for code, figures in section["indicators"].items()
    ]
    assert expected == [{key: row[key] for key in expected[0]} for row in rows]
    (cost,) = data(planning.bureau, "plan-costs")
    assert (PLAN["cost_cny"], None) == (cost["cost_cny"], cost["budget_cny"])


def test_the_api_has_every_stage_before_and_after(planning: Planning) -> None:
    rows = data(planning.bureau, "plan-stages")
    (district,) = PLAN["districts"]
    expected = {
        (stage, code): (
            figures["before"]["passing"],
            figures["after"]["passing"],
            figures["cv_before"],
            figures["cv_after"],
            figures["cv_limit"],
            figures["balanced_before"],
            figures["balanced_after"],
        )
        for stage, of_stage in district["stages"].items()
        for code, figures in of_stage["indicators"].items()
    }
    told = (
        *("passing_before", "passing_after", "cv_before", "cv_after", "cv_limit"),
        *("balanced_before", "balanced_after"),
    )
    assert expected == {
        (row["stage"], row["indicator"]): tuple(row[name] for name in told)
        for row in rows
        if row["indicator"] != "overall"
    }


def test_a_budget_gives_the_best_that_it_reaches_and_says_what_is_missing(planning: Planning) -> None:
    (cost,) = data(planning.bureau, "plan-costs?budget=20000")
    whole, left = float(cost["cost_cny"]), float(cost["left_cny"])
    assert (20000.0, True) == (whole + left, cost["missing_cny"] is not None)
    page = shown(planning.bureau, "?budget=2%E4%B8%87")
    assert "预算内最好的方案" in page.one("section", id="plan").text
    assert "全部达标尚缺" in page.one("section", id="plan").text


def test_the_page_says_first_what_was_left_out_and_then_what_each_school_buys(planning: Planning) -> None:
    page = shown(planning.bureau)
    order = [section.attributes["id"] for section in page.all("section")]
    assert ["left-out", "plan", "purchases", "what-comes"] == order
    open_ = {
        school["name"] for school in PLAN["schools"] for section in school["sections"] if section["open"]
    }
    left_out = page.one("section", id="left-out").text
    assert [] == [name for name in open_ if name not in left_out]
    buying = [school["school_code"] for school in PLAN["schools"] if float(school["cost_cny"])]
    rows = page.one("section", id="purchases").all("tr")
    bought = {row.attributes["data-school"]: row for row in rows if "data-school" in row.attributes}
    assert buying == list(bought)
    units = {"增建多媒体教室": "间", "增购设备": "元", "费用": "元"}
    told = {
        (cell.attributes["data-label"], cell.text.split()[-1])
        for row in bought.values()
        for cell in row.all("td")
        if cell.attributes.get("data-label") in units
    }
    assert told <= {*units.items(), *((label, "—") for label in units)}
    assert ("费用", "元") in told


def test_the_workbook_of_the_page_is_the_plan_with_its_budget(planning: Planning) -> None:
    answer = planning.bureau.get("/planner.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert ["汇总", "各校增购", "各学段"] == book.sheetnames
    assert 'attachment; filename="plan.xlsx"' == answer.headers["content-disposition"]
    wrong = planning.bureau.get("/planner.xlsx?budget=lots")
    assert (400, True) == (wrong.status_code, "budget" in wrong.text)


def test_a_school_with_more_is_judged_again_with_its_district(planning: Planning) -> None:
    """近岸小学: 2 rooms for 100 pupils; the third, which the plan buys as well, brings it above 2.3."""
    asked = "school=2112000002&multimedia_rooms=1"
    rows = {
        (row["of"], row["indicator"], row["measure"]): row
        for row in data(planning.bureau, f"what-if?{asked}")
        if row["stage"] == "primary"
    }
    own = rows["section", "L7", "value"]
    assert ("2.0000", "3.0000", "2.3", "fail", "pass") == (
        *(own["before"], own["after"], own["limit"]),
        *(own["verdict_before"], own["verdict_after"]),
    )
    (district,) = PLAN["districts"]
    before = district["stages"]["primary"]["indicators"]["L7"]
    assert (before["cv_before"], before["before"]["passing"]) == (
        rows["district", "L7", "cv"]["before"],
        int(rows["district", "L7", "passing"]["before"]),
    )
    page = shown(planning.bureau, f"?{asked}").one("section", id="what-comes")
    line = page.all("tr", data_indicator="L7")[0].text
    assert ("2.0000" in line, "3.0000" in line, "≥ 2.3" in line) == (True, True, True)


def test_nothing_added_changes_nothing(planning: Planning) -> None:
    rows = data(planning.bureau, "what-if?school=3112000004&multimedia_rooms=0")
    assert rows
    for name in ("", "_least", "_most"):
        assert [row[f"before{name}"] for row in rows] == [row[f"after{name}"] for row in rows]
    assert [row["verdict_before"] for row in rows] == [row["verdict_after"] for row in rows]


def test_a_school_sees_what_it_would_come_to_itself_and_nothing_of_the_district(planning: Planning) -> None:
    rows = data(planning.school, f"what-if?school={SCHOOL}&multimedia_rooms=2")
    page = planning.school.get(f"/planner?school={SCHOOL}&multimedia_rooms=2").text
    other = planning.school.get("/api/v1/what-if?school=2112000002&multimedia_rooms=2")
    others_page = planning.school.get("/planner?school=2112000002&multimedia_rooms=2").text
    refused = [
        planning.school.get(path).status_code
        for path in ("/planner.xlsx", "/api/v1/plan", "/api/v1/plan-stages", "/api/v1/plan-costs")
    ]
    assert ({"section"}, {SCHOOL}) == ({row["of"] for row in rows}, {row["school"] for row in rows})
    assert (404, [403] * 4) == (other.status_code, refused)
    for told in (page, others_page.replace("2112000002", ""), other.text):
        assert [] == [mark for mark in STRANGERS if mark in told]
    assert ("增建多媒体教室" in page, "差异系数" in page) == (False, False)


def test_csv_and_json_hold_the_same_rows(planning: Planning) -> None:
    for path in ("plan", "plan-stages", "plan-costs", f"what-if?school={SCHOOL}&equipment_cny=1000"):
        told = planning.bureau.get(f"/api/v1/{path}").json()
        text = planning.bureau.get(f"/api/v1/{path}", Accept="text/csv").content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        assert (told["total"], list(told["data"][0])) == (len(lines) - 1, lines[0])


@pytest.mark.parametrize(
    "path",
    [
        "what-if",
        f"what-if?school={SCHOOL}&multimedia_rooms=1.5",
        f"what-if?school={SCHOOL}&multimedia_rooms=-1",
        f"what-if?school={SCHOOL}&multimedia_rooms=1e9",
        f"what-if?school={SCHOOL}&equipment_cny=1.005",
        f"what-if?school={SCHOOL}&qualified_teachers=2",
        "plan?budget=-1",
        "plan?budget=1/3",
        "plan?budget=1,5",
        "plan?budget=99999999999999999",
    ],
)
def test_what_is_not_understood_is_told_and_not_left_out(planning: Planning, path: str) -> None:
    answer = planning.bureau.get(f"/api/v1/{path}")
    assert (400, "application/problem+json") == (answer.status_code, answer.headers["content-type"])


def test_a_schools_page_leads_here_with_the_school_chosen_and_nothing_reckoned(planning: Planning) -> None:
    link = f"/planner?school={SCHOOL}#what-if"
    links = [
        each.attributes["href"] for each in parse(planning.school.get(f"/school/{SCHOOL}").text).all("a")
    ]
    page = parse(planning.school.get(link.partition("#")[0]).text)
    chosen = [each.attributes["value"] for each in page.all("option") if "selected" in each.attributes]
    assert (True, [SCHOOL], []) == (link in links, chosen, page.one("section", id="what-comes").all("table"))


def test_of_a_school_that_nobody_knows_nothing_is_made_up(planning: Planning) -> None:
    answer = planning.bureau.get("/api/v1/what-if?school=2112000009&multimedia_rooms=1")
    page = shown(planning.bureau, "?school=2112000009&multimedia_rooms=1").one("section", id="what-comes")
    assert (404, True, []) == (answer.status_code, "没有这所学校的评估结果" in page.text, page.all("table"))


def test_the_page_says_what_it_does_not_understand_and_shows_no_plan_of_it(planning: Planning) -> None:
    page = parse(planning.bureau.get(f"/planner?budget=lots&school={SCHOOL}&multimedia_rooms=x").text)
    notices = " ".join(notice.text for notice in page.all("p", class_="notice fail"))
    assert ("budget 'lots'" in notices, "multimedia_rooms 'x'" in notices) == (True, True)
    assert [] == page.one("section", id="plan").all("table")


def older(point: Point) -> Point:
    """As a version wrote it that knew no exact amounts."""
    fields = dict(zip(VERDICT.field_names, point.fields, strict=True))
    fields |= {"share": None, "amount": None, "missing_json": None}
    return point._replace(fields=tuple(fields.values()))


def test_an_evaluation_of_an_older_version_is_told_as_such(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", names=read_names(SMALL)) as board:
        found = points(evaluated(board), board.now_ms)
        board.store.write([older(each) if each.measurement is VERDICT else each for each in found])
        page = board.get(f"/planner?school={SCHOOL}&multimedia_rooms=1").text
        answer = board.get("/api/v1/plan")
        english = board.get("/planner", language="en").text
    assert ("请重新评估" in page, 409, "evaluate again" in english) == (True, answer.status, True)
    assert "2.9801" not in page  # 9 rooms for 302 pupils: it must not be reckoned without its ground


def test_without_a_registry_there_is_no_plan_and_the_page_says_so(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", names=Names()) as board:
        assert "没有登记表" in board.get("/planner").text


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1500000", 1500000),
        ("1,500,000", 1500000),
        ("150万", 1500000),
        ("１５０ 万元", 1500000),
        ("0.5万", 5000),
    ],
)
def test_money_is_read_as_people_write_it(text: str, yuan: int) -> None:
    assert yuan == read_budget(QueryParams({"budget": text}))


@pytest.mark.parametrize("text", ["x", "1.2.3", "1,5,0x", "万", "-5", "1" * 41, "٣", "1 500.123"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_budget(QueryParams({"budget": text}))


def test_everything_that_may_be_added_has_a_field_on_the_page(planning: Planning) -> None:
    page = parse(planning.bureau.get("/planner").text)
    fields = {field.attributes.get("name") for field in page.all("input")}
    assert KINDS.keys() <= fields


def overview_of(evaluation: Evaluation) -> Overview:
    """What the board has read of an evaluation, without a store."""
    verdicts = [row_of(each) for each in points(evaluation, 1) if each.measurement is VERDICT]
    return build(
        read_names(SMALL),
        Standards().applied("binhai-2021", DAY),
        now_ms=1,
        verdicts=verdicts,
        rooms=[],
        districts=[],
        gateways=[],
        access_points=[],
        devices=[],
        room_states=[],
        alerts=AlertsNow(),
    )


def test_nobody_waits_behind_the_search_for_a_plan() -> None:
    """While a plan is being made a page says so, and a what-if is answered."""
    names = read_names(SMALL)
    evaluation = inquire(read_registry(SMALL), "binhai-2021", now_ms=1, as_of=DAY).evaluation(None)
    overview, free = overview_of(evaluation), threading.Event()

    async def asked(searches: Executor, brief: Executor) -> tuple[bool, Planned, Planned]:
        desk = PlanDesk(searches, brief, load_prices(None), stopped=lambda: False)
        searches.submit(free.wait)
        ground = await desk.ground(overview, names)
        waiting = await desk.plan(overview, names, None, wait_s=0.05)
        free.set()
        return ground.evaluation is not None, waiting, await desk.plan(overview, names, None)

    with ThreadPoolExecutor(1) as searches, ThreadPoolExecutor(1) as brief:
        known, waiting, made = asyncio.run(asked(searches, brief))
    assert (True, Planned()) == (known, waiting)
    assert made.plan is not None
    assert PLAN["cost_cny"] == f"{float(made.plan.cost):.2f}"


class BreaksOnce(ThreadPoolExecutor):
    """The first thing that it is given to do fails."""

    broken = False

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Any:
        if self.broken:
            return super().submit(fn, *args, **more)
        self.broken = True
        return super().submit(self._break)

    def _break(self) -> None:
        raise RuntimeError("once")


def test_a_search_that_broke_is_made_anew_for_whoever_asks_next() -> None:
    names = read_names(SMALL)
    evaluation = inquire(read_registry(SMALL), "binhai-2021", now_ms=1, as_of=DAY).evaluation(None)
    overview = overview_of(evaluation)

    async def asked(searches: Executor, brief: Executor) -> Planned:
        desk = PlanDesk(searches, brief, load_prices(None), stopped=lambda: False)
        with pytest.raises(RuntimeError, match="once"):
            await desk.plan(overview, names, None)
        return await desk.plan(overview, names, None)

    with BreaksOnce(1) as searches, ThreadPoolExecutor(1) as brief:
        assert asyncio.run(asked(searches, brief)).plan is not None


class Exhausted(ThreadPoolExecutor):
    """Every search ends before it is done."""

    begun = 0

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Any:
        self.begun += 1
        return super().submit(self._end)

    def _end(self) -> None:
        raise Ended(Text("内存不足", "no memory"))


def test_a_search_that_ended_is_told_and_not_begun_again_for_the_same_figures() -> None:
    names = read_names(SMALL)
    evaluation = inquire(read_registry(SMALL), "binhai-2021", now_ms=0, as_of=DAY).evaluation(None)
    overview = overview_of(evaluation)

    async def asked(searches: Executor, brief: Executor) -> list[Planned]:
        desk = PlanDesk(searches, brief, load_prices(None), stopped=lambda: False)
        return [await desk.plan(overview, names, None) for _ in range(2)]

    with Exhausted(1) as searches, ThreadPoolExecutor(1) as brief:
        found = asyncio.run(asked(searches, brief))
        assert ([Planned(why=Text("内存不足", "no memory"))] * 2, 1) == (found, searches.begun)


def test_a_coefficient_that_nothing_bounds_is_said_to_be_of_known_sections_alone(tmp_path: Path) -> None:
    """A section without its number of pupils may lie anywhere: the coefficient has no range then."""
    known = read_registry(SMALL)
    schools = {**known.schools, "2112000002": replace(known.schools["2112000002"], primary_pupils=None)}
    registry = replace(known, schools=schools)
    names = replace(read_names(SMALL), registry=registry)
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", names=names) as board:
        evaluation = inquire(registry, "binhai-2021", now_ms=board.now_ms, as_of=DAY).evaluation(None)
        assert keep(board.store, registry, evaluation, board.now_ms) == []
        page = parse(board.get(f"/planner?school={SCHOOL}&multimedia_rooms=1").text)
    tables = page.one("section", id="what-comes").all("table")
    (line,) = [
        row for row in tables[1].all("tr", data_indicator="L7") if row.attributes["data-stage"] == "primary"
    ]
    assert ("仅已知学段" in line.text, "未判定" in line.text) == (True, True)
