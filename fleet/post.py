"""The book and the broker: what is said to gateways, what they say of it, and keeping the two alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from contract import (
    MAX_MESSAGE_BYTES,
    Address,
    ContractError,
    Status,
    Wanted,
    decode_status,
    decode_wanted,
    encode,
    parse_topic,
    subscription,
    utc_text,
)
from contract.proof import detach
from fleet.book import Book, Version
from runtime.errors import UserError
from runtime.language import Text
from trust.broker.control import Control
from trust.office import Office
from trust.register import GatewayRow

Place = tuple[str, str]
"""School and name of a gateway."""


class TooLarge(UserError):
    """A version that fits into no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the broker holds: every gateway's last status, and the wanted settings by their topic.

    A message that cannot be read is no status; a wanted one is None.
    """

    statuses: Mapping[Place, Status]
    wanted: Mapping[str, Wanted | None]


def book_of(office: Office) -> Book:
    return Book(office.folder.path / "fleet.sqlite")


def hear(control: Control) -> Heard:
    """Raises BrokerError where the broker does not let us hear."""
    statuses: dict[Place, Status] = {}
    wanted: dict[str, Wanted | None] = {}
    for topic, payload in control.retained([subscription("status"), subscription("wanted")]).items():
        try:
            address, stream = parse_topic(topic)
        except ContractError:
            continue
        bare, _ = detach(payload)
        if stream == "wanted":
            wanted[topic] = _read_wanted(bare, address)
        elif (status := _read_status(bare)) is not None:
            statuses[address.school, address.gateway] = status
    return Heard(statuses=statuses, wanted=wanted)


def send(
    control: Control, book: Book, office: Office, chosen: Iterable[Version], heard: Heard, *, now_ms: int
) -> list[Version]:
    """Say versions to their gateways, each with a number above any that they know, and note it."""
    sent = []
    for draft in chosen:
        place = (draft.address.school, draft.address.gateway)
        version = replace(draft, sent_ms=now_ms, number=max(draft.number, _known(heard, draft.address) + 1))
        payload = message(office, version)
        with book.changing():
            book.drop_draft(*place)
            book.put(version)
            # Last, so that what was said is in the book; what the broker does not take is a draft again.
            control.say(version.address.topic("wanted"), payload)
        sent.append(version)
    return sent


def keep_in_step(control: Control, book: Book, office: Office, gateways: Iterable[GatewayRow]) -> list[Text]:
    """Say again what the broker has lost, clear what is of nobody; in words, with what a person must mend."""
    heard, lines = hear(control), list[Text]()
    with book.changing():
        sent = book.sent()
    entitled = {row.address for row in gateways if row.revoked_ms is None and row.means == "certificate"}
    topics = {version.address.topic("wanted") for version in sent.values() if version.address in entitled}
    for topic in heard.wanted.keys() - topics:
        control.say(topic, b"")
        lines.append(
            Text(f"{topic} 已清除：不属于在册网关", f"{topic} is cleared: it is of no gateway of ours")
        )
    for version in sent.values():
        if version.address not in entitled:
            continue
        topic = version.address.topic("wanted")
        there = heard.wanted.get(topic)
        if there is not None and there.version > version.number:
            lines.append(_lost_pages(version, there))
        elif there is None or (there.version, there.sha256) != (version.number, version.sha256):
            control.say(topic, message(office, version))
            lines.append(Text(f"{topic} 已重新下发", f"{topic} is said again"))
    return lines


def message(office: Office, version: Version) -> bytes:
    """The signed message. Raises TooLarge."""
    address = version.address
    wanted = Wanted(
        district=address.district,
        school=address.school,
        gateway=address.gateway,
        version=version.number,
        made=utc_text(version.made_ms),
        settings=version.settings,
        files=version.files,
        sha256=version.sha256,
        software=version.software,
    )
    payload = office.signed(address.topic("wanted"), encode(wanted))
    if len(payload) > MAX_MESSAGE_BYTES:
        raise TooLarge(
            Text(
                f"{address.school} 的设置有 {len(payload)} 字节，至多 {MAX_MESSAGE_BYTES}",
                f"the settings of {address.school} have {len(payload)} bytes, at most {MAX_MESSAGE_BYTES} go",
            )
        )
    return payload


def _known(heard: Heard, address: Address) -> int:
    """The highest number that a gateway or the broker knows: a book put back from a backup may know less."""
    status = heard.statuses.get((address.school, address.gateway))
    told = status.settings if status else None
    there = heard.wanted.get(address.topic("wanted"))
    return max((told.wanted or 0) if told else 0, told.version if told else 0, there.version if there else 0)


def _lost_pages(version: Version, there: Wanted) -> Text:
    where = f"{version.address.school} {version.address.gateway}"
    has, book = there.version, version.number
    return Text(
        f"{where}：消息代理上是第 {has} 版，账册只到第 {book} 版（从旧备份恢复？）；请重新 campus fleet set",
        f"{where}: the broker has version {has}, the book only {book} (put back from an old backup?): "
        "campus fleet set it anew",
    )


def _read_wanted(bare: bytes, address: Address) -> Wanted | None:
    try:
        return decode_wanted(bare, address)
    except ContractError:
        return None


def _read_status(bare: bytes) -> Status | None:
    try:
        return decode_status(bare)
    except ContractError:
        return None
