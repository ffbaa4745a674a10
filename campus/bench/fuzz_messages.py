"""Messages of gateways that are damaged on their way to ingest: each becomes points, an entry, or both."""

import random

from campus.bench.fuzz import Fuzz, Fuzzed, damaged
from contract import (
    AccessPoint,
    Account,
    Ack,
    Address,
    Asset,
    CollectorRun,
    CollectorState,
    ContractError,
    NotTaken,
    Radio,
    Reading,
    RoomDevice,
    RunningSettings,
    SignalSample,
    Status,
    Wanted,
    decode_ack,
    encode,
    pack,
    seal,
    utc_text,
)
from contract.wanted import content_hash
from ingest.batch import Batch
from store import Rejected
from store.line_protocol import Unwritable, encode_line

_NOW_MS = 1_790_000_000_000
_EPOCH = "00000000000000bb"
_GATEWAY = Address("120116", "2112000001", "gw-1")
_READINGS: tuple[Reading, ...] = (
    AccessPoint(time=_NOW_MS, ap="SER1", room="J1-301", state="up", name="教室 301", clients=31),
    Radio(time=_NOW_MS, ap="SER1", radio="0", band="5", channel=36, noise_dbm=-95),
    SignalSample(time=_NOW_MS, room="101", point="p1", band="5", rssi_dbm=-61, snr_db=34),
    RoomDevice(time=_NOW_MS, device="TY-1", type="plug", reachable=True, power_w=61.5, energy_wh=1e6),
    Asset(time=_NOW_MS, asset="A1", name="投影机", quantity=1, value_fen=600_000),
    CollectorRun(time=_NOW_MS, collector="ac1", target="10.0.0.1", status="partial", reason="1 of 2"),
)
_ENOUGH_CRASHES = 20


def subjects() -> list[tuple[str, Fuzz]]:
    return [("messages", fuzz_messages)]


def fuzz_messages(answers: int, seed: int) -> Fuzzed:
    """Damaged batches and statuses as ingest reads them, damaged acknowledgements as a gateway does."""
    chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run
    whole = _messages()
    while found.answers < answers and len(found.crashes) < _ENOUGH_CRASHES:
        topic, payload = chance.choice(whole)
        spoilt = damaged(payload, chance)
        if chance.randrange(20) == 0:
            topic = damaged(topic.encode(), chance).decode("utf-8", "replace")
        found.answers += 1
        found.rounds += 1
        try:
            found.ended[_ack(spoilt) if topic.endswith("/ack") else _read(topic, spoilt)] += 1
        except Exception as error:
            found.crashes.append(f"{type(error).__name__}: {error} from {spoilt[:200]!r} at {topic!r}")
    return found


def _messages() -> list[tuple[str, bytes]]:
    (packed,) = pack(_READINGS, most=len(_READINGS))
    batches = [seal(_EPOCH, 7, packed.body, sent_ms=_NOW_MS)]
    batches += [seal(_EPOCH, 8, next(pack([reading], most=1)).body, sent_ms=_NOW_MS) for reading in _READINGS]
    account = Account(epoch=_EPOCH, last_seq=8, produced=12, acknowledged=6, pending=6, dropped=0, untaken=3)
    state = CollectorState(id="ac1", status="ok", last_run=utc_text(_NOW_MS))
    status = Status(online=True, time=utc_text(_NOW_MS), version="1", account=account, collectors=(state,))
    return [
        *((_GATEWAY.topic("readings"), batch) for batch in batches),
        (_GATEWAY.topic("status"), encode(status)),
        (_GATEWAY.topic("status"), encode(_settled(status))),
        (_GATEWAY.topic("wanted"), encode(_wanted())),
        (_GATEWAY.topic("ack"), encode(Ack.of(_EPOCH, [1, 2, 3, 7], time=utc_text(_NOW_MS)))),
    ]


def _settled(status: Status) -> Status:
    """A gateway that went back from what the bureau wanted."""
    time = utc_text(_NOW_MS)
    left = NotTaken(
        version=2, outcome="rolled_back", code="fleet.lost", args={"collectors": ("ac1",)}, time=time
    )
    running = RunningSettings(version=1, sha256="0" * 64, since=time, wanted=2, not_taken=left)
    return status.model_copy(update={"settings": running})


def _wanted() -> Wanted:
    settings, files = '[[pjlink]]\nid = "p"\n', {"projectors.csv": "host,room\n10.8.3.1,101\n"}
    return Wanted(
        district=_GATEWAY.district,
        school=_GATEWAY.school,
        gateway=_GATEWAY.gateway,
        version=2,
        made=utc_text(_NOW_MS),
        settings=settings,
        files=files,
        sha256=content_hash(settings, files),
    )


def _read(topic: str, payload: bytes) -> str:
    """As ingest does it: read, write as lines, set aside what no store would take, read that again."""
    batch = Batch()
    batch.read(topic, payload, _NOW_MS)
    rejected = []
    for point in batch.points:
        try:
            encode_line(point)
        except Unwritable as error:
            rejected.append(Rejected(point, str(error)))
    aside = [*batch.refused, *batch.set_aside(rejected, _NOW_MS)]
    for entry in aside:
        Batch().read(entry.topic, entry.payload, _NOW_MS)
    return "set aside" if not batch.points else "in part" if aside else "read"


def _ack(payload: bytes) -> str:
    try:
        decode_ack(payload)
    except ContractError:
        return "refused"
    return "read"
