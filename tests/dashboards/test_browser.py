"""The pages in a real Chromium: no error, nothing from elsewhere, and figures that follow the store."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from contract import Point
from tests.dashboards.browser import Page, browser
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import JUNIOR, PRIMARY, evaluation, live, room, verdict


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture(autouse=True)
def _forget(page: Page) -> None:
    page.requests.clear()
    page.errors.clear()


def text(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector({selector!r})?.innerText ?? ''"))


def away(page: Page, *, offline: bool) -> None:
    page.call(
        "Network.emulateNetworkConditions",
        offline=offline,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/now",
        "/schools",
        "/indicators",
        "/use",
        "/lessons",
        "/inventory",
        "/fleet",
        "/planner",
        "/wall",
        "/reports",
        "/trends",
        f"/school/{JUNIOR}",
    ],
)
@pytest.mark.parametrize("width", [400, 1400])
def test_a_page_renders_without_errors_from_its_own_host_alone_and_fits(
    page: Page, board: RunningBoard, path: str, width: int
) -> None:
    page.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=900,
        deviceScaleFactor=1,
        mobile=width < 500,
    )
    page.open(f"{board.url}{path}?lang=zh")
    page.until(lambda: text(page, "#link"))
    hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert (page.errors, hosts, too_wide) == ([], {urlsplit(board.url).netloc}, False)


def test_the_charts_are_drawn_without_a_script_and_their_legend_covers_no_line(
    page: Page, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        points = [point for age in (4, 10, 20) for point in live(board.now_ms - age * 60_000)]
        board.store.write([*evaluation(board.now_ms), *points])
        page.open(f"{board.url}/school/{JUNIOR}?lang=zh")
        drawn = page.evaluate("document.querySelectorAll('figure svg.lines').length")
        latest = text(page, "[data-chart=clients] [data-latest]")
        below = page.evaluate(
            "[...document.querySelectorAll('figure')].every((figure) => !figure.querySelector('.lines') || "
            "figure.querySelector('.lines-legend').getBoundingClientRect().bottom "
            "<= figure.querySelector('.lines').getBoundingClientRect().top)"
        )
        page.open("about:blank")
    assert (drawn, latest, below, page.errors) == (3, "12", True, [])


def test_figures_follow_the_store_without_a_reload_and_keep_what_was_typed(
    page: Page, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(evaluation(board.now_ms - 5000))
        page.open(f"{board.url}/schools?lang=zh")
        page.evaluate("window.sameDocument = true")
        page.evaluate("filter.focus()")
        page.call("Input.insertText", text="第一小学")
        rows = "[...document.querySelectorAll('#schools tbody')].length"
        page.until(lambda: page.evaluate(rows) == 1)
        before = text(page, f"[data-school='{PRIMARY}'] .answer .state")
        newer = verdict(PRIMARY, "primary", "L7", "fail", board.now_ms - 1000, reason="one room less")
        others = [point for point in evaluation(board.now_ms - 1000) if point.tags != newer.tags]
        board.store.write([newer, *others])
        page.until(lambda: "未达标" in text(page, f"[data-school='{PRIMARY}'] .answer .state"))
        typed, focused, same, shown, address = (
            page.evaluate("filter.value"),
            page.evaluate("document.activeElement.id"),
            page.evaluate("window.sameDocument"),
            page.evaluate(rows),
            unquote(page.evaluate("location.search")),
        )
        page.open("about:blank")
    assert before.startswith("达标")
    assert (typed, focused, same, shown, address) == ("第一小学", "filter", True, 1, "?q=第一小学")


def test_the_page_says_that_the_connection_is_lost_and_that_it_is_back(page: Page, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with running_board(url) as board:
        board.store.write(evaluation(int(time.time() * 1000)))
        page.open(f"{board.url}/?lang=zh")
        page.until(lambda: text(page, "#link").startswith("实时更新"))
        away(page, offline=True)
        page.until(lambda: text(page, "#link").startswith("连接中断"))
        away(page, offline=False)
        page.until(lambda: text(page, "#link").startswith("实时更新"))
        page.open("about:blank")


def test_a_page_that_is_not_there_never_says_that_the_connection_is_lost(
    page: Page, board: RunningBoard
) -> None:
    page.open(f"{board.url}/nowhere?lang=en")
    time.sleep(4)  # longer than a live page waits before it asks again
    said = text(page, "body")
    assert ("No such page" in said, "lost" in said.lower()) == (True, False)


def test_the_switch_changes_the_language_and_the_next_page_remembers_it(
    page: Page, board: RunningBoard
) -> None:
    page.open(f"{board.url}/?lang=zh")
    page.evaluate("document.querySelector('.languages a[lang=en]').click()")
    page.until(lambda: page.evaluate("document.documentElement?.lang") == "en")
    page.open(f"{board.url}/indicators")
    english = text(page, "h1")
    page.open(f"{board.url}/?lang=zh")
    assert (english, page.errors) == ("Indicators", [])


def many_rooms(time: int) -> list[Point]:
    """The junior school with one room that is not covered, and more than a few that are."""
    return [
        *evaluation(time),
        *(room(JUNIOR, f"R1{number}", "pass", time, points=4, points_covered=4) for number in range(12)),
    ]


def test_what_is_well_is_folded_and_stays_unfolded_while_figures_follow(page: Page, tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(many_rooms(board.now_ms - 5000))
        page.open(f"{board.url}/school/{JUNIOR}?lang=zh")
        fold = "document.querySelector('#rooms details')"
        seen = (
            "[...document.querySelectorAll('#rooms .tile')].filter((tile) => tile.checkVisibility()).length"
        )
        folded = page.evaluate(f"[{seen}, {fold}.open]")
        page.evaluate(f"{fold}.querySelector('summary').click()")
        page.evaluate("window.sameDocument = true")
        points = [*many_rooms(board.now_ms - 1000), room(JUNIOR, "R2", "fail", board.now_ms - 1000)]
        board.store.write(points)
        page.until(lambda: "R2" in text(page, "#rooms"))
        unfolded = page.evaluate(f"[{seen}, {fold}.open, window.sameDocument]")
        page.evaluate(f"{fold}.open = false")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        printed = page.evaluate(f"{fold}.open")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        after = page.evaluate(f"{fold}.open")
        page.open("about:blank")
    assert ([1, False], [15, True, True], [True, False]) == (folded, unfolded, [printed, after])


@pytest.mark.parametrize("path", ["/", "/indicators", f"/school/{JUNIOR}", "/planner", "/shortfalls"])
def test_on_paper_tables_stay_tables_and_nothing_to_press_is_printed(
    page: Page, board: RunningBoard, path: str
) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=718, height=1040, deviceScaleFactor=1, mobile=False)
    page.call("Emulation.setEmulatedMedia", media="print")
    page.open(f"{board.url}{path}?lang=zh")
    seen = "[...document.querySelectorAll(%r)].filter((it) => it.checkVisibility())"
    tables = page.evaluate(f"{seen % 'main table'}.map((it) => getComputedStyle(it).display)")
    pressed = page.evaluate(f"{seen % 'form, nav.pages, nav.languages'}.length")
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.call("Emulation.setEmulatedMedia", media="")
    assert tables or path in {"/planner", "/shortfalls"}  # these need a registry
    assert (set(tables) <= {"table"}, pressed, too_wide) == (True, 0, False)
