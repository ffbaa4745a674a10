"""The wall: every section in one screen, what is due, and where the schools are."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.board.names import read_names
from registry import read_registry
from rules.answers.recording import points
from rules.judging.evaluate import evaluate
from tests.dashboards.browser import browser
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.parsed import parse
from tests.rules.build import BINHAI
from tests.rules.commands import SMALL

PLACES = {"2112000001": "117.60,39.10", "2112000002": "117.80,39.00"}


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    folder = tmp_path_factory.mktemp("wall")
    registry = Path(shutil.copytree(SMALL, folder / "registry"))
    head, *lines = (registry / "schools.csv").read_text(encoding="utf-8").splitlines()
    placed = [f"{line},{PLACES.get(line[:10], ',')}" for line in lines]
    text = "\n".join([f"{head},经度,纬度", *placed])
    (registry / "schools.csv").write_text(f"{text}\n", encoding="utf-8")
    names, known = read_names(registry), read_registry(registry)
    with running_board(f"sqlite:///{folder / 'store.sqlite'}", names=names) as board:
        day = known.calendar.day_of(board.now_ms)
        board.store.write(points(evaluate(known, BINHAI, None, day), board.now_ms))
        yield board


def test_every_section_has_a_line_with_a_square_for_each_indicator(board: RunningBoard) -> None:
    page = parse(board.get("/wall").text)
    lines = page.one("ul", **{"class": "wall-sections"}).all("li")
    squares = {len(line.all("i")) for line in lines}
    assert (len(lines), squares) == (5, {8})


def test_rates_and_open_items_are_those_of_the_other_pages(board: RunningBoard) -> None:
    rows = parse(board.get("/wall").text).one("table", **{"class": "wall-rates"}).one("tbody").all("tr")
    figures = {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}
    assert (figures["多媒体教室"][0], figures["综合达标"][0]) == ("2 /3", "3 /3")
    assert "未销号 4" in parse(board.get("/wall").text).one("ul", **{"class": "wall-now"}).text


def test_schools_stand_on_the_map_north_up_and_east_to_the_right(board: RunningBoard) -> None:
    spots = parse(board.get("/wall").text).one("svg", **{"class": "wall-map"}).all("g")
    found = {spot.one("title").text: spot.attributes for spot in spots}
    west, east = (
        tuple(int(each) for each in re.findall(r"\d+", found[name]["transform"] or ""))
        for name in ("海滨小学", "近岸小学")
    )
    assert (west[0] < east[0], west[1] < east[1]) == (True, True)


def test_the_wall_fits_one_screen(board: RunningBoard, tmp_path: Path) -> None:
    with browser(tmp_path / "chromium") as page:
        page.call(
            "Emulation.setDeviceMetricsOverride", width=1920, height=1080, deviceScaleFactor=1, mobile=False
        )
        page.open(f"{board.url}/wall?lang=zh")
        page.until(lambda: page.evaluate("document.querySelector('#link').innerText"))
        sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert (page.errors, sizes) == ([], [1920, 1080])
