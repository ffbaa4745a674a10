"""Messages that cannot be read, and entries of the quarantine, for the tests of both."""

from contract import Address
from ingest.quarantine import Entry, identity
from tests.ingest.conftest import EPOCH

T0 = 1_790_000_000_000
GOOD = f'{{"kind":"radio","time":{T0},"ap":"A","radio":"0","clients":1}}'


def envelope(seq: int, *items: str, extra: str = "", sent: str = "2026-09-21T00:00:00Z") -> bytes:
    head = f'{{"v":1,"epoch":"{EPOCH}","seq":{seq},"sent":"{sent}"{extra},"readings":['
    return (head + ",".join(items) + "]}").encode()


def entry(number: int, size: int = 10) -> Entry:
    payload = bytes([number]) * size
    address = Address("120116", "2112000001", "gw")
    return Entry(
        id=identity("t", payload),
        topic="t",
        payload=payload,
        reason="r",
        received_ms=number,
        readings=1,
        address=address,
        epoch=EPOCH,
        seq=number,
    )
