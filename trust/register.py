"""The register: codes, gateways and certificates, in one SQLite file that the service and commands share."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contract import Address
from runtime.errors import UserError, told_as
from runtime.language import Text
from runtime.transaction import transaction
from trust.authority import Issued

Means = Literal["certificate", "password"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS code (
    hash TEXT PRIMARY KEY, district TEXT NOT NULL, school TEXT NOT NULL, gateway TEXT NOT NULL,
    made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER, used_by TEXT, replaced_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gateway (
    school TEXT NOT NULL, gateway TEXT NOT NULL, district TEXT NOT NULL, means TEXT NOT NULL,
    since_ms INTEGER NOT NULL, revoked_ms INTEGER, why TEXT, PRIMARY KEY (school, gateway)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS certificate (
    number INTEGER PRIMARY KEY, serial TEXT NOT NULL, key TEXT NOT NULL UNIQUE, public BLOB NOT NULL,
    school TEXT NOT NULL, gateway TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    issued_ms INTEGER NOT NULL, pem TEXT NOT NULL, revoked_ms INTEGER
);
CREATE INDEX IF NOT EXISTS certificate_of ON certificate (school, gateway);
"""


class RegisterError(UserError):
    """The register cannot be read or written now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A one-time code, known by its hash alone. `used_by` is the key that it was used for."""

    hash: str
    address: Address
    made_ms: int
    expires_ms: int
    used_ms: int | None = None
    used_by: str | None = None
    replaced_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRow:
    """A gateway that was enrolled, by a certificate or a password of its own."""

    address: Address
    means: Means
    since_ms: int
    revoked_ms: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """A certificate that was issued; the newest of a gateway comes last."""

    serial: int
    key: str
    public: bytes
    school: str
    gateway: str
    since_ms: int
    until_ms: int
    issued_ms: int
    pem: str
    revoked_ms: int | None = None


class Register:
    """Every method belongs inside `with register.changing()`: one transaction. Raises RegisterError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            # Threads of the service share the connection: one transaction at a time.
            self._lock = threading.Lock()
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> "Register":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All or nothing, and nobody else meanwhile."""
        with self._lock, _errors(self._path), transaction(self._connection):
            yield

    def add_code(self, code: CodeRow) -> None:
        """A gateway has one code that works: earlier ones that were not used are replaced by it."""
        self.withdraw_codes(code.address.school, code.address.gateway, now_ms=code.made_ms)
        address = (code.address.district, code.address.school, code.address.gateway)
        self._connection.execute(
            "INSERT INTO code VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
            (code.hash, *address, code.made_ms, code.expires_ms),
        )

    def code(self, hash_: str) -> CodeRow | None:
        row = self._connection.execute("SELECT * FROM code WHERE hash = ?", (hash_,)).fetchone()
        if row is None:
            return None
        return CodeRow(
            hash=row[0],
            address=Address(*row[1:4]),
            made_ms=row[4],
            expires_ms=row[5],
            used_ms=row[6],
            used_by=row[7],
            replaced_ms=row[8],
        )

    def use_code(self, hash_: str, key: str, *, now_ms: int) -> None:
        self._connection.execute(
            "UPDATE code SET used_ms = ?, used_by = ? WHERE hash = ?", (now_ms, key, hash_)
        )

    def withdraw_codes(self, school: str, gateway: str, *, now_ms: int) -> None:
        """Codes of a gateway that were not used yet count no more."""
        self._connection.execute(
            "UPDATE code SET replaced_ms = ? WHERE school = ? AND gateway = ? AND used_ms IS NULL",
            (now_ms, school, gateway),
        )

    def has_key(self, key: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM certificate WHERE key = ?", (key,))
        return found.fetchone() is not None

    def open_codes(self) -> list[CodeRow]:
        """Those that nobody has used."""
        rows = self._connection.execute(
            "SELECT hash FROM code WHERE used_ms IS NULL AND replaced_ms IS NULL ORDER BY expires_ms"
        )
        return [code for (hash_,) in rows.fetchall() if (code := self.code(hash_))]

    def gateways(self) -> list[GatewayRow]:
        rows = self._connection.execute(
            "SELECT district, school, gateway, means, since_ms, revoked_ms, why FROM gateway "
            "ORDER BY school, gateway"
        )
        return [
            GatewayRow(
                address=Address(*row[:3]), means=row[3], since_ms=row[4], revoked_ms=row[5], why=row[6]
            )
            for row in rows
        ]

    def gateway(self, school: str, gateway: str) -> GatewayRow | None:
        return next(
            (
                row
                for row in self.gateways()
                if (row.address.school, row.address.gateway) == (school, gateway)
            ),
            None,
        )

    def put_gateway(self, row: GatewayRow) -> None:
        address = row.address
        self._connection.execute(
            "INSERT OR REPLACE INTO gateway VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                address.school,
                address.gateway,
                address.district,
                row.means,
                row.since_ms,
                row.revoked_ms,
                row.why,
            ),
        )

    def add_certificate(self, issued: Issued, *, now_ms: int) -> None:
        self._connection.execute(
            "INSERT INTO certificate (serial, key, public, school, gateway, since_ms, until_ms, issued_ms, "
            "pem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                str(issued.serial),
                issued.key,
                issued.public_der,
                issued.address.school,
                issued.address.gateway,
                issued.since_ms,
                issued.until_ms,
                now_ms,
                issued.pem,
            ),
        )

    def certificates(self) -> list[CertificateRow]:
        """All of them, in the order in which they were issued."""
        rows = self._connection.execute(
            "SELECT serial, key, public, school, gateway, since_ms, until_ms, issued_ms, pem, revoked_ms "
            "FROM certificate ORDER BY number"
        )
        return [
            CertificateRow(
                serial=int(row[0]),
                key=row[1],
                public=row[2],
                school=row[3],
                gateway=row[4],
                since_ms=row[5],
                until_ms=row[6],
                issued_ms=row[7],
                pem=row[8],
                revoked_ms=row[9],
            )
            for row in rows
        ]

    def certificates_of(self, school: str, gateway: str) -> list[CertificateRow]:
        """Those of one gateway, the newest last."""
        return [row for row in self.certificates() if (row.school, row.gateway) == (school, gateway)]

    def revoke_certificates(self, school: str, gateway: str, *, now_ms: int) -> None:
        self._connection.execute(
            "UPDATE certificate SET revoked_ms = ? WHERE school = ? AND gateway = ? AND revoked_ms IS NULL",
            (now_ms, school, gateway),
        )


def _errors(path: Path) -> AbstractContextManager[None]:
    return told_as(RegisterError, Text("登记册", "register"), path)
