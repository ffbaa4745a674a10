"""The table of routes: every address of the board, what it answers with, and the permission that it needs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboards.access.roles import Permission
from dashboards.board.reader import person_of

Answer = Callable[[Request], Awaitable[Response]]
Refusal = Callable[[Request, Permission], Awaitable[Response]]
Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One route. `nav`: what the pages' menu calls it (a key of the words); None: it is not in the menu."""

    path: str
    answer: Answer
    needs: Permission
    method: Method = "GET"
    nav: str | None = None


def routed(pages: Sequence[Page], refusal: Refusal) -> list[Route]:
    """The table as Starlette has it; nobody gets past the permission of a row."""
    return [Route(page.path, _guarded(page, refusal), methods=[page.method]) for page in pages]


def _guarded(page: Page, refusal: Refusal) -> Answer:
    async def answer(request: Request) -> Response:
        person = person_of(request)
        allowed = page.needs == "open" or (person is not None and person.may(page.needs))
        return await page.answer(request) if allowed else await refusal(request, page.needs)

    return answer
