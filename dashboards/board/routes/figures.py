"""The pages of figures: district, schools, indicators, use, trends; each with a part that refreshes."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, live, not_found, to
from dashboards.board.cache import LastRead
from dashboards.board.figures import Overview
from dashboards.board.history import SPANS
from dashboards.board.last_quarter import Frozen, told_then
from dashboards.board.listing import HIGH_ROWS, listed
from dashboards.board.now import now_lists
from dashboards.board.reader import language_of, person_of
from dashboards.board.routing import Page
from dashboards.board.searching import school_text, section_text, shortfall_text, use_text
from dashboards.board.state import board_of
from dashboards.board.trends import SHOWS
from dashboards.board.trends import SPANS as TREND_SPANS
from dashboards.board.use import PER_PUPIL, RATES

C = TypeVar("C", bound=str)


async def overview_page(request: Request) -> Response:
    """A reader of one school begins with its page."""
    if own := _only_school(request):
        return to(request, f"/school/{own}")
    seen = await board_of(request).overview.get()
    return live(request, "overview", seen, **await _before(request, seen.value))


async def now_page(request: Request) -> Response:
    seen = await board_of(request).overview.get()
    if seen.value is None:
        return away(request, "now", seen)
    lists = now_lists(seen.value, request.query_params, language_of(request))
    devices = {row.code: row.live for row in seen.value.schools}
    return live(request, "now", seen, lists=lists, listing=lists["gateways"], live_of=devices)


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
    register = board.register.peek()
    span = _asked(request, "span", tuple(SPANS))
    return live(
        request,
        "school",
        await board.school(code).get(),
        use=use.of(code) if use else None,
        open=register.open_of(code) if register else {},
        rates=RATES,
        history=(await board.history(code, span).get()).value,
        chosen=span,
        spans=tuple(SPANS),
        **await _before(request, overview.value),
    )


async def trends_page(request: Request) -> Response:
    board = board_of(request)
    overview = await board.overview.get()
    if overview.value is None:
        return away(request, "trends", overview)
    school = request.query_params.get("school") or _only_school(request)
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
    found = board.matrix(seen.value)
    text = partial(section_text, language_of(request))
    listing = listed(found.sections, request.query_params, text, rows=HIGH_ROWS)
    before = await _before(request, seen.value)
    return live(request, "indicators", LastRead(found, seen.problem), listing=listing, **before)


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
    return live(request, "shortfalls", seen, listing=listed(rows, request.query_params, text, rows=HIGH_ROWS))


async def _before(request: Request, overview: Overview | None) -> dict[str, Any]:
    """Last quarter as it was handed in; its district's figures for whoever may see them, where it is a single
    one: shares of several cannot be put together."""
    last: Frozen | None = (await request.app.state.last_quarter.get()).value
    person = person_of(request)
    whole = person is not None and person.may("district")
    districts = {row.tags["district"] for row in overview.district_rows} if overview else set()
    return {
        "last": last.beside(overview.standard) if last and overview else last,
        "last_district": next(iter(districts)) if whole and len(districts) == 1 else None,
        "told_then": told_then,
    }


def _only_school(request: Request) -> str | None:
    person = person_of(request)
    schools = person.scope.schools if person else None
    return schools[0] if schools and len(schools) == 1 else None


def _asked(request: Request, key: str, known: Sequence[C], default: int = 0) -> C:
    """What the address asks for among what there is."""
    asked = request.query_params.get(key)
    return next((choice for choice in known if choice == asked), known[default])


ROUTES = (
    Page(path="/", answer=overview_page, needs="read", nav="overview"),
    Page(path="/now", answer=now_page, needs="read", nav="now"),
    Page(path="/schools", answer=schools_page, needs="read", nav="schools"),
    Page(path="/school/{code}", answer=school_page, needs="read"),
    Page(path="/indicators", answer=indicators_page, needs="read", nav="indicators"),
    Page(path="/trends", answer=trends_page, needs="read", nav="trends"),
    Page(path="/use", answer=use_page, needs="read", nav="use"),
    Page(path="/shortfalls", answer=register_page, needs="read", nav="shortfalls"),
)
