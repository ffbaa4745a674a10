"""The board as a web application: the table of routes behind the gate."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboards.access.files import AccountsFile
from dashboards.access.settings import AccessSettings
from dashboards.access.sign_on import SignOn
from dashboards.board.answers import not_found, not_so, refused
from dashboards.board.applied import Standards
from dashboards.board.cache import Cached
from dashboards.board.gate import Doors, Gate
from dashboards.board.last_quarter import read_last_quarter
from dashboards.board.names import FollowedNames, Names, read_names
from dashboards.board.outline import Outline
from dashboards.board.pages import Pages
from dashboards.board.routes import NAVIGATION, ROUTES
from dashboards.board.routes.service import ROUTES as SERVICE
from dashboards.board.routing import routed
from dashboards.board.state import Board
from rules.planner.prices import Prices
from runtime.language import Text
from store import Store

# What was handed in does not change; a new version is seen a minute later.
_REPORTS_FRESH_S = 60.0


def create_app(
    store: Store,
    *,
    registry_folder: Path,
    clock: Callable[[], float],
    access: AccessSettings | None = None,
    accounts: AccountsFile | None = None,
    standards: Standards | None = None,
    title: Text | None = None,
    zone: str = "Asia/Shanghai",
    read: Callable[[Path], Names] = read_names,
    apart: bool = False,
    notice: Callable[[], Text | None] = lambda: None,
    reports: Path | None = None,
    sign_on: SignOn | None = None,
    prices: Prices | None = None,
    outline: Outline | None = None,
) -> Starlette:
    """The board over `store`. `clock` gives seconds since 1970 UTC; `read` gives the names in a registry;
    `notice` what is to be said above all figures now.

    Without `accounts` everybody on this machine reads everything, and nobody else anything. The registry is
    read now and again when its files change; raises RegistryError. apart: health and metrics are elsewhere.
    reports: the folder that keeps the quarterly reports. prices: what plans cost, else the program's own.
    outline: what the wall's map is drawn over.
    """
    access = access or AccessSettings()
    board = Board(
        store,
        names=FollowedNames(registry_folder, read),
        standards=standards or Standards(),
        clock=clock,
        pages=Pages(title=title, zone=ZoneInfo(zone), notice=notice),
        prices=prices,
    )
    doors = Doors.of(accounts, access) if accounts else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        yield
        board.close()

    app = Starlette(
        routes=[
            *routed([page for page in ROUTES if not (apart and page in SERVICE)], refused),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[
            Middleware(Gate, board=board, settings=access, doors=doors),
            # Level 5 is as small within some percent as 9, at a third of the time.
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        ],
        exception_handlers={404: not_found, 405: not_so},
        lifespan=lifespan,
    )
    app.state.board = board
    app.state.doors = doors
    app.state.access = access
    app.state.sign_on = sign_on
    app.state.reports = reports
    app.state.last_quarter = Cached(
        lambda: read_last_quarter(reports, board.names().today(board.now_ms())),
        board.shared.recent,
        fresh_s=_REPORTS_FRESH_S,
    )
    app.state.outline = outline
    app.state.navigation = NAVIGATION
    return app
