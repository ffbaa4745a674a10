"""Sessions: kept in the file, found by the hash of what the browser holds, ended by time or by people."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from dashboards.access.accounts import Accounts, columns_of, role_of, scope_of
from dashboards.access.files import AccountsFile
from dashboards.access.roles import Person, Role, Scope

# Being used is noted at most so often: every reader's page would be a write otherwise.
_NOTED_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in as its owner sees it."""

    created_ms: int
    seen_ms: int
    address: str
    here: bool


class Sessions:
    """The sessions of a file; a session of an account of the file follows what the account may do now."""

    def __init__(self, file: AccountsFile, *, longest_ms: int, idle_ms: int) -> None:
        self._file = file
        self._accounts = Accounts(file)
        self._longest_ms = longest_ms
        self._idle_ms = idle_ms

    def begin(
        self,
        account: str,
        address: str,
        *,
        now_ms: int,
        granted: tuple[Role, Scope] | None = None,
        instead_of: str = "",
    ) -> str:
        """What the browser is to hold from now on, always new; the session that it held is over.

        granted: what a sign-on said, for someone who has no account in the file.
        """
        secret = secrets.token_urlsafe(32)
        role = granted[0] if granted else None
        scope = columns_of(granted[1]) if granted else (None, None)
        with self._file.change() as connection:
            connection.execute("DELETE FROM session WHERE id = ?", (_id(instead_of),))
            connection.execute(
                "DELETE FROM session WHERE expires_ms < ? OR seen_ms < ?", (now_ms, now_ms - self._idle_ms)
            )
            connection.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_id(secret), account, role, *scope, now_ms, now_ms, now_ms + self._longest_ms, address),
            )
        return secret

    def person(self, secret: str, *, now_ms: int) -> Person | None:
        """Who holds this; None where the session is over, or the account gone."""
        key = _id(secret)
        rows = self._file.rows(
            "SELECT * FROM session WHERE id = ? AND expires_ms >= ? AND seen_ms >= ?",
            *(key, now_ms, now_ms - self._idle_ms),
        )
        if not rows:
            return None
        row = rows[0]
        if now_ms - row["seen_ms"] > _NOTED_MS:
            with self._file.change() as connection:
                connection.execute("UPDATE session SET seen_ms = ? WHERE id = ?", (now_ms, key))
        if row["role"] is not None:
            return Person(name=row["account"], role=role_of(row["role"]), scope=scope_of(row), session=key)
        account = self._accounts.get(row["account"])
        if account is None:
            return None
        return Person(
            name=account.name,
            role=account.role,
            scope=account.scope,
            session=key,
            local_account=account.password,
        )

    def of(self, person: Person, *, now_ms: int) -> list[Session]:
        """All sessions of someone, the newest first."""
        rows = self._file.rows(
            "SELECT * FROM session WHERE account = ? AND expires_ms >= ? AND seen_ms >= ?"
            " ORDER BY seen_ms DESC",
            *(person.name, now_ms, now_ms - self._idle_ms),
        )
        return [
            Session(
                created_ms=row["created_ms"],
                seen_ms=row["seen_ms"],
                address=row["address"],
                here=row["id"] == person.session,
            )
            for row in rows
        ]

    def end(self, person: Person) -> None:
        with self._file.change() as connection:
            connection.execute("DELETE FROM session WHERE id = ?", (person.session,))

    def end_all(self, person: Person) -> None:
        with self._file.change() as connection:
            connection.execute("DELETE FROM session WHERE account = ?", (person.name,))


class Forms:
    """What proves that a form was ours: bound to who is signed in, signed with the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def mark(self, bound_to: str) -> str:
        return hmac.new(self._secret, f"form:{bound_to}".encode(), hashlib.sha256).hexdigest()

    def proves(self, mark: str, bound_to: str) -> bool:
        return hmac.compare_digest(mark.encode(), self.mark(bound_to).encode())


def _id(secret: str) -> str:
    """What is kept: whoever reads the file cannot sign in with it."""
    return hashlib.sha256(secret.encode()).hexdigest()
