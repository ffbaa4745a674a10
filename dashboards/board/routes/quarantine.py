"""The quarantine: what could not be read or stored, by gateway, as ingest tells it."""

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import live
from dashboards.board.cache import LastRead
from dashboards.board.listing import listed
from dashboards.board.quarantined import QuarantineLine, read_quarantine
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from store import StoreError


async def quarantine_page(request: Request) -> Response:
    board = board_of(request)
    try:
        seen = LastRead(await board.shared.run(lambda: read_quarantine(board.store, now_ms=board.now_ms())))
    except StoreError as error:
        seen = LastRead(None, error.args[0] if error.args else None)
    listing = listed(seen.value.lines if seen.value else (), request.query_params, _text)
    return live(request, "quarantine", seen, listing=listing)


def _text(line: QuarantineLine) -> str:
    """What a line is found by."""
    return "\n".join((line.school, line.gateway, line.reason))


ROUTES = (Page(path="/quarantine", answer=quarantine_page, needs="district", nav="quarantine"),)
