"""Tokens for programs that read the API: hashed at rest, with a role, a scope and an end."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from dashboards.access.accounts import AccountProblem, codes_problem, columns_of, role_of, scope_of
from dashboards.access.files import AccountsFile
from dashboards.access.roles import Person, Role, Scope, problem_of

PREFIX = "campus_"
_LONGEST_DAYS = 732
_DAY_MS = 86_400_000
_NOTED_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as its list shows it: never the secret."""

    key: str
    label: str
    role: Role
    scope: Scope
    created_by: str
    created_ms: int
    expires_ms: int
    revoked_ms: int | None
    used_ms: int | None


class Tokens:
    """The tokens of a file."""

    def __init__(self, file: AccountsFile) -> None:
        self._file = file

    def add(
        self, label: str, role: Role, scope: Scope, *, by: str, within: Scope, days: int, now_ms: int
    ) -> tuple[str, str]:
        """Its key and the token itself, which nobody can read again. Raises AccountProblem."""
        label = label.strip()
        self.check(label, role, scope, within=within, days=days)
        key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        with self._file.change() as connection:
            connection.execute(
                "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (
                    *(key, _hash(secret), label, role, *columns_of(scope)),
                    *(by, now_ms, now_ms + days * _DAY_MS),
                ),
            )
        return key, f"{PREFIX}{key}_{secret}"

    def check(self, label: str, role: Role, scope: Scope, *, within: Scope, days: int) -> None:
        """Raises AccountProblem where such a token cannot be made."""
        if problem := _problem(label.strip(), role, scope, within, days):
            raise AccountProblem(problem)

    def all(self) -> list[Token]:
        return [
            Token(
                key=row["id"],
                label=row["label"],
                role=role_of(row["role"]),
                scope=scope_of(row),
                created_by=row["created_by"],
                created_ms=row["created_ms"],
                expires_ms=row["expires_ms"],
                revoked_ms=row["revoked_ms"],
                used_ms=row["used_ms"],
            )
            for row in self._file.rows("SELECT * FROM token ORDER BY created_ms DESC, id")
        ]

    def check_known(self, key: str) -> None:
        """Raises AccountProblem where there is no such token."""
        if not self._file.rows("SELECT 1 FROM token WHERE id = ?", key):
            raise AccountProblem("unknown_token")

    def revoke(self, key: str, *, now_ms: int) -> None:
        """Raises AccountProblem where there is no such token."""
        with self._file.change() as connection:
            changed = connection.execute(
                "UPDATE token SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?", (now_ms, key)
            )
            if not changed.rowcount:
                raise AccountProblem("unknown_token")

    def person(self, token: str, *, now_ms: int) -> Person | None:
        """Who a token stands for; None where it is none, over, or taken back."""
        key, _, secret = token.removeprefix(PREFIX).partition("_")
        rows = self._file.rows(
            "SELECT * FROM token WHERE id = ? AND expires_ms >= ? AND revoked_ms IS NULL", *(key, now_ms)
        )
        if not rows or not hmac.compare_digest(rows[0]["hash"], _hash(secret)):
            return None
        row = rows[0]
        if now_ms - (row["used_ms"] or 0) > _NOTED_MS:
            with self._file.change() as connection:
                connection.execute("UPDATE token SET used_ms = ? WHERE id = ?", (now_ms, key))
        return Person(name=f"token {row['label']}", role=role_of(row["role"]), scope=scope_of(row))


def _problem(label: str, role: Role, scope: Scope, within: Scope, days: int) -> str | None:
    if not 1 <= len(label) <= 60:
        return "label"
    if not 1 <= days <= _LONGEST_DAYS:
        return "expiry"
    return problem_of(role, scope) or codes_problem(scope) or (None if scope.within(within) else "scope")


def _hash(secret: str) -> str:
    """A random secret of 256 bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
