"""The page of what gateways should run and run: settings and program, version by version."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import live
from dashboards.board.fleet import FleetLine, line_text, with_state
from dashboards.board.listing import listed
from dashboards.board.reader import language_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from rules.words import name
from runtime.language import Language


async def fleet_page(request: Request) -> Response:
    seen = await board_of(request).fleet.get()
    asked = request.query_params
    state = asked.get("state") or None
    lines = with_state(seen.value.lines if seen.value else (), state)
    listing = listed(lines, asked, partial(_text, language_of(request)))
    return live(request, "fleet", seen, listing=listing, state=state)


def _text(language: Language, line: FleetLine) -> str:
    return line_text(language, name("settings_states", line.state, language), line)


ROUTES = (Page(path="/fleet", answer=fleet_page, needs="read", nav="fleet"),)
