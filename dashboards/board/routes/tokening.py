"""Tokens for programs that read the API: issued, listed and taken back by operators, in their own part."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboards.access.roles import ROLES, Scope
from dashboards.access.tokens import Token, Tokens
from dashboards.board.answers import page, to
from dashboards.board.changing import Asked, Decided, Refused, change
from dashboards.board.reader import person_of
from dashboards.board.routes.signing import doors_of
from dashboards.board.routing import Page
from dashboards.board.state import Board, board_of
from runtime.language import Text

_DAYS = (31, 92, 366, 732)


async def tokens_page(request: Request) -> Response:
    return _page(request, issued="")


def _page(request: Request, *, issued: str) -> Response:
    doors, person = doors_of(request), person_of(request)
    if doors is None or person is None:
        return to(request, "/")
    own = [token for token in doors.tokens.all() if _inside(token.scope, board_of(request))]
    return page(
        request,
        "tokens",
        "tokens.html",
        tokens=own,
        issued=issued,
        roles=ROLES,
        spans=_DAYS,
        day_ms=86_400_000,
    )


def issue(asked: Asked) -> Decided:
    """The token is made first, for what cannot be made is no change; it is shown once and kept as a hash."""
    tokens = _tokens(asked)
    role = next((known for known in ROLES if known == asked.form.get("role")), None)
    days = asked.text("days", 4)
    if role is None or not days.isdecimal():
        raise Refused(Text("请选择角色和有效期", "choose a role and how long it lasts"))
    schools = tuple(asked.text("schools", 400).replace(",", " ").split())
    scope = Scope(
        districts=asked.person.scope.districts if role != "school" else None,
        schools=schools if role == "school" else None,
    )
    if role == "school" and not all(code in asked.board.names().schools for code in schools):
        raise Refused(Text("没有此学校", "there is no such school"))
    label = asked.text("label", 60)
    within = Scope() if role == "school" else asked.person.scope
    draft = partial(
        tokens.add,
        label,
        role,
        scope,
        by=asked.person.name,
        within=within,
        days=int(days),
        now_ms=asked.now_ms,
    )
    tokens.check(label, role, scope, within=within, days=int(days))
    made: list[str] = []

    def act() -> None:
        made.append(draft()[1])

    return Decided(
        action="token_add",
        subject=label,
        detail=" ".join((role, *schools, f"{days} d")),
        act=act,
        answer=lambda: _page(asked.request, issued=made[0]),
    )


def revoke(asked: Asked) -> Decided:
    tokens, key = _tokens(asked), asked.text("key", 40)
    found: Token | None = next((token for token in tokens.all() if token.key == key), None)
    if found is None or not _inside(found.scope, asked.board):
        raise Refused(Text("没有此令牌", "there is no such token"))
    return Decided(
        action="token_revoke",
        subject=found.label,
        detail=key,
        act=partial(tokens.revoke, key, now_ms=asked.now_ms),
        next="/tokens",
    )


def _inside(scope: Scope, board: Board) -> bool:
    """Whether a token tells of nothing that the board's reader does not see."""
    if scope.schools is not None:
        return set(scope.schools) <= board.names().schools.keys()
    return scope.within(board.scope)


def _tokens(asked: Asked) -> Tokens:
    doors = doors_of(asked.request)
    if doors is None:
        raise Refused(Text("看板没有账号", "this board has no accounts"))
    return doors.tokens


ROUTES = (
    Page(path="/tokens", answer=tokens_page, needs="tokens", nav="tokens"),
    Page(path="/tokens", answer=change(issue), needs="tokens", method="POST"),
    Page(path="/tokens/revoke", answer=change(revoke), needs="tokens", method="POST"),
)
