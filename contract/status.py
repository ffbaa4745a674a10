"""A gateway's account of itself: who it is, how its collectors fare, and what became of every reading."""

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from contract.envelope import Epoch, Message, explain
from contract.errors import ContractError
from contract.moments import UtcText
from contract.proof import ProofText
from contract.readings import ADDRESS_TAGS, Text
from contract.topics import MAX_MESSAGE_BYTES, Address
from contract.types import Column, Measurement, Point, Value
from contract.wanted import RunningSettings, reason_json

# The authority could not be reached; it said no; anything else.
RenewalTrouble = Literal["unreachable", "refused", "other"]
# So many failing collectors are named; how many there are is told beside.
_NAMED = 8
Total = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Account(Message):
    """Readings of one spool since its epoch began: produced = acknowledged + pending + dropped + untaken.

    `last_seq` is the newest batch the account covers, so that it can be compared with a store that has
    moved on. `dropped` were given up because the spool was full or they were too old, `untaken` were observed
    while the spool could take nothing. `inherited` readings wait too, but belong to earlier epochs, and so to
    earlier accounts. Both are sent only where there are any: an older ingest does not know them.
    `spool_room_bytes`: so much more of what waits finds room, of `spool_max_bytes` that the settings allow;
    a disk that others have filled leaves less.
    """

    epoch: Epoch
    last_seq: Total
    produced: Total
    acknowledged: Total
    pending: Total
    dropped: Total
    untaken: Total | None = None
    inherited: Total | None = None
    oldest_pending: UtcText | None = None
    spool_max_bytes: Total | None = None
    spool_room_bytes: Total | None = None


class CertificateState(Message):
    """An enrolled gateway's certificate: when it ends, from when on it is to be renewed by itself.

    trouble: why the last try to renew it failed; None where none has.
    """

    until: UtcText
    renews: UtcText
    trouble: RenewalTrouble | None = None


class CollectorState(Message):
    """How a collector's last round ended."""

    id: Annotated[Text, Field(min_length=1)]
    status: Text
    last_run: UtcText | None = None


class Status(Message):
    """Retained at the broker; the last will is the same message with `online` false and no account."""

    online: bool
    time: UtcText
    version: Text | None = None
    account: Account | None = None
    collectors: tuple[CollectorState, ...] = ()
    clock_offset_ms: Annotated[int, Field(ge=-(2**53), le=2**53)] | None = None
    # Only from a gateway that takes settings from the bureau: an older ingest does not know it.
    settings: RunningSettings | None = None
    certificate: CertificateState | None = None
    proof: ProofText | None = None


SETTINGS_COLUMNS = (
    Column(
        name="settings_version", type="integer", unit="1", low=0, meaning="Settings that run; 0: the own file"
    ),
    Column(name="settings_hash", type="text", meaning="Hash of the settings that run"),
    Column(name="settings_since", type="text", meaning="Since when these settings run"),
    Column(name="settings_trial", type="boolean", meaning="They are new and on trial"),
    Column(
        name="settings_unproven",
        type="text",
        meaning="Collectors that have not worked with them yet, by name",
    ),
    Column(
        name="settings_wanted",
        type="integer",
        unit="1",
        low=1,
        meaning="Newest wanted version that was heard",
    ),
    Column(
        name="settings_master", type="text", choices=("bureau", "school"), meaning="Whose settings count here"
    ),
    Column(name="settings_changed", type="boolean", meaning="The own file was edited meanwhile"),
    Column(
        name="settings_not_taken", type="integer", unit="1", low=0, meaning="Wanted version that does not run"
    ),
    Column(
        name="settings_outcome",
        type="text",
        choices=("refused", "rolled_back"),
        meaning="What became of that version",
    ),
    Column(name="settings_reason", type="text", meaning="Why, as JSON: a code and its arguments"),
    Column(name="settings_not_taken_at", type="text", meaning="When that version was not taken"),
)
STATUS = Measurement(
    name="gateway",
    kept="readings",
    tags=ADDRESS_TAGS[:3],
    fields=(
        Column(name="online", type="boolean", required=True, meaning="Connected to the broker"),
        Column(name="version", type="text", meaning="Version of the gateway's program"),
        Column(name="epoch", type="text", meaning="Identity of the gateway's spool"),
        Column(name="last_seq", type="integer", unit="1", low=0, meaning="Newest batch the account covers"),
        Column(name="produced", type="integer", unit="1", low=0, meaning="Readings since the spool was made"),
        Column(
            name="acknowledged", type="integer", unit="1", low=0, meaning="Readings the store has confirmed"
        ),
        Column(name="pending", type="integer", unit="1", low=0, meaning="Readings waiting in the spool"),
        Column(name="dropped", type="integer", unit="1", low=0, meaning="Readings given up, spool full"),
        Column(
            name="untaken", type="integer", unit="1", low=0, meaning="Readings that the spool could not take"
        ),
        Column(
            name="inherited", type="integer", unit="1", low=0, meaning="Readings of earlier epochs that wait"
        ),
        Column(name="oldest_pending", type="text", meaning="Time of the oldest batch that waits"),
        Column(name="clock_offset_ms", type="integer", unit="ms", meaning="Server's clock minus gateway's"),
        Column(name="collectors_failing", type="integer", unit="1", low=0, meaning="Collectors not 'ok'"),
        *SETTINGS_COLUMNS,
        Column(
            name="spool_max_bytes",
            type="integer",
            unit="By",
            low=0,
            meaning="What its spool may hold",
        ),
        Column(
            name="spool_room_bytes",
            type="integer",
            unit="By",
            low=0,
            meaning="What it has room for now, by that and by its disk",
        ),
        Column(name="failing", type="text", meaning="Those collectors, each with how its last round ended"),
        Column(name="certificate_until", type="text", meaning="When its certificate ends"),
        Column(name="certificate_renews", type="text", meaning="From when on it is to renew it by itself"),
        Column(
            name="certificate_trouble",
            type="text",
            choices=get_args(RenewalTrouble),
            meaning="Why the last try to renew it failed",
        ),
    ),
    meaning="A gateway's account of itself.",
)

_statuses = TypeAdapter(Status)


def decode_status(payload: bytes) -> Status:
    """Read a status message; raises ContractError."""
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ContractError(f"message has {len(payload)} bytes, at most {MAX_MESSAGE_BYTES} are allowed")
    try:
        return _statuses.validate_json(payload)
    except ValidationError as error:
        raise ContractError(f"cannot read status: {explain(error)}") from error


def status_point(address: Address, status: Status, *, time_ms: int) -> Point:
    """The row that a status becomes in a store."""
    account = status.account
    failing = [collector for collector in status.collectors if collector.status != "ok"]
    values: dict[str, Value | None] = {
        "online": status.online,
        "version": status.version,
        "clock_offset_ms": status.clock_offset_ms,
        "collectors_failing": len(failing) if status.online else None,
        "failing": _named(failing) if status.online else None,
        **(account.model_dump(exclude={"v"}) if account else {}),
        **(_settings_values(status.settings) if status.settings else {}),
        **_certificate(status.certificate),
    }
    return Point(
        STATUS,
        (address.district, address.school, address.gateway),
        time_ms,
        tuple(values.get(name) for name in STATUS.field_names),
    )


def _settings_values(running: RunningSettings) -> dict[str, Value | None]:
    left = running.not_taken
    return {
        "settings_version": running.version,
        "settings_hash": running.sha256,
        "settings_since": running.since,
        "settings_trial": running.trial,
        "settings_unproven": ",".join((running.unproven or ())[:_NAMED]) or None,
        "settings_wanted": running.wanted,
        "settings_master": running.master,
        "settings_changed": running.changed_here,
        "settings_not_taken": left.version if left else None,
        "settings_outcome": left.outcome if left else None,
        "settings_reason": reason_json(left) if left else None,
        "settings_not_taken_at": left.time if left else None,
    }


def _named(failing: Sequence[CollectorState]) -> str | None:
    """`ac1=timeout,projectors=partial`; as many as are read at a glance."""
    return ",".join(f"{each.id}={each.status}" for each in failing[:_NAMED]) or None


def _certificate(told: CertificateState | None) -> dict[str, Value | None]:
    fields = told.model_dump(exclude={"v"}) if told else {}
    return {f"certificate_{name}": value for name, value in fields.items()}
