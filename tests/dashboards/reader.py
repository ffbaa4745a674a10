"""Someone at a browser: keeps cookies, follows nothing by itself, and sends forms as the pages give them."""

import re
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from dashboards.access.accounts import Accounts
from dashboards.access.files import AccountsFile
from dashboards.access.roles import Role, Scope
from dashboards.access.sessions import Sessions
from dashboards.board.gate import COOKIE

PASSWORD = "gutes-Passwort-0815"


def add_account(
    path: Path, name: str, role: Role, scope: Scope | None = None, *, password: str | None = None
) -> None:
    """Without a password, which takes its time to hash, where nobody types one."""
    with closing(AccountsFile(path)) as file:
        Accounts(file).add(name, role, scope or Scope(), password, now_ms=1)


@dataclass
class Reader:
    """One browser on one board."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.url,
            headers={"Accept-Language": "zh", **self.headers},
            timeout=30,
            trust_env=False,
            # A connection an answer: nothing is left open when a test ends.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        sent = {
            "Origin": self.url.removesuffix("/campus"),
            "Content-Type": "application/x-www-form-urlencoded",
            **headers,
        }
        return self.client.post(path, content=urlencode(fields), headers=sent)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.post("/login", {"name": name, "password": password, "next": "/"})

    def enter(self, accounts: Path, name: str) -> "Reader":
        """Signed in already: what the login would have left in the browser."""
        with closing(AccountsFile(accounts)) as file:
            sessions = Sessions(file, longest_ms=3_600_000, idle_ms=3_600_000)
            secret = sessions.begin(name, "127.0.0.1", now_ms=int(time.time() * 1000))
        self.client.cookies.set(COOKIE, secret)
        return self

    def mark(self, page: str = "/account") -> str:
        """The proof that a page of ours gives with its forms."""
        found = re.search(r'name="mark" value="([0-9a-f]+)"', self.get(page).text)
        return found[1] if found else ""

    def change(self, path: str, **fields: str) -> httpx.Response:
        """A form as the page gives it, with its proof."""
        return self.post(path, {"mark": self.mark(), **fields})
