"""The bureau's own certificates (authority, broker, board): looked at every hour, and told to the store.

A file is read; a server is asked as a client would, which also shows that it has not taken up yet what was
renewed in its file. What cannot be looked at is told as that: nobody knows then when it ends.
"""

import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from contract import Point
from rules.stored.states import CERTIFICATE
from rules.watch.settings import CertificateSettings
from store import Query, Select, Store, StoreError

_log = logging.getLogger("rules.certificates")
LOOK_MS = 3_600_000
_AGAIN_MS = 60_000  # where the store was away
_WEEK_MS = 7 * 86_400_000
_PATIENCE_S = 10.0

# When it ends, and why that cannot be told.
Look = tuple[int | None, str | None]


class CertificateWatch:
    """What is to be looked at, and when it is due again."""

    def __init__(self, settings: CertificateSettings) -> None:
        self._settings = settings
        self._due_ms = 0
        self._said: dict[str, str | None] = {}

    def look(self, store: Store, now_ms: int) -> None:
        """Where it is due: look at all of them and write what was found."""
        if now_ms < self._due_ms:
            return
        found = {str(path): of_file(path) for path in self._settings.files}
        found |= {server: of_server(server) for server in self._settings.servers}
        self._tell(found)
        try:
            gone = _watched(store, now_ms) - found.keys() if found or self._due_ms == 0 else set()
            store.write([*_points(found, now_ms), *(_point(name, now_ms, watched=0) for name in gone)])
        except StoreError as error:
            _log.warning("what was seen of certificates waits: %s", error)
            self._due_ms = now_ms + _AGAIN_MS
        else:
            self._due_ms = now_ms + LOOK_MS

    def _tell(self, found: dict[str, Look]) -> None:
        for name, (_, why) in found.items():
            if why and self._said.get(name) != why:
                _log.error("certificate of %s: %s", name, why)
            self._said[name] = why


def of_file(path: Path) -> Look:
    """The first end of all certificates in a PEM file: a chain is as good as that."""
    try:
        return _ends(path.read_bytes()), None
    except (OSError, ValueError):
        return None, "unreadable"


def of_server(place: str) -> Look:
    """Of the certificate that `host:port` shows. It is not trusted for this, only read."""
    host, _, port = place.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=host.strip("[]")) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
        return (None, "unreadable") if shown is None else (_ends(_pem(shown)), None)
    except (OSError, ValueError):
        return None, "unreachable"


def _ends(pem: bytes) -> int:
    """Raises ValueError where there is none."""
    # Only a service that has some to look at needs the library.
    from cryptography import x509

    ends = [certificate.not_valid_after_utc for certificate in x509.load_pem_x509_certificates(pem)]
    return round(min(ends).timestamp() * 1000)


def _pem(der: bytes) -> bytes:
    return ssl.DER_cert_to_PEM_cert(der).encode()


def _points(found: dict[str, Look], now_ms: int) -> Iterator[Point]:
    for name, (until_ms, why) in found.items():
        yield _point(name, now_ms, watched=1, until_ms=until_ms, why=why)


def _watched(store: Store, now_ms: int) -> set[str]:
    """What was looked at until lately, by these settings or earlier ones."""
    rows = store.query(
        Query(
            measurement=CERTIFICATE,
            select=(Select("watched"),),
            group_by=CERTIFICATE.tag_names,
            since=now_ms - _WEEK_MS,
            until=now_ms + 1,
            newest=1,
        )
    )
    return {row.tags["name"] for row in rows if row.values["watched"]}


def _point(
    name: str, now_ms: int, *, watched: int, until_ms: int | None = None, why: str | None = None
) -> Point:
    told = {"watched": watched, "until_ms": until_ms, "why": why}
    return Point(CERTIFICATE, ("", "", name), now_ms, tuple(map(told.get, CERTIFICATE.field_names)))
