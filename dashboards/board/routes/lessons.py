"""The page of use by lesson and weekday."""

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, live, not_found
from dashboards.board.lessons import SPANS
from dashboards.board.listing import listed
from dashboards.board.reader import person_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of

_DEFAULT = 28
_PLACES = 25


async def lessons_page(request: Request) -> Response:
    """Of the district, of `school`, or of its `room`, in the last `days`."""
    board, asked = board_of(request), request.query_params
    overview = await board.overview.get()
    if overview.value is None:
        return away(request, "lessons", overview)
    person = person_of(request)
    own = person.scope.schools if person else None
    school = asked.get("school") or (own[0] if own and len(own) == 1 else None)
    room = asked.get("room") or None
    known = any(row.code == school for row in overview.value.schools)
    if (school and not known) or (room and (not school or (school, room) not in board.names().rooms)):
        return await not_found(request)
    days = next((span for span in SPANS if str(span) == asked.get("days")), _DEFAULT)
    seen = await board.lessons(school, room, days).get()
    places = seen.value.places if seen.value else ()
    listing = listed(places, asked, lambda place: f"{place.name} {place.code}", rows=_PLACES)
    return live(request, "lessons", seen, spans=SPANS, names=board.names(), listing=listing)


ROUTES = (Page(path="/lessons", answer=lessons_page, needs="read", nav="lessons"),)
