"""Accounts in the file: who there is, with which role, and whether a password is theirs."""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.access.files import AccountsFile
from dashboards.access.limiting import WINDOW_MS, wait_ms
from dashboards.access.passwords import check, hashed, matches, outdated, rehashed
from dashboards.access.proxies import address_group
from dashboards.access.roles import ROLES, Role, Scope, problem_of
from dashboards.access.words import problem_text
from runtime.errors import UserError

_NAME = re.compile(r"[\w.@-]{1,64}")
# Addresses from which an account was signed in are remembered so long.
_KNOWN_MS = 90 * 86_400_000


class AccountProblem(UserError):
    """What cannot be done to an account, and why."""

    def __init__(self, key: str) -> None:
        super().__init__(problem_text(key))
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. `password` is whether it has one: with a sign-on in front it needs none."""

    name: str
    role: Role
    scope: Scope
    password: bool
    created_ms: int
    changed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a login: the account, or how long to wait, or neither."""

    account: Account | None = None
    wait_ms: int = 0


class Accounts:
    """The accounts of a file."""

    def __init__(self, file: AccountsFile) -> None:
        self._file = file

    def all(self) -> list[Account]:
        return [_account(row) for row in self._file.rows("SELECT * FROM account ORDER BY name")]

    def get(self, name: str) -> Account | None:
        rows = self._file.rows("SELECT * FROM account WHERE name = ?", account_name(name))
        return _account(rows[0]) if rows else None

    def add(self, name: str, role: Role, scope: Scope, password: str | None, *, now_ms: int) -> None:
        """Raises AccountProblem or WeakPassword."""
        known = account_name(name)
        self.check_new(name, role, scope, password)
        secret = None if password is None else hashed(password, account=known)
        with self._file.change() as connection:
            if connection.execute("SELECT 1 FROM account WHERE name = ?", (known,)).fetchone():
                raise AccountProblem("exists")
            connection.execute(
                "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?)",
                (known, role, *columns_of(scope), secret, now_ms, now_ms),
            )

    def check_password(self, name: str, password: str) -> None:
        """Raises WeakPassword where it cannot be set."""
        check(password, account=account_name(name))

    def check_new(self, name: str, role: Role, scope: Scope, password: str | None) -> None:
        """Raises AccountProblem or WeakPassword where such an account cannot be made."""
        known = account_name(name)
        if not _NAME.fullmatch(known):
            raise AccountProblem("name")
        _check(role, scope)
        if password is not None:
            check(password, account=known)
        if self.get(known):
            raise AccountProblem("exists")

    def check_known(self, name: str, role: Role | None = None, scope: Scope | None = None) -> None:
        """Raises AccountProblem where there is no such account, or it cannot have this role."""
        if self.get(name) is None:
            raise AccountProblem("unknown")
        if role and scope:
            _check(role, scope)

    def set_password(self, name: str, password: str, *, now_ms: int) -> None:
        """Ends every session of the account, too."""
        secret = hashed(password, account=account_name(name))
        self._change(name, "hash = ?", (secret,), now_ms)

    def set_role(self, name: str, role: Role, scope: Scope, *, now_ms: int) -> None:
        _check(role, scope)
        self._change(name, "role = ?, districts = ?, schools = ?", (role, *columns_of(scope)), now_ms)

    def remove(self, name: str) -> None:
        known = account_name(name)
        with self._file.change() as connection:
            if not connection.execute("DELETE FROM account WHERE name = ?", (known,)).rowcount:
                raise AccountProblem("unknown")
            for table in ("session", "attempt", "known_address"):
                connection.execute(f"DELETE FROM {table} WHERE account = ?", (known,))  # noqa: S608 our own names

    def log_in(self, name: str, password: str, address: str, *, now_ms: int) -> Attempt:
        """Checks a password, unless too many failed before. Takes as long for a name that nobody has."""
        known, group = account_name(name)[:64], address_group(address)
        wait = self._wait(known, group, now_ms)
        if wait:
            return Attempt(wait_ms=wait)
        rows = self._file.rows("SELECT * FROM account WHERE name = ?", known)
        stored = rows[0]["hash"] if rows else None
        right = matches(stored, password)
        with self._file.change() as connection:
            if not right:
                connection.execute("INSERT INTO attempt VALUES (?, ?, ?)", (known, group, now_ms))
                connection.execute("DELETE FROM attempt WHERE at_ms < ?", (now_ms - WINDOW_MS,))
                return Attempt()
            connection.execute("DELETE FROM attempt WHERE account = ? AND address = ?", (known, group))
            connection.execute(
                "INSERT OR REPLACE INTO known_address VALUES (?, ?, ?)", (known, group, now_ms)
            )
            if stored and outdated(stored):
                connection.execute("UPDATE account SET hash = ? WHERE name = ?", (rehashed(password), known))
        return Attempt(account=_account(rows[0]))

    def _wait(self, name: str, group: str, now_ms: int) -> int:
        since = now_ms - WINDOW_MS
        rows = self._file.rows(
            "SELECT account, address, at_ms FROM attempt WHERE (account = ? OR address = ?) AND at_ms >= ?"
            " ORDER BY at_ms",
            *(name, group, since),
        )
        seen = self._file.rows(
            "SELECT 1 FROM known_address WHERE account = ? AND address = ? AND seen_ms >= ?",
            *(name, group, now_ms - _KNOWN_MS),
        )
        failures = [(row["account"] == name, row["address"] == group, row["at_ms"]) for row in rows]
        return wait_ms(
            [at for account, address, at in failures if account and address],
            [at for _, address, at in failures if address],
            [at for account, _, at in failures if account],
            known=bool(seen),
            now_ms=now_ms,
        )

    def _change(self, name: str, what: str, values: Sequence[object], now_ms: int) -> None:
        known = account_name(name)
        with self._file.change() as connection:
            statement = f"UPDATE account SET {what}, changed_ms = ? WHERE name = ?"  # noqa: S608 our own columns
            if not connection.execute(statement, (*values, now_ms, known)).rowcount:
                raise AccountProblem("unknown")
            connection.execute("DELETE FROM session WHERE account = ?", (known,))


def account_name(text: str) -> str:
    """Names are one however they are typed."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def columns_of(scope: Scope) -> tuple[str | None, str | None]:
    return _json(scope.districts), _json(scope.schools)


def scope_of(row: sqlite3.Row) -> Scope:
    return Scope(districts=_tuple(row["districts"]), schools=_tuple(row["schools"]))


def role_of(text: str) -> Role:
    """A role as the file has it; raises AccountProblem for one that this version does not know."""
    for role in ROLES:
        if role == text:
            return role
    raise AccountProblem("unknown")


def _check(role: Role, scope: Scope) -> None:
    if problem := problem_of(role, scope) or codes_problem(scope):
        raise AccountProblem(problem)


def codes_problem(scope: Scope) -> str | None:
    """Codes that cannot be any: a mistyped one would be an account that sees nothing."""
    if any(not re.fullmatch(r"\d{6}", code, re.ASCII) for code in scope.districts or ()):
        return "district"
    if any(not re.fullmatch(r"\d{10}", code, re.ASCII) for code in scope.schools or ()):
        return "school"
    return None


def _account(row: sqlite3.Row) -> Account:
    return Account(
        name=row["name"],
        role=role_of(row["role"]),
        scope=scope_of(row),
        password=row["hash"] is not None,
        created_ms=row["created_ms"],
        changed_ms=row["changed_ms"],
    )


def _json(codes: Sequence[str] | None) -> str | None:
    return None if codes is None else json.dumps(list(codes))


def _tuple(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(map(str, json.loads(text)))
