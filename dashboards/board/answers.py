"""Answers of the board: pages in the reader's language, the parts of them that refresh, figures as JSON."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from dashboards.board.cache import LastRead
from dashboards.board.reader import language_of, remember, switch_address
from dashboards.board.state import board_of
from dashboards.board.words import page_words
from runtime.language import LANGUAGES

# Where the pages are, and what they are called (a key of the words).
NAVIGATION = (
    ("/", "overview"),
    ("/now", "now"),
    ("/schools", "schools"),
    ("/indicators", "indicators"),
    ("/trends", "trends"),
    ("/use", "use"),
    ("/shortfalls", "shortfalls"),
)
_HEADERS = {
    "Cache-Control": "no-cache",
    # Everything comes from here; Plotly sets style attributes.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language",
}


def live(request: Request, kind: str, seen: LastRead[Any], **more: Any) -> Response:
    """A page of figures, or the part of it that refreshes; without figures the page that says why."""
    if seen.value is None:
        return away(request, kind, seen)
    template = f"{kind}_live.html" if _fragment(request) else f"{kind}.html"
    return page(request, kind, template, page=seen.value, problem=seen.problem, **more)


def away(request: Request, kind: str, seen: LastRead[Any]) -> Response:
    if _fragment(request):
        return PlainTextResponse(page_words(language_of(request))["page.store_error"], 503)
    return page(request, kind, "error.html", 503, what="page.store_error", detail=seen.problem)


async def not_found(request: Request, _: Exception | None = None) -> Response:
    return page(request, "error", "error.html", 404, what="page.not_found")


def page(request: Request, kind: str, template: str, status: int = 200, **values: Any) -> Response:
    board = board_of(request)
    board.served.labels(kind, status).inc()
    now_ms, language = board.now_ms(), language_of(request)
    html = board.pages.render(
        template,
        language=language,
        now_ms=now_ms,
        applied=board.applied(),
        switch={other: switch_address(request, other) for other in LANGUAGES},
        navigation=NAVIGATION,
        here=request.url.path,
        fragment=_fragment(request),
        **values,
    )
    # The script on the page counts ages from the server's clock, not from the viewer's.
    headers = {**_HEADERS, "Content-Language": language, "X-Board-Now": str(now_ms)}
    response = HTMLResponse(html, status, headers=headers)
    remember(request, response)
    return response


def json_answer(request: Request, kind: str, value: Any, status: int = 200) -> Response:
    board_of(request).served.labels(kind, status).inc()
    text = json.dumps(value, ensure_ascii=False)
    return Response(text, status, headers={"Cache-Control": "no-cache"}, media_type="application/json")


def _fragment(request: Request) -> bool:
    return "fragment" in request.query_params
