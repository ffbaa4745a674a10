"""The quarterly reports: what was handed in, version by version, and what is still a draft."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import live, page
from dashboards.board.api.reports import unreadable
from dashboards.board.cache import LastRead
from dashboards.board.routing import Page
from dashboards.board.shelf import read_shelf


async def reports_page(request: Request) -> Response:
    try:
        seen = LastRead(await asyncio.to_thread(read_shelf, request.app.state.reports))
    except OSError as error:
        return page(request, "reports", "error.html", 503, what="reports.title", detail=unreadable(error))
    return live(request, "reports", seen)


ROUTES = (Page(path="/reports", answer=reports_page, needs="district", nav="reports"),)
