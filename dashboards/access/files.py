"""The file of accounts: SQLite, readable by its owner alone. Passwords and tokens stand in it as hashes."""

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import UserError, sqlite_reason
from runtime.language import Text
from runtime.transaction import transaction

_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE account (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, districts TEXT, schools TEXT, hash TEXT,
    created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE session (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, role TEXT, districts TEXT, schools TEXT,
    created_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, address TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_account ON session (account);
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, label TEXT NOT NULL, role TEXT NOT NULL,
    districts TEXT, schools TEXT,
    created_by TEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, revoked_ms INTEGER,
    used_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE attempt (account TEXT NOT NULL, address TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE INDEX attempt_account ON attempt (account, at_ms);
CREATE INDEX attempt_address ON attempt (address, at_ms);
CREATE TABLE known_address (
    account TEXT NOT NULL, address TEXT NOT NULL, seen_ms INTEGER NOT NULL, PRIMARY KEY (account, address)
) WITHOUT ROWID;
CREATE TABLE sign_on (
    state TEXT PRIMARY KEY, nonce TEXT NOT NULL, verifier TEXT NOT NULL, next TEXT NOT NULL,
    browser TEXT NOT NULL, expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
"""


class AccountsError(UserError):
    """The file of accounts cannot be used now."""


class AccountsFile:
    """One connection, for one thread at a time. What several programs change is never half changed."""

    def __init__(self, path: Path) -> None:
        """Opens the file, and makes it where it is not there. Raises AccountsError."""
        self.path = path
        self._lock = threading.RLock()
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=10, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._prepare()
        except OSError as error:
            raise AccountsError(
                Text(f"无法建立账号文件 {path}", f"cannot make the file of accounts {path}")
            ) from error
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or nothing. Raises AccountsError."""
        with self._lock:
            try:
                with transaction(self._connection):
                    yield self._connection
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """What a SELECT finds. Raises AccountsError."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    @property
    def secret(self) -> bytes:
        """This installation's own: what forms are signed with."""
        return bytes.fromhex(self.rows("SELECT value FROM meta WHERE key = 'secret'")[0]["value"])

    def _prepare(self) -> None:
        connection = self._connection
        with transaction(connection):
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    connection.execute(statement)
                connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_hex(32),))
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        if version > _VERSION:
            raise AccountsError(
                Text(
                    f"账号文件 {self.path} 由更新的版本写成",
                    f"the file of accounts {self.path} was written by a later version",
                )
            )

    def _unusable(self, error: sqlite3.Error) -> AccountsError:
        why = sqlite_reason(error)
        return AccountsError(
            Text(
                f"账号文件 {self.path} 无法使用：{why.zh}",
                f"the file of accounts {self.path} cannot be used: {why.en}",
            )
        )
