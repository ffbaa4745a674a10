"""The audit: who changed what, when and from where."""

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import live
from dashboards.board.cache import LastRead
from dashboards.board.listing import listed
from dashboards.board.newest import DAY
from dashboards.board.reader import language_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from dashboards.board.words import page_words
from rules.stored.audit import AuditLine, read_audit
from runtime.language import Language
from store import StoreError

SPANS = (7, 31, 366)


async def audit_page(request: Request) -> Response:
    board = board_of(request)
    asked = request.query_params.get("days")
    days = next((span for span in SPANS if str(span) == asked), SPANS[1])
    since_ms = board.now_ms() - days * DAY
    try:
        lines = await board.shared.run(lambda: read_audit(board.store, since_ms=since_ms))
        seen = LastRead(tuple(lines))
    except StoreError as error:
        seen = LastRead(None, error.args[0] if error.args else None)
    language = language_of(request)
    listing = listed(seen.value or (), request.query_params, lambda line: audit_text(language, line))
    return live(request, "audit", seen, listing=listing, days=days, spans=SPANS)


def audit_text(language: Language, line: AuditLine) -> str:
    """What a line is found by."""
    words = page_words(language)
    action = words.get(f"action.{line.action}", line.action)
    parts = (action, line.who, line.role, line.address, line.school, line.subject, line.detail)
    return "\n".join(parts)


ROUTES = (Page(path="/audit", answer=audit_page, needs="audit", nav="audit"),)
