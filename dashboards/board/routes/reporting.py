"""The quarterly reports: what was handed in, version by version, and what is still a draft."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import live
from dashboards.board.cache import LastRead
from dashboards.board.routing import Page
from dashboards.board.shelf import Shelf, read_shelf
from runtime.errors import os_reason
from runtime.language import Text


async def reports_page(request: Request) -> Response:
    try:
        seen = LastRead(await asyncio.to_thread(read_shelf, request.app.state.reports))
    except OSError as error:
        why = os_reason(error)
        wrong = Text(f"季报文件夹无法读取：{why.zh}", f"the folder of reports cannot be read: {why.en}")
        seen = LastRead[Shelf](None, wrong)
    return live(request, "reports", seen)


ROUTES = (Page(path="/reports", answer=reports_page, needs="district", nav="reports"),)
