"""The board as a web application: pages, fragments of them that refresh, and the same figures as JSON."""

import importlib.util
import json
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.board.cache import Cached, Seen
from dashboards.board.figures import Overview
from dashboards.board.history import History, read_history
from dashboards.board.matrix import matrix
from dashboards.board.names import FollowedNames, Names, read_names
from dashboards.board.overview import OverviewSource
from dashboards.board.pages import Pages
from dashboards.board.school import SchoolPage, SchoolSource
from dashboards.board.shortfalls import RegisterPage, RegisterSource
from dashboards.board.words import iso_text
from store import Store

# Schools whose figures are kept at hand; the one that was looked at longest ago makes room.
_SCHOOLS_KEPT = 64
_HISTORY_FRESH_S = 15.0
# The register changes by the day; a look at it costs more than one at the newest rows.
_REGISTER_FRESH_S = 15.0
_HEADERS = {
    "Cache-Control": "no-cache",
    # Everything comes from here; Plotly sets style attributes.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Board:
    """What the routes share. Every look at the store happens on one thread, the register's on another: the
    first one reads a whole history."""

    def __init__(
        self, store: Store, *, names: Callable[[], Names], clock: Callable[[], float], pages: Pages
    ) -> None:
        self.store = store
        self.names = names
        self.clock = clock
        self.pages = pages
        self.executor = ThreadPoolExecutor(1, "board-store")
        self.overview = Cached(self._read_overview, self.executor)
        self.register_executor = ThreadPoolExecutor(1, "board-register")
        self._register = RegisterSource(store)
        self.register = Cached(self._read_register, self.register_executor, fresh_s=_REGISTER_FRESH_S)
        self._schools: OrderedDict[str, tuple[Cached[SchoolPage | None], Cached[History]]] = OrderedDict()
        self._source = OverviewSource(store)
        self.registry = CollectorRegistry()
        self.served = Counter(
            "campus_board_responses", "Answers given", ("page", "status"), registry=self.registry
        )
        evaluated = Gauge(
            "campus_board_evaluated_timestamp_seconds",
            "Time of the last evaluation that the board has seen",
            registry=self.registry,
        )
        self._evaluated = evaluated

    def now_ms(self) -> int:
        return int(self.clock() * 1000)

    def _read_overview(self) -> Overview:
        overview = self._source.read(self.names(), now_ms=self.now_ms())
        if overview.evaluated_ms is not None:
            self._evaluated.set(overview.evaluated_ms / 1000)
        return overview

    def _read_register(self) -> RegisterPage:
        overview = self.overview.last
        standard = overview.standard if overview else None
        return self._register.read(self.names(), standard=standard, now_ms=self.now_ms())

    def school(self, code: str) -> tuple[Cached[SchoolPage | None], Cached[History]]:
        """The kept figures of a school that exists."""
        if code not in self._schools:
            source = SchoolSource(self.store, code)
            self._schools[code] = (
                Cached(partial(self._read_school, source), self.executor),
                Cached(
                    lambda: read_history(self.store, code, now_ms=self.now_ms()),
                    self.executor,
                    fresh_s=_HISTORY_FRESH_S,
                ),
            )
        self._schools.move_to_end(code)
        while len(self._schools) > _SCHOOLS_KEPT:
            self._schools.popitem(last=False)
        return self._schools[code]

    def _read_school(self, source: SchoolSource) -> SchoolPage | None:
        overview = self.overview.last
        return source.read(overview, self.names(), now_ms=self.now_ms()) if overview else None


def create_app(
    store: Store,
    *,
    registry_folder: Path,
    clock: Callable[[], float],
    title: str = "校园设施监测",
    zone: str = "Asia/Shanghai",
    read: Callable[[Path], Names] = read_names,
) -> Starlette:
    """The board over `store`. `clock` gives seconds since 1970 UTC; `read` gives the names in a registry.

    The registry is read now and again when its files change; raises RegistryError, a ValueError.
    """
    names = FollowedNames(registry_folder, read)
    board = Board(store, names=names, clock=clock, pages=Pages(title=title, zone=ZoneInfo(zone)))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        yield
        board.executor.shutdown()
        board.register_executor.shutdown()

    app = Starlette(
        routes=[
            Route("/", overview_page, name="overview"),
            Route("/school/{code}", school_page, name="school"),
            Route("/indicators", indicators_page, name="indicators"),
            Route("/shortfalls", register_page, name="shortfalls"),
            Route("/api/overview.json", overview_json),
            Route("/api/school/{code}/history.json", history_json),
            Route("/healthz", healthz),
            Route("/metrics", metrics),
            Route("/static/plotly.min.js", plotly_js),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
        exception_handlers={404: not_found},
        lifespan=lifespan,
    )
    app.state.board = board
    return app


async def overview_page(request: Request) -> Response:
    return _live(request, "overview", await _board(request).overview.get())


async def school_page(request: Request) -> Response:
    board = _board(request)
    code = request.path_params["code"]
    overview = await board.overview.get()
    if overview.value is None:
        return _away(board, request, "school", overview)
    if all(row.code != code for row in overview.value.schools):
        return await not_found(request, None)
    return _live(request, "school", await board.school(code)[0].get())


async def indicators_page(request: Request) -> Response:
    board = _board(request)
    seen = await board.overview.get()
    found = None if seen.value is None else matrix(seen.value, board.names())
    return _live(request, "indicators", Seen(found, seen.problem))


async def register_page(request: Request) -> Response:
    board = _board(request)
    await board.overview.get()  # names the standard of the last evaluation
    return _live(request, "shortfalls", await board.register.get())


async def overview_json(request: Request) -> Response:
    board = _board(request)
    seen = await board.overview.get()
    if seen.value is None:
        return _json(board, "overview.json", {"problem": seen.problem}, 503)
    figures = asdict(seen.value)
    del figures["verdicts"], figures["room_rows"]
    figures["now"] = iso_text(figures.pop("now_ms"))
    figures["evaluated"] = iso_text(figures.pop("evaluated_ms"))
    for gateway in figures["gateways"]:
        gateway["heard"] = iso_text(gateway.pop("heard_ms"))
    figures["alerts"]["judged"] = iso_text(figures["alerts"].pop("judged_ms"))
    for line in figures["alerts"]["lines"]:
        line["since"] = iso_text(line.pop("since_ms"))
    return _json(board, "overview.json", {"problem": seen.problem, **figures})


async def history_json(request: Request) -> Response:
    board = _board(request)
    code = request.path_params["code"]
    overview = await board.overview.get()
    if overview.value is None or all(row.code != code for row in overview.value.schools):
        return _json(board, "history.json", {"problem": overview.problem or f"no school {code!r}"}, 404)
    seen = await board.school(code)[1].get()
    if seen.value is None:
        return _json(board, "history.json", {"problem": seen.problem}, 503)
    offset = board.pages.offset_ms(board.now_ms())
    return _json(board, "history.json", {"offset_ms": offset, **asdict(seen.value)})


async def healthz(request: Request) -> Response:
    seen = await _board(request).overview.get()
    return PlainTextResponse(f"{seen.problem or 'ok'}\n", 503 if seen.problem else 200)


async def metrics(request: Request) -> Response:
    page = generate_latest(_board(request).registry)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def plotly_js(request: Request) -> Response:
    """Plotly's own script out of the installed package: the board works where there is no Internet."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        return await not_found(request, None)
    file = Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})


async def not_found(request: Request, _: Exception | None) -> Response:
    board = _board(request)
    return _page(board, "error", "error.html", 404, zh="没有这个页面或学校", en_text="No such page or school")


def _live(request: Request, kind: str, seen: Seen[Any]) -> Response:
    """A page of figures, or the part of it that refreshes; without figures the page that says why."""
    board = _board(request)
    if seen.value is None:
        return _away(board, request, kind, seen)
    template = f"{kind}_live.html" if _fragment(request) else f"{kind}.html"
    return _page(board, kind, template, page=seen.value, problem=seen.problem)


def _away(board: Board, request: Request, page: str, seen: Seen[Any]) -> Response:
    zh, en = "数据库暂时不可用", "The store is not available"
    if _fragment(request):
        return PlainTextResponse(f"{zh} {en}", 503)
    return _page(board, page, "error.html", 503, zh=zh, en_text=en, detail=seen.problem)


def _board(request: Request) -> Board:
    board: Board = request.app.state.board
    return board


def _fragment(request: Request) -> bool:
    return "fragment" in request.query_params


def _page(board: Board, kind: str, template: str, status: int = 200, **values: Any) -> Response:
    board.served.labels(kind, status).inc()
    now_ms = board.now_ms()
    html = board.pages.render(template, now_ms=now_ms, **values)
    # The script on the page counts ages from the server's clock, not from the viewer's.
    return HTMLResponse(html, status, headers={**_HEADERS, "X-Board-Now": str(now_ms)})


def _json(board: Board, page: str, value: Any, status: int = 200) -> Response:
    board.served.labels(page, status).inc()
    text = json.dumps(value, ensure_ascii=False)
    return Response(text, status, headers={"Cache-Control": "no-cache"}, media_type="application/json")
