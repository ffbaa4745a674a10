"""What the commands of `campus fleet` work with: book, office, broker, drafts and gateways."""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from campus.commands.moments import now_ms
from campus.commands.trusting import office_of
from runtime.errors import ConfigError
from runtime.language import Text

if TYPE_CHECKING:
    from contract import Address
    from fleet.book import Book, Version
    from fleet.post import Heard
    from fleet.standing import Standing
    from trust.broker.control import Control
    from trust.office import Office
    from trust.settings import TrustSettings


@contextmanager
def at_work(config: Path) -> "Iterator[tuple[TrustSettings, Office, Book]]":
    from fleet.post import book_of

    with office_of(config) as (settings, office), book_of(office) as book:
        yield settings, office, book


@contextmanager
def broker(settings: "TrustSettings") -> "Iterator[Control]":
    from trust.broker.control import connected
    from trust.broker.syncing import broker_of

    with connected(broker_of(settings)) as control:
        yield control


def put_draft(
    book: "Book",
    address: "Address",
    settings: str | None,
    files: Mapping[str, str],
    software: str | None,
) -> "Version":
    """Inside a change of the book."""
    from contract.wanted import content_hash
    from fleet.book import Version

    known = [row.number for row in book.of(address.school, address.gateway) if row.sent_ms is not None]
    draft = Version(
        address=address,
        number=max(known, default=0) + 1,
        release=book.open_release(),
        made_ms=now_ms(),
        who=_who(),
        settings=settings,
        files=dict(files),
        sha256=content_hash(settings, files),
        software=software,
    )
    book.put(draft)
    return draft


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no name
        return f"uid {os.getuid()}"


def present(book: "Book", office: "Office") -> "dict[tuple[str, str], Version]":
    """The newest version of every gateway that may still come: one that was revoked is not waited for."""
    entitled = set(all_addresses(office))
    with book.changing():
        return {place: version for place, version in book.newest().items() if version.address in entitled}


def all_versions(book: "Book") -> "list[Version]":
    return [row for place in book.newest() for row in book.of(*place)]


def all_addresses(office: "Office") -> "list[Address]":
    """Gateways that can prove what is the bureau's: those with a certificate."""
    with office.register.changing():
        rows = office.register.gateways()
    return [row.address for row in rows if row.revoked_ms is None and row.means == "certificate"]


def address_of(office: "Office", school: str, gateway: str | None) -> "Address":
    """A school's one gateway, or the one that is named. Raises ConfigError."""
    found = [address for address in all_addresses(office) if address.school == school]
    if gateway is not None:
        found = [address for address in found if address.gateway == gateway]
    if not found:
        where = f"{school} {gateway or ''}".strip()
        raise ConfigError(
            Text(
                f"{where} 没有用证书注册的网关（campus ca list 可列出全部）",
                f"{where} has no gateway with a certificate (campus ca list shows them all)",
            )
        )
    if len(found) > 1:
        names = ", ".join(address.gateway for address in found)
        raise ConfigError(
            Text(
                f"{school} 有多个网关（{names}），请用 --gateway",
                f"{school} has {names}: name one by --gateway",
            )
        )
    return found[0]


def rooms_of(settings: "TrustSettings", school: str) -> frozenset[str]:
    from registry import read_registry

    if settings.registry is None:
        return frozenset()
    rooms = read_registry(settings.registry).rooms
    return frozenset(room.room for room in rooms if room.school_code == school)


def able(found: "Sequence[Standing]", heard: "Heard") -> "list[Standing]":
    """A gateway whose program takes no settings is sent none, draft or not."""
    from dataclasses import replace

    def unable(line: "Standing") -> bool:
        status = heard.statuses.get((line.address.school, line.address.gateway))
        return status is not None and status.online and status.settings is None

    return [replace(line, state="unable") if unable(line) else line for line in found]


def say(address: "Address", text: Text) -> None:
    typer.echo(f"{address.school} {address.gateway} {text}")
