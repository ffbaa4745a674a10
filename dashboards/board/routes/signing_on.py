"""Signing in at the bureau's own provider (OpenID Connect)."""

import logging
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboards.access.files import AccountsError
from dashboards.access.granting import granted
from dashboards.access.sign_on import SignedOn, SignOn, SignOnError
from dashboards.board.answers import not_found, root_of
from dashboards.board.changing import said
from dashboards.board.forms import own_path
from dashboards.board.routes.signing import admitted, doors_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from runtime.language import Text

_COOKIE = "campus_sign_on"
_log = logging.getLogger("board.signing")


async def leave(request: Request) -> Response:
    """To the provider, and from there to `arrive`."""
    sign_on: SignOn | None = request.app.state.sign_on
    if sign_on is None:
        return await not_found(request)
    board = board_of(request)
    next_path = own_path(request.query_params.get("next", "/"))
    try:
        begun = await board.shared.run(
            partial(sign_on.begin, _back(request), next_path, now_ms=board.now_ms())
        )
    except (SignOnError, AccountsError) as error:
        return _failed(request, error)
    answer = RedirectResponse(begun.url, 303)
    answer.set_cookie(
        _COOKIE,
        begun.browser,
        max_age=600,
        path=root_of(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.state.origin.secure,
    )
    return answer


async def arrive(request: Request) -> Response:
    """Back from the provider: whom it names gets the role of their account, or of the first rule."""
    sign_on: SignOn | None = request.app.state.sign_on
    doors = doors_of(request)
    if sign_on is None or doors is None:
        return await not_found(request)
    board, held = board_of(request), request.cookies.get(_COOKIE, "")
    brought = {key: value[:4000] for key, value in request.query_params.items()}
    finish = partial(sign_on.finish, brought, held, _back(request), now_ms=board.now_ms())
    try:
        found: SignedOn = await board.shared.run(finish)
        account = doors.accounts.get(found.name)
        if account and not account.password:
            answer = await admitted(request, account.name, own_path(found.next), doors=doors)
        else:
            given = granted(request.app.state.access.oidc.role, found.values, found.schools)
            if given is None:
                _log.warning("%s signed on, and no rule gives them a role", found.name)
                told = Text("您的账号还没有看板的角色", "your account has no role on this board yet")
                return said(request, told, 403)
            name = f"sso:{found.name}"
            answer = await admitted(request, name, own_path(found.next), doors=doors, granted=given)
    except (SignOnError, AccountsError) as error:
        return _failed(request, error)
    answer.delete_cookie(_COOKIE, path=root_of(request) or "/")
    return answer


def _back(request: Request) -> str:
    origin = request.state.origin
    return f"{'https' if origin.secure else 'http'}://{origin.host}{root_of(request)}/sign-on/return"


def _failed(request: Request, error: SignOnError | AccountsError) -> Response:
    _log.warning("a sign-on came to nothing: %s (%s)", error, error.__cause__)
    text = error.args[0] if error.args else ""
    return said(request, text if isinstance(text, Text) else Text(str(error), str(error)), 403)


ROUTES = (
    Page(path="/sign-on", answer=leave, needs="open"),
    Page(path="/sign-on/return", answer=arrive, needs="open"),
)
