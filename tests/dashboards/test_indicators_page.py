"""The seven indicators on the board: the district's figures, and every section against every indicator."""

import json
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dashboards.board import Names, SchoolName
from registry import Registry
from registry.vocabulary import Item, StatisticsStage
from rules.answers.recording import points
from rules.judging.evaluate import Evaluation, evaluate
from rules.words import reason, to_json
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import NAMES, PRIMARY, verdict
from tests.dashboards.filling import district as district_row
from tests.dashboards.parsed import Element, parse
from tests.rules.build import AS_OF, BINHAI, registry, school

RICH, POOR, NINE = "2112000001", "2112000002", "3112000003"
ITEMS: dict[Item, tuple[StatisticsStage, Fraction]] = {
    "qualified_teachers": ("primary", Fraction(6)),
    "backbone_teachers": ("primary", Fraction(1)),
    "arts_pe_teachers": ("primary", Fraction(1)),
    "teaching_area_m2": ("school", Fraction(600)),
    "sports_area_m2": ("school", Fraction(900)),
    "equipment_cny": ("school", Fraction(300_000)),
    "multimedia_rooms": ("school", Fraction(3)),
}


def district() -> Registry:
    """100 pupils that have everything, 100 without teachers and with two rooms, a school without figures."""
    stated = {(RICH, stage, item): value for item, (stage, value) in ITEMS.items()}
    poor = {
        (POOR, stage, item): value for item, (stage, value) in ITEMS.items() if not item.endswith("_teachers")
    }
    schools = [
        school(RICH, primary_pupils=100),
        school(POOR, primary_pupils=100),
        school(NINE, "九年一贯制", primary_pupils=10, junior_pupils=10),
    ]
    none = {
        (POOR, "primary", item): Fraction(0)
        for item in ("qualified_teachers", "backbone_teachers", "arts_pe_teachers")
    }
    return registry(schools, statistics={**stated, **poor, **none, (POOR, "school", "multimedia_rooms"): 2})  # type: ignore[dict-item]  # the literals are items


def judged() -> Evaluation:
    return evaluate(district(), BINHAI, None, AS_OF)


@pytest.fixture(scope="module")
def judged_board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    url = f"sqlite:///{tmp_path_factory.mktemp('board') / 'store.sqlite'}"
    rich = SchoolName(name="富<小学>", kind="小学")
    names = Names(schools={RICH: rich, NINE: SchoolName(name="九年", kind="九年一贯制")})
    with running_board(url, names=names) as board:
        assert board.store.write(points(judged(), int(time.time() * 1000))) == []
        yield board


@pytest.fixture(scope="module")
def page(judged_board: RunningBoard) -> Element:
    return parse(judged_board.get("/indicators").text)


def cells(row: Element) -> dict[str, str]:
    return {cell.attributes["data-label"]: cell.text for cell in row.all("td")}


def test_each_indicator_stands_with_sections_that_pass_the_districts_ratio_and_its_coefficient(
    page: Element,
) -> None:
    rows = page.one("section", id="indicators").all("tr", data_indicator="L7")
    found = cells(rows[0])
    stage = judged().districts[0].stages["primary"]
    assert (stage.indicators["L7"].tally.passing, stage.sections) == (1, 3)
    assert found == {
        "小学 标准": "≥ 2.3",
        "小学 达标学段": "1 / 3 33.33% 1 未判定",
        "小学 全区平均": "至少 2.38",
        "小学 差异系数": "0.194 至 4.473 是否均衡未判定 ≤ 0.50",
        "初中 标准": "≥ 2.4",
        "初中 达标学段": "— / 1 1 未判定",
        "初中 全区平均": "—",
        "初中 差异系数": "—",
    }


def test_a_figure_that_is_known_in_part_is_a_range_wherever_it_stands(judged_board: RunningBoard) -> None:
    """The figure of the sections that are known need not lie in it."""
    balance = judged().districts[0].stages["primary"].indicators["L7"]
    ends = balance.cv_squared_range
    assert ends is not None
    assert ends.high is not None
    assert (Fraction(194, 1000) ** 2 <= ends.low, ends.high <= Fraction(4473, 1000) ** 2) == (True, True)
    for path in ("/", "/wall", "/indicators"):
        text = judged_board.get(path).text
        assert ("0.194 至 4.473" in text, ">0.200" in text) == (True, False), path
    told = json.loads(judged_board.get("/api/v1/results").text)["data"]
    (result,) = (row for row in told if (row["stage"], row["indicator"]) == ("primary", "L7"))
    assert (1, "0.200000") == (result["sections_unknown"], result["cv"])
    assert (True, True) == (result["cv_least"].startswith("0.194"), result["cv_most"].startswith("4.472"))


def test_every_section_has_a_row_the_worst_first_and_a_cell_for_every_indicator(page: Element) -> None:
    rows = page.one("section", id="sections").one("tbody").all("tr")
    assert [row.attributes["data-section"] for row in rows] == [
        f"{POOR}/primary",
        f"{NINE}/primary",
        f"{NINE}/junior",
        f"{RICH}/primary",
    ]
    shown = [[cell.text for cell in row.all("td")] for row in rows]
    assert shown[0] == ["未达标 3 / 7", "0.00", "0.00", "0.00", "6.00", "9.00", "3,000.00", "2.00"]
    assert shown[3] == ["达标 7 / 7", "6.00", "1.00", "1.00", "6.00", "9.00", "3,000.00", "3.00"]
    looks = [cell.attributes["class"].split()[-1] for cell in rows[0].all("td")[1:]]
    assert looks == ["fail", "fail", "fail", "pass", "pass", "pass", "fail"]


def test_a_cell_tells_its_reason_and_names_are_text_not_markup(page: Element) -> None:
    row = page.one("section", id="sections").one("tr", data_section=f"{RICH}/primary")
    assert "达标" not in row.all("td")[-1].text
    assert (row.all("td")[-1].attributes["title"].split("；")[0], row.one("a").text) == (
        "3.000 ≥ 2.3",
        "富<小学>",
    )


def test_the_guarantees_stand_below_by_schools(page: Element) -> None:
    found = page.one("section", id="indicators").one("li", data_guarantee="G4").text
    assert found == "学校规模 3 / 3 所达标"


def test_before_any_evaluation_the_page_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'store.sqlite'}"
    with running_board(url, names=NAMES) as board:
        answer = board.get("/indicators")
    assert (answer.status, "尚未评估" in answer.text) == (200, True)


def test_the_first_page_leads_here(board: RunningBoard) -> None:
    links = [link.attributes["href"] for link in parse(board.get("/").text).all("a")]
    assert "/indicators" in links


def test_a_schools_page_puts_the_guarantees_last_and_says_what_may_be_at_most(
    judged_board: RunningBoard,
) -> None:
    tables = parse(judged_board.get(f"/school/{RICH}").text).one("section", id="verdicts").all("tbody")
    rows = [list(table.all("tr")) for table in tables]
    limits = {row.one("th").text.split()[0]: cells(row)["标准"] for part in rows for row in part}
    codes = [[(row.attributes["data-indicator"] or "").startswith("G") for row in part] for part in rows]
    assert 2 == len(codes)  # what fails stands open, what passes is folded
    assert codes == [sorted(part) for part in codes]
    assert {"音乐、美术专用教室", "学校规模", "班额"} <= limits.keys()
    declared = {row.one("th").text: cells(row)["申报"] for part in rows for row in part}
    assert ("300,000 元", "3 间") == (
        declared["生均教学仪器设备值"],
        declared["每百名学生拥有网络多媒体教室数"],
    )
    assert "≤ 2,000" == limits["学校规模"]
    assert "≥ 2.3" == limits["每百名学生拥有网络多媒体教室数"]


@pytest.mark.parametrize(
    ("missing", "shown"), [(None, "2.50"), (to_json(reason("missing.rooms_known", rooms=1)), "至少 2.50")]
)
def test_a_value_of_which_a_part_is_not_known_is_the_least_wherever_it_stands(
    missing: str | None, shown: str, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        told = {"value": "2.5000", "threshold": "2.3", "reason": "2.500 ≥ 2.3", "missing_json": missing}
        rows = [
            verdict(PRIMARY, "primary", "L7", "pass", board.now_ms, **told),
            verdict(PRIMARY, "primary", "overall", "pass", board.now_ms, numerator="7", denominator="7"),
        ]
        assert board.store.write(rows) == []
        pages = {
            path: parse(board.get(path).text) for path in ("/schools", "/indicators", f"/school/{PRIMARY}")
        }
    school = pages["/schools"].one("tbody", data_school=PRIMARY).one("td", data_label="每百人")
    matrix = pages["/indicators"].one("tr", data_section=f"{PRIMARY}/primary").all("td")[-1]
    own = pages[f"/school/{PRIMARY}"].one("tr", data_indicator="L7/primary")
    assert [shown] * 3 == [school.text, matrix.text, own.one("td", data_label="数值").text]
    said = "状态未知" in own.text
    assert (bool(missing), bool(missing)) == (said, "状态未知" in matrix.attributes["title"])


@pytest.mark.parametrize(
    ("cv", "least", "most", "shown"),
    [
        ("0.200000", "0.193649", "4.472136", "0.193 至 4.473"),
        (None, "0.010000", "0.050001", "0.010 至 0.051"),  # no section is known whole
        (None, "0.000000", "0.000000", "—"),  # a single section
        (None, "0.000000", None, "—"),
        (None, "0.100000", None, "至少 0.100"),
        ("0.200000", None, None, "0.200（仅已知学段）"),
    ],
)
def test_a_coefficient_is_shown_as_far_as_it_is_known(
    cv: str | None, least: str | None, most: str | None, shown: str, tmp_path: Path
) -> None:
    ends: dict[str, Any] = {"cv": cv, "cv_least": least, "cv_most": most, "sections_unknown": 2}
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        told = [
            district_row(
                "primary", code, (0, 0, 2), board.now_ms, cv_limit="0.50", **(ends if code == "L7" else {})
            )
            for code in ("L7", "overall")
        ]
        heartbeat = district_row("school", "wireless", (0, 0, 2), board.now_ms)
        verdicts = [verdict(PRIMARY, "primary", "L7", "undetermined", board.now_ms)]
        assert board.store.write([*told, heartbeat, *verdicts]) == []
        row = parse(board.get("/indicators").text).one("tr", data_indicator="L7")
    assert shown == row.one("td", data_label="小学 差异系数").text.split(" 是否均衡")[0]
