"""In front of every route: where a request comes from, who asks, and which part of the district is theirs."""

from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.access.accounts import Accounts
from dashboards.access.files import AccountsError, AccountsFile
from dashboards.access.granting import granted
from dashboards.access.proxies import Origin, origin_of, passed_on
from dashboards.access.roles import LOCAL, Person
from dashboards.access.roles import Scope as Part
from dashboards.access.sessions import Forms, Sessions
from dashboards.access.settings import AccessSettings, HeaderSettings
from dashboards.access.tokens import Tokens
from dashboards.board.headers import SECURE, SECURITY_HEADERS
from dashboards.board.state import Board
from runtime.language import Text

COOKIE = "campus_session"
API = "/api/"
# Parts of the district whose figures are kept at hand: every school of a district has one.
_KEPT = 256
_PASSED_ON = Text(
    "看板没有账号，只在本机上可读；此请求经过了代理。请设置 access.accounts 和 access.proxies。",
    "This board has no accounts and is read on its own machine alone; this request came through a proxy. "
    "Set access.accounts and access.proxies.",
)


@dataclass(frozen=True)
class Doors:
    """The accounts and what hangs on them, where there are any."""

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    forms: Forms

    @staticmethod
    def of(file: AccountsFile, settings: AccessSettings) -> "Doors":
        hour_ms = 3_600_000
        return Doors(
            accounts=Accounts(file),
            sessions=Sessions(
                file, longest_ms=int(settings.session_h * hour_ms), idle_ms=int(settings.idle_h * hour_ms)
            ),
            tokens=Tokens(file),
            forms=Forms(file.secret),
        )


class Gate:
    """Says who asks. Whether they may is the route's own row to say."""

    def __init__(self, app: ASGIApp, *, board: Board, settings: AccessSettings, doors: Doors | None) -> None:
        self._app = app
        self._board = board
        self._settings = settings
        self._doors = doors
        self._parts: OrderedDict[Part, Board] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope["client"] else ""
        origin = origin_of(peer, scope["scheme"], headers, self._settings.networks)
        sending = _with_headers(send, secure=origin.secure)
        if self._doors is None and passed_on(peer, scope["http_version"], headers):
            await PlainTextResponse(f"{_PASSED_ON.zh}\n{_PASSED_ON.en}\n", 403)(scope, receive, sending)
            return
        try:
            person = self._person(scope["path"], headers, origin)
        except AccountsError as error:
            await PlainTextResponse(f"{error}\n", 503)(scope, receive, sending)
            return
        root = self._settings.root_path
        scope["root_path"] = root
        # A proxy may take its own path away or leave it: inside, every path has it.
        if root and not f"{scope['path']}/".startswith(f"{root}/"):
            scope["path"] = root + scope["path"]
        scope["state"] = {
            **scope.get("state", {}),
            "person": person,
            "origin": origin,
            "board": self._part(person.scope) if person else self._board,
        }
        await self._app(scope, receive, sending)

    def _person(self, path: str, headers: Headers, origin: Origin) -> Person | None:
        if self._doors is None:
            return LOCAL
        now_ms = self._board.now_ms()
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            inside = path.removeprefix(self._settings.root_path).startswith(API)
            return self._doors.tokens.person(token.strip(), now_ms=now_ms) if inside else None
        if self._settings.header and origin.trusted:
            found = _named_by_proxy(self._settings.header, headers, self._doors.accounts)
            if found:
                return found
        secret = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return self._doors.sessions.person(secret, now_ms=now_ms) if secret else None

    def _part(self, part: Part) -> Board:
        if part.whole:
            return self._board
        if part not in self._parts:
            self._parts[part] = self._board.narrowed(part)
        self._parts.move_to_end(part)
        while len(self._parts) > _KEPT:
            self._parts.popitem(last=False)
        return self._parts[part]


def _named_by_proxy(settings: HeaderSettings, headers: Headers, accounts: Accounts) -> Person | None:
    """Who the proxy says has signed in: an account of the file by that name, else by their groups."""
    name = headers.get(settings.user, "").strip()
    if not name or len(name) > 128 or not name.isprintable():
        return None
    session = f"header:{name}"
    account = accounts.get(name)
    if account and not account.password:
        return Person(name=account.name, role=account.role, scope=account.scope, session=session)
    groups = headers.get(settings.groups, "") if settings.groups else ""
    values = [group.strip() for group in groups.replace(";", ",").split(",")]
    found = granted(settings.role, values)
    return Person(name=name, role=found[0], scope=found[1], session=session) if found else None


def _with_headers(send: Send, *, secure: bool) -> Send:
    """Every answer, whoever made it, carries the headers that keep a browser careful."""
    added = [*SECURITY_HEADERS, *(SECURE if secure else ())]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            known = {name.lower() for name, _ in headers}
            message["headers"] = [*headers, *((name, value) for name, value in added if name not in known)]
        await send(message)

    return sending
