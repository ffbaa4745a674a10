"""The page of devices and assets, and the same as a file."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, live
from dashboards.board.inventory import InventoryPage, line_text, told
from dashboards.board.listing import HIGH_ROWS, listed
from dashboards.board.reader import language_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from rules.inventory.lines import STATES, kind_name
from rules.mapping.lines import difference_lines
from runtime.language import Language


async def inventory_page(request: Request) -> Response:
    seen = await board_of(request).inventory.get()
    if seen.value is None:
        return away(request, "inventory", seen)
    asked, language = request.query_params, language_of(request)
    state, school = asked.get("state"), asked.get("school")
    lines = [
        line
        for line in seen.value.lines or ()
        if state in {None, "", line["state"]} and school in {None, "", line["school_code"]}
    ]
    listing = listed(lines, asked, partial(line_text, language), rows=HIGH_ROWS)
    return live(
        request,
        "inventory",
        seen,
        listing=listing,
        states=tuple(STATES),
        state=state or None,
        kind_name=lambda kind: kind_name(kind, language),
        told=partial(told, language),
        maps=_maps(request, seen.value, language),
    )


def _maps(request: Request, page: InventoryPage, language: Language) -> list[str]:
    """Where room maps do not agree with the registry and with what is out of service."""
    registry = board_of(request).names().registry
    if registry is None or page.compared is None:
        return []
    return difference_lines(registry, page.compared.differences, language)


async def inventory_file(request: Request) -> Response:
    seen = await board_of(request).inventory.get()
    if seen.value is None:
        return away(request, "inventory", seen)
    name = "inventory.csv"
    return Response(
        seen.value.csv,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES = (
    Page(path="/inventory", answer=inventory_page, needs="read", nav="inventory"),
    Page(path="/inventory.csv", answer=inventory_file, needs="read"),
)
