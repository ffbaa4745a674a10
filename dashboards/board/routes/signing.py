"""Signing in and out, and what people may do to their own account."""

import logging
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboards.access.accounts import Attempt
from dashboards.access.files import AccountsError
from dashboards.access.roles import Role
from dashboards.access.roles import Scope as Part
from dashboards.board.answers import page, root_of, to
from dashboards.board.changing import NO_LONGER, Asked, Decided, Refused, change, line_of, note, said
from dashboards.board.forms import BadForm, own_path, read_form, same_site
from dashboards.board.gate import COOKIE, Doors
from dashboards.board.reader import person_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from runtime.language import Text

_log = logging.getLogger("board.signing")


def doors_of(request: Request) -> Doors | None:
    doors: Doors | None = request.app.state.doors
    return doors


async def login_page(request: Request) -> Response:
    if person_of(request) is not None:
        return to(request, own_path(request.query_params.get("next", "/")))
    return _login(request, 200)


def _login(request: Request, status: int, **more: object) -> Response:
    doors, access = doors_of(request), request.app.state.access
    values = {
        "next_path": own_path(request.query_params.get("next", "/")),
        "name": "",
        "wrong": False,
        "wait_s": 0,
        "nobody": doors is not None and not doors.accounts.all(),
        "sign_on": access.oidc.title if access.oidc else None,
        **more,
    }
    return page(request, "login", "login.html", status, **values)


async def log_in(request: Request) -> Response:
    """The answer is the same for a wrong password and for a name that nobody has."""
    doors, board = doors_of(request), board_of(request)
    try:
        form = await read_form(request)
        if doors is None or not same_site(request.headers, request.state.origin.host):
            raise BadForm(NO_LONGER, 403)
        name, address = form.get("name", ""), request.state.origin.address
        tried = partial(doors.accounts.log_in, name, form.get("password", ""), address, now_ms=board.now_ms())
        attempt: Attempt = await board.shared.run(tried)
        if attempt.account is None:
            if attempt.wait_ms:
                _log.warning("a login as %r from %s has to wait", name[:64], address)
            wait_s = -(-attempt.wait_ms // 1000)
            answer = _login(
                request,
                429 if wait_s else 401,
                next_path=own_path(form.get("next", "/")),
                name=name[:64],
                wrong=not wait_s,
                wait_s=wait_s,
            )
            if wait_s:
                answer.headers["Retry-After"] = str(wait_s)
            return answer
        account = attempt.account
        return await admitted(request, account.name, own_path(form.get("next", "/")), doors=doors)
    except BadForm as error:
        return said(request, error.text, error.status)
    except AccountsError as error:
        return said(request, Text(str(error), str(error)), 503)


async def admitted(
    request: Request, name: str, next_path: str, *, doors: Doors, granted: tuple[Role, Part] | None = None
) -> Response:
    """A new session in place of any that the browser held, and the way on."""
    board, address = board_of(request), request.state.origin.address
    now_ms = board.shared.moment(board.now_ms())
    secret = doors.sessions.begin(
        name,
        address,
        now_ms=now_ms,
        granted=granted,
        instead_of=request.cookies.get(COOKIE, ""),
    )
    person = doors.sessions.person(secret, now_ms=now_ms)
    if person is not None:
        line = line_of(person, address, Decided(action="sign_in"), now_ms)
        await board.shared.run(partial(note, board, line))
    answer = to(request, next_path)
    answer.set_cookie(
        COOKIE,
        secret,
        path=root_of(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.state.origin.secure,
    )
    return answer


def _signed_out(request: Request) -> Response:
    answer = to(request, "/login")
    answer.delete_cookie(COOKIE, path=root_of(request) or "/")
    return answer


def _doors(asked: Asked) -> Doors:
    doors = doors_of(asked.request)
    if doors is None:
        raise Refused(Text("看板没有账号", "this board has no accounts"))
    return doors


def log_out(asked: Asked) -> Decided:
    doors = _doors(asked)
    return Decided(
        action="sign_out",
        act=partial(doors.sessions.end, asked.person),
        answer=partial(_signed_out, asked.request),
    )


def log_out_everywhere(asked: Asked) -> Decided:
    doors = _doors(asked)
    return Decided(
        action="sign_out_everywhere",
        act=partial(doors.sessions.end_all, asked.person),
        answer=partial(_signed_out, asked.request),
    )


def change_password(asked: Asked) -> Decided:
    """The old one is asked for, and failures count as failed logins. Every session ends with it."""
    doors = _doors(asked)
    if not asked.person.local_account:
        raise Refused(Text("此账号的密码不在看板中", "the password of this account is not kept here"))
    new = asked.form.get("new", "")
    if new != asked.form.get("again", ""):
        raise Refused(Text("两次输入的新密码不同", "the new password was typed differently the second time"))
    attempt = doors.accounts.log_in(
        asked.person.name, asked.form.get("old", ""), asked.address, now_ms=asked.now_ms
    )
    if attempt.account is None:
        raise Refused(Text("原密码不对，或失败过多须稍候", "the old password is wrong, or too many were"))
    doors.accounts.check_password(asked.person.name, new)
    return Decided(
        action="password",
        subject=asked.person.name,
        act=partial(doors.accounts.set_password, asked.person.name, new, now_ms=asked.now_ms),
        answer=partial(_signed_out, asked.request),
    )


async def account_page(request: Request) -> Response:
    doors, person = doors_of(request), person_of(request)
    if doors is None or person is None:
        return to(request, "/")
    sessions = doors.sessions.of(person, now_ms=board_of(request).now_ms())
    return page(request, "account", "account.html", sessions=sessions)


ROUTES = (
    Page(path="/login", answer=login_page, needs="open"),
    Page(path="/login", answer=log_in, needs="open", method="POST"),
    Page(path="/account", answer=account_page, needs="account"),
    Page(path="/account/password", answer=change(change_password), needs="account", method="POST"),
    Page(path="/logout", answer=change(log_out), needs="account", method="POST"),
    Page(path="/logout/everywhere", answer=change(log_out_everywhere), needs="account", method="POST"),
)
