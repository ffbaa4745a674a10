"""The board as a web application: pages, fragments of them that refresh, and the same figures as JSON."""

from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.board.answers import away, live, not_found
from dashboards.board.api import history_json, overview_json
from dashboards.board.applied import Standards
from dashboards.board.cache import LastRead
from dashboards.board.history import SPANS
from dashboards.board.listing import listed
from dashboards.board.matrix import matrix
from dashboards.board.names import FollowedNames, Names, read_names
from dashboards.board.pages import Pages
from dashboards.board.reader import language_of
from dashboards.board.searching import school_text, section_text, shortfall_text, use_text
from dashboards.board.state import Board, board_of
from dashboards.board.trends import SHOWS
from dashboards.board.trends import SPANS as TREND_SPANS
from dashboards.board.use import PER_PUPIL, RATES
from runtime.language import Text
from store import Store

C = TypeVar("C", bound=str)


def create_app(
    store: Store,
    *,
    registry_folder: Path,
    clock: Callable[[], float],
    standards: Standards | None = None,
    title: Text | None = None,
    zone: str = "Asia/Shanghai",
    read: Callable[[Path], Names] = read_names,
) -> Starlette:
    """The board over `store`. `clock` gives seconds since 1970 UTC; `read` gives the names in a registry.

    The registry is read now and again when its files change; raises RegistryError.
    """
    board = Board(
        store,
        names=FollowedNames(registry_folder, read),
        standards=standards or Standards(),
        clock=clock,
        pages=Pages(title=title, zone=ZoneInfo(zone)),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        yield
        board.close()

    app = Starlette(
        routes=[
            Route("/", overview_page, name="overview"),
            Route("/school/{code}", school_page, name="school"),
            Route("/now", now_page, name="now"),
            Route("/schools", schools_page, name="schools"),
            Route("/indicators", indicators_page, name="indicators"),
            Route("/use", use_page, name="use"),
            Route("/trends", trends_page, name="trends"),
            Route("/shortfalls", register_page, name="shortfalls"),
            Route("/api/overview.json", overview_json),
            Route("/api/school/{code}/history.json", history_json),
            Route("/healthz", healthz),
            Route("/metrics", metrics),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
        exception_handlers={404: not_found},
        lifespan=lifespan,
    )
    app.state.board = board
    return app


async def overview_page(request: Request) -> Response:
    return live(request, "overview", await board_of(request).overview.get())


async def now_page(request: Request) -> Response:
    return live(request, "now", await board_of(request).overview.get())


async def schools_page(request: Request) -> Response:
    seen = await board_of(request).overview.get()
    if seen.value is None:
        return away(request, "schools", seen)
    unit = request.query_params.get("unit")
    rows = [row for row in seen.value.schools if unit is None or row.unit == unit]
    text = partial(school_text, language_of(request))
    return live(request, "schools", seen, unit=unit, listing=listed(rows, request.query_params, text))


async def school_page(request: Request) -> Response:
    board = board_of(request)
    code = request.path_params["code"]
    overview = await board.overview.get()
    if overview.value is None:
        return away(request, "school", overview)
    if all(row.code != code for row in overview.value.schools):
        return await not_found(request)
    use = (await board.use.get()).value
    span = _asked(request, "span", tuple(SPANS))
    return live(
        request,
        "school",
        await board.school(code).get(),
        use=use.of(code) if use else None,
        rates=RATES,
        history=(await board.history(code, span).get()).value,
        chosen=span,
        spans=tuple(SPANS),
    )


async def trends_page(request: Request) -> Response:
    board = board_of(request)
    overview = await board.overview.get()
    if overview.value is None:
        return away(request, "trends", overview)
    school = request.query_params.get("school") or None
    if school and all(row.code != school for row in overview.value.schools):
        return await not_found(request)
    show = _asked(request, "show", SHOWS)
    days = int(_asked(request, "days", tuple(map(str, TREND_SPANS)), TREND_SPANS.index(92)))
    seen = await board.trends(school, show, days).get()
    if seen.value is None and seen.problem:
        return away(request, "trends", seen)
    return live(
        request,
        "trends",
        LastRead((seen.value,), seen.problem),  # one that knows no days is a page, too
        show=show,
        days=days,
        school=school,
        shows=SHOWS,
        rates=RATES,
        per_pupil=PER_PUPIL,
        spans=TREND_SPANS,
    )


async def indicators_page(request: Request) -> Response:
    board = board_of(request)
    seen = await board.overview.get()
    if seen.value is None:
        return away(request, "indicators", seen)
    found = matrix(seen.value, board.names())
    text = partial(section_text, language_of(request))
    listing = listed(found.sections, request.query_params, text)
    return live(request, "indicators", LastRead(found, seen.problem), listing=listing)


async def use_page(request: Request) -> Response:
    board = board_of(request)
    await board.overview.get()  # names the standard of the last evaluation
    seen = await board.use.get()
    rows = seen.value.schools if seen.value else ()
    return live(request, "use", seen, rates=RATES, listing=listed(rows, request.query_params, use_text))


async def register_page(request: Request) -> Response:
    board = board_of(request)
    await board.overview.get()  # names the standard of the last evaluation
    seen = await board.register.get()
    rows = seen.value.found.rows if seen.value and seen.value.found else ()
    text = partial(shortfall_text, language_of(request))
    return live(request, "shortfalls", seen, listing=listed(rows, request.query_params, text))


async def healthz(request: Request) -> Response:
    seen = await board_of(request).overview.get()
    return PlainTextResponse(f"{seen.problem or 'ok'}\n", 503 if seen.problem else 200)


async def metrics(request: Request) -> Response:
    page = generate_latest(board_of(request).metrics)
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _asked(request: Request, key: str, known: Sequence[C], default: int = 0) -> C:
    """What the address asks for among what there is."""
    asked = request.query_params.get(key)
    return next((choice for choice in known if choice == asked), known[default])
