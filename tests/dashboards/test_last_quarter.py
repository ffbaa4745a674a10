"""Last quarter, as it was handed in, beside this one: on the first page, the indicators, a school's page."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dashboards.access.roles import Scope
from dashboards.access.settings import AccessSettings
from dashboards.board.last_quarter import quarter_of, read_last_quarter, told_then
from dashboards.board.names import read_names
from registry import read_registry
from rules.answers.keeping import keep
from rules.answers.output import to_dict
from rules.judging.evaluate import Evaluation, evaluate
from rules.report.quarter import Quarter
from rules.report.snapshot import draft, freeze
from rules.stored.frozen import Earlier
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.parsed import Element, parse
from tests.dashboards.reader import Reader, add_account
from tests.rules.build import BINHAI

SMALL = Path("tests/cases/rules/small")
NEAR, SEASIDE = "2112000002", "2112000001"  # 近岸小学 lacks one room; then it had one less
DAY, TODAY = date(2021, 9, 1), date(2021, 10, 8)
LAST = Quarter.parse("2021Q3")


def evaluated(rooms: int | None = None) -> Evaluation:
    known = read_registry(SMALL)
    if rooms is not None:
        figures = {**known.statistics, (NEAR, "school", "multimedia_rooms"): Fraction(rooms)}
        known = replace(known, statistics=figures)
    return evaluate(known, BINHAI, None, DAY)


def handed_in(folder: Path, quarter: Quarter = LAST, version: int = 1, **more: Any) -> Path:
    told = {"evaluation": to_dict(evaluated(rooms=1), "zh"), "corrects": None, **more}
    freeze(folder, quarter, version, {"季报.docx": b"PK"}, told)
    return folder / str(quarter) / f"v{version}" / "snapshot.json"


@dataclass(frozen=True)
class Beside:
    board: RunningBoard
    bureau: Reader
    school: Reader


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    folder = tmp_path_factory.mktemp("last")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "wang", "bureau")
    add_account(accounts, "li", "school", Scope(schools=(SEASIDE,)))
    handed_in(folder / "reports")
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}",
        names=read_names(SMALL),
        access=AccessSettings(accounts=accounts),
        reports=folder / "reports",
    ) as board:
        assert keep(board.store, read_registry(SMALL), evaluated(), board.now_ms) == []
        yield Beside(board, *(Reader(board.url).enter(accounts, name) for name in ("wang", "li")))


def then(page: Element) -> list[str]:
    return [each.text for each in page.all("span", class_="sub then")]


def test_the_first_page_has_the_rates_and_coefficients_of_then(beside: Beside) -> None:
    page = parse(beside.bureau.get("/").text)
    stage = evaluated(rooms=1).districts[0].stages["primary"].indicators["L7"]
    assert stage.tally.rate is not None
    expected = f"2021Q3 {float(stage.tally.rate):.2f}%"
    assert expected in then(page)
    assert any(text.startswith("2021Q3 0.") for text in then(page))


def test_the_indicators_have_then_beside_now_for_every_stage(beside: Beside) -> None:
    page = parse(beside.bureau.get("/indicators").text)
    told = evaluated(rooms=1).districts[0].stages
    rates = [text for text in then(page) if text.endswith("%")]
    assert sum(len(stage.indicators) + 1 for stage in told.values()) == len(rates)
    row = page.one("section", id="indicators").one("tr", data_indicator="L7").text
    assert row.count("2021Q3") == 4  # a rate and a coefficient a stage


def test_a_schools_page_has_the_value_and_the_verdict_of_then(beside: Beside) -> None:
    page = parse(beside.bureau.get(f"/school/{NEAR}").text)
    row = page.one("tr", data_indicator="L7/primary")
    cells = {cell.attributes["data-label"]: cell for cell in row.all("td")}
    assert ("2.00", "1.00") == (cells["数值"].text.split()[0], cells["上季 2021Q3"].text)
    assert "fail" in (cells["上季 2021Q3"].one("span", class_="state fail").attributes["class"] or "")


def test_a_schools_reader_sees_its_own_and_nothing_of_the_district(beside: Beside) -> None:
    own, indicators = (beside.school.get(path).text for path in (f"/school/{SEASIDE}", "/indicators"))
    assert "上季 2021Q3" in own
    assert [] == then(parse(indicators))
    assert 404 == beside.school.get(f"/school/{NEAR}").status_code


def test_the_newest_version_of_the_newest_quarter_before_this_one_counts(tmp_path: Path) -> None:
    assert read_last_quarter(None, TODAY) is None
    assert read_last_quarter(tmp_path, TODAY) is None
    handed_in(tmp_path, Quarter.parse("2021Q1"))
    for number in (1, 2, 10):
        handed_in(tmp_path, version=number)
    handed_in(tmp_path, Quarter.parse("2021Q4"))  # this very quarter is not the one before
    draft(tmp_path, LAST, {"snapshot.json": b"{}"})
    found = read_last_quarter(tmp_path, TODAY)
    assert found is not None
    assert ("2021Q3", None, "2021-09-01", "binhai-2021") == (
        *(found.quarter, found.problem, found.as_of, found.standard),
    )
    before = read_last_quarter(tmp_path, date(2021, 9, 30))
    assert before is not None
    assert "2021Q1" == before.quarter


def unsealed(content: dict[str, Any]) -> str:
    return json.dumps({**content, "evaluation": {**content["evaluation"], "districts": []}})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (unsealed, "封印"),
        (lambda _: "", "读不懂"),
        (lambda _: "[]", "读不懂"),
        (lambda _: "[" * 100_000, "读不懂"),
        (lambda content: json.dumps({**content, "quarter": "2021Q2"}), "封印"),
    ],
)
def test_a_snapshot_that_does_not_hold_stands_beside_nothing(
    tmp_path: Path, change: Callable[[dict[str, Any]], str], says: str
) -> None:
    file = handed_in(tmp_path)
    file.chmod(0o644)
    file.write_text(change(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    found = read_last_quarter(tmp_path, TODAY)
    assert found is not None
    assert found.problem is not None
    assert (True, {}, {}) == (says in found.problem.zh, found.answers, found.rates)


def test_another_standard_is_not_laid_beside_this_one(tmp_path: Path) -> None:
    handed_in(tmp_path)
    found = read_last_quarter(tmp_path, TODAY)
    assert found is not None
    other, same = found.beside("national-2017"), found.beside("binhai-2021")
    assert (True, {}, None) == ("binhai-2021" in str(other.problem), other.answers, same.problem)


def test_the_page_says_why_nothing_stands_beside(tmp_path: Path) -> None:
    file = handed_in(tmp_path / "reports")
    file.chmod(0o644)
    file.write_text("{}", encoding="utf-8")
    with running_board(
        f"sqlite:///{tmp_path / 'store.sqlite'}", names=read_names(SMALL), reports=tmp_path / "reports"
    ) as board:
        keep(board.store, read_registry(SMALL), evaluated(), board.now_ms)
        told = [board.get(path).text for path in ("/", "/indicators", f"/school/{NEAR}")]
    assert [True] * 3 == ["季报不作对照" in text for text in told]


@pytest.mark.parametrize(
    ("value", "threshold", "text"),
    [
        ("2.2999", "2.3", "2.2999"),
        ("2.5", "2.3", "2.50"),
        ("3", "4", "3"),
        ("3", None, "3.00"),
        (None, "2.3", None),
    ],
)
def test_a_value_of_then_is_told_apart_from_its_threshold(
    value: str | None, threshold: str | None, text: str | None
) -> None:
    exact = None if value is None else Fraction(value)
    assert text == told_then(Earlier(verdict="fail", value=exact, threshold=threshold))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [(date(2021, 1, 1), "2021Q1"), (date(2021, 3, 31), "2021Q1"), (date(2021, 12, 31), "2021Q4")],
)
def test_quarters_are_those_of_the_year(day: date, quarter: str) -> None:
    assert quarter == quarter_of(day)
