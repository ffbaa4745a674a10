"""The wall: one screen that follows the store by itself."""

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, live
from dashboards.board.cache import LastRead
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from dashboards.board.wall import wall_page as wall


async def wall_page(request: Request) -> Response:
    board = board_of(request)
    seen = await board.overview.get()
    if seen.value is None:
        return away(request, "wall", seen)
    register = (await board.register.get()).value
    rows = register.found.rows if register and register.found else None
    found = wall(seen.value, board.names(), rows, request.app.state.outline)
    return live(request, "wall", LastRead(found, seen.problem))


ROUTES = (Page(path="/wall", answer=wall_page, needs="district", nav="wall"),)
