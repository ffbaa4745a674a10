"""Long pages: what is wrong stands open, the rest is folded; on a phone the cells of a row share lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

import dashboards.board
from dashboards.board.listing import HIGH_ROWS
from dashboards.board.names import read_names
from rules.answers.recording import points as evaluation_points
from rules.judging.evaluate import evaluate
from tests.dashboards.browser import browser
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.parsed import Element, parse
from tests.rules.build import BINHAI
from tests.rules.commands import SMALL
from tests.rules.ledgers import asset, telling
from tests.rules.telemetry import CODE, access_point, points, projector
from tests.rules.test_register import primary_school

DAY = 86_400_000
_FOLDS = Environment(
    loader=FileSystemLoader(Path(dashboards.board.__file__).parent / "templates"), autoescape=True
).from_string(
    '{% from "folds.html" import folded with context %}'
    "{% call(rows) folded(everything, open, parts, most=most) %}"
    "<ul>{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul>{% endcall %}"
)


def rows_of(element: Element) -> list[str]:
    return [row.text for row in element.all("li")]


@given(
    open_rows=st.integers(0, 30),
    parts=st.lists(st.integers(0, 12), max_size=4),
    most=st.sampled_from((1, 20, HIGH_ROWS)),
)
def test_of_what_is_folded_every_row_is_there_once_and_what_is_wrong_stands_first(
    open_rows: int, parts: list[int], most: int
) -> None:
    wrong = [f"wrong {number}" for number in range(open_rows)]
    others = [[f"part {part} {number}" for number in range(size)] for part, size in enumerate(parts)]
    everything = [*wrong, *(row for rows in others for row in rows)]
    page = parse(
        _FOLDS.render(
            everything=everything,
            open=wrong,
            parts=[(rows, f"p{part}") for part, rows in enumerate(others)],
            most=most,
            t=lambda key: key,
            grouped=str,
        )
    )
    folded = [row for fold in page.all("details") for row in rows_of(fold)]
    assert sorted(everything) == sorted(rows_of(page))
    assert not set(wrong[:most]) & set(folded)
    assert all(
        fold.one("summary").text.split()[-1] == str(len(rows_of(fold))) for fold in page.all("details")
    )


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    """Nine projectors and an access point that no ledger has, twelve assets nobody has seen; a history."""
    folder = tmp_path_factory.mktemp("long")
    with running_board(f"sqlite:///{folder / 'store.sqlite'}", names=read_names(SMALL)) as running:
        now = running.now_ms
        time = now - 3_600_000
        told = telling(*(asset(f"ZC-{n:05}", 5_000, time=time) for n in range(12)), time=time)
        seen = [projector(time, device=f"10.0.0.{n}", serial=f"x{n}") for n in range(9)]
        up = access_point(now - 60_000, "down", ap="AP-1")
        running.store.write(points(*told, *seen, up))
        for ago, rooms in ((4, 4), (3, 6), (2, 3), (1, 4), (0, 2)):
            known = primary_school(rooms)
            judged = evaluate(known, BINHAI, None, known.calendar.day_of(now - ago * DAY))
            running.store.write(evaluation_points(judged, now - ago * DAY - 5000))
        yield running


def states(section: Element) -> list[str]:
    return [row.attributes.get("data-state", "") for body in section.all("tbody") for row in body.all("tr")]


def test_the_inventory_folds_what_is_not_wrong_and_shows_it_where_it_is_asked_for(
    board: RunningBoard,
) -> None:
    def section(query: str) -> Element:
        return parse(board.get(f"/inventory{query}").text).one("section", id="inventory")

    whole = section("")
    (fold,) = whole.all("details")
    assert (["unregistered"] * 10 + ["never_seen"] * 12, ["never_seen"] * 12) == (states(whole), states(fold))
    assert "账上有、未见 12" == fold.one("summary").text
    for query, number in (("?state=never_seen", 12), ("?q=ZC-", 12), ("?state=unregistered", 10)):
        asked = section(query)
        assert ([], number) == (asked.all("details"), len(states(asked))), query


def test_a_register_row_shows_its_last_change_and_the_earlier_ones_are_folded(board: RunningBoard) -> None:
    page = parse(board.get("/shortfalls").text)
    (history,) = (
        cell
        for row in page.all("tr")
        if row.attributes.get("data-item", "").endswith("primary/L7")
        for cell in row.all("td", data_label="经过")
    )
    (fold,) = history.all("details")
    steps = rows_of(history)
    assert len(steps) == len(rows_of(fold)) + 1
    assert f"此前还有 {len(rows_of(fold))} 次变化" == fold.one("summary").text
    assert steps == sorted(steps, reverse=True)  # by their days, the last first


def test_on_a_phone_the_cells_of_a_row_stand_side_by_side_and_nothing_sticks_out(
    board: RunningBoard, tmp_path: Path
) -> None:
    with browser(tmp_path) as page:
        page.call(
            "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True
        )
        for path, most in (("/inventory", 3), ("/shortfalls", 5), ("/indicators", 5), (f"/school/{CODE}", 4)):
            for language in ("zh", "en"):
                page.open(f"{board.url}{path}?lang={language}")
                lines = page.evaluate(
                    "[...document.querySelectorAll('table.dense tbody tr')].filter(row => row.offsetHeight)"
                    ".map(row => new Set([...row.cells].filter(cell => cell.offsetHeight)"
                    ".map(cell => cell.offsetTop)).size)"
                )
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                spilt = page.evaluate(
                    "[...document.querySelectorAll('table.dense td')].filter(cell => cell.offsetHeight"
                    " && cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"
                )
                assert (False, [], []) == (wide, spilt, page.errors), (path, language)
                assert 1 <= max(lines) <= most, (path, language, lines)
