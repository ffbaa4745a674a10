"""Answers of the board: pages in the reader's language, the parts of them that refresh, figures as JSON."""

import json
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from dashboards.access.roles import Permission, Person
from dashboards.board.cache import LastRead
from dashboards.board.reader import language_of, person_of, remember, switch_address
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from dashboards.board.words import page_words
from runtime.errors import UserError
from runtime.language import LANGUAGES, Text


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


def to(request: Request, path: str, status: int = 303) -> Response:
    """Go there: a path of the board's own."""
    return RedirectResponse(f"{root_of(request)}{path}", status)


def mark_of(request: Request) -> str:
    """What a form carries to prove that it was given to this very reader; "" for who changes nothing."""
    person, doors = person_of(request), request.app.state.doors
    return doors.forms.mark(person.session) if doors and person and person.session else ""


def root_of(request: Request) -> str:
    """What stands before every path of the board, where a proxy serves it below one."""
    root: str = request.scope.get("root_path", "")
    return root


async def refused(request: Request, _: Permission) -> Response:
    """Nobody who is signed in is led to the login; who is, and may not, is told."""
    if for_programs(request):
        words, known = page_words(language_of(request)), person_of(request) is not None
        told = words["page.not_allowed" if known else "page.signed_out"]
        return problem_answer(request, 403 if known else 401, told)
    if person_of(request) is not None:
        return page(request, "error", "error.html", 403, what="page.not_allowed")
    if _fragment(request) or request.method != "GET":
        return PlainTextResponse(page_words(language_of(request))["page.signed_out"], 401)
    query = request.url.query
    here = request.url.path.removeprefix(root_of(request)) + (f"?{query}" if query else "")
    return to(request, f"/login?{urlencode({'next': here})}")


def said_of(error: UserError) -> Text:
    """What an error says, in both languages where it has them."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Text) else Text(str(error), str(error))


def problem_answer(request: Request, status: int, detail: str) -> Response:
    """What is wrong with a request of a program, as RFC 9457 has it."""
    board_of(request).shared.served.labels("api", status).inc()
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    text = json.dumps(told, ensure_ascii=False)
    return Response(text, status, headers=headers, media_type="application/problem+json")


def for_programs(request: Request) -> bool:
    """Whether a program asks, which is told of a problem in its own way."""
    return request.url.path.removeprefix(root_of(request)).startswith("/api/")


async def not_so(request: Request, _: Exception | None = None) -> Response:
    """A page that is there, but not for this method."""
    if for_programs(request):
        return problem_answer(request, 405, "this is only read")
    return page(request, "error", "error.html", 405, what="page.not_found")


async def not_found(request: Request, _: Exception | None = None) -> Response:
    if for_programs(request):
        return problem_answer(request, 404, page_words(language_of(request))["page.not_found"])
    return page(request, "error", "error.html", 404, what="page.not_found")


def page(request: Request, kind: str, template: str, status: int = 200, **values: Any) -> Response:
    board = board_of(request)
    board.shared.served.labels(kind, status).inc()
    now_ms, language = board.now_ms(), language_of(request)
    names = cache(board.names)  # they look whether the registry's files have changed
    html = board.pages.render(
        template,
        language=language,
        now_ms=now_ms,
        applied=board.applied(),
        switch={other: switch_address(request, other) for other in LANGUAGES},
        menu=menu_of(request),
        root=root_of(request),
        person=person_of(request),
        proof=mark_of(request),
        school_called=lambda code: names().school(code).name,
        here=request.url.path.removeprefix(root_of(request)),
        fragment=_fragment(request),
        **values,
    )
    # The script on the page counts ages from the server's clock, not from the viewer's.
    headers = {
        "Content-Language": language,
        "X-Board-Now": str(now_ms),
        "Cache-Control": "no-cache",
        "Vary": "Cookie, Accept-Language",
    }
    response = HTMLResponse(html, status, headers=headers)
    remember(request, response)
    return response


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A page in the menu; the key of what it is called."""

    path: str
    key: str


def menu_of(request: Request) -> list[list[MenuItem]]:
    """The pages that whoever asks may open, set by set."""
    person: Person | None = person_of(request)
    sets: tuple[tuple[Page, ...], ...] = request.app.state.navigation
    menu = [
        [
            MenuItem(path=found.path, key=found.nav)
            for found in pages
            if found.nav and person is not None and person.may(found.needs)
        ]
        for pages in sets
    ]
    return [items for items in menu if items]


def _fragment(request: Request) -> bool:
    return "fragment" in request.query_params
