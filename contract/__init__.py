"""What gateways and ingest say on the wire: topics, readings, acknowledgements, status. No I/O."""

from contract.daybook import DAY_FACTS
from contract.envelope import (
    MAX_READINGS,
    Ack,
    Claim,
    Decoded,
    Envelope,
    Refused,
    claim,
    decode_ack,
    decode_envelope,
    encode,
)
from contract.errors import ContractError
from contract.moments import utc_ms, utc_text
from contract.packing import MAX_PACKED_BYTES, Packed, pack, pack_raw, seal
from contract.readings import (
    DISPLAY_TYPES,
    LEDGER_RUN,
    AccessPoint,
    Asset,
    CollectorRun,
    Radio,
    Reading,
    RoomDevice,
    SignalSample,
    from_point,
    to_point,
)
from contract.retention import CLASSES, KEPT, Retention, RetentionClass, kept_of
from contract.status import STATUS, Account, CollectorState, Status, decode_status, status_point
from contract.table import MEASUREMENTS, READING_KINDS
from contract.topics import MAX_MESSAGE_BYTES, Address, Stream, parse_topic, subscription
from contract.types import Column, ColumnType, Kept, KeptOtherwise, Measurement, Point, Value

__all__ = [
    "CLASSES",
    "DAY_FACTS",
    "DISPLAY_TYPES",
    "KEPT",
    "LEDGER_RUN",
    "MAX_MESSAGE_BYTES",
    "MAX_PACKED_BYTES",
    "MAX_READINGS",
    "MEASUREMENTS",
    "READING_KINDS",
    "STATUS",
    "AccessPoint",
    "Account",
    "Ack",
    "Address",
    "Asset",
    "Claim",
    "CollectorRun",
    "CollectorState",
    "Column",
    "ColumnType",
    "ContractError",
    "Decoded",
    "Envelope",
    "Kept",
    "KeptOtherwise",
    "Measurement",
    "Packed",
    "Point",
    "Radio",
    "Reading",
    "Refused",
    "Retention",
    "RetentionClass",
    "RoomDevice",
    "SignalSample",
    "Status",
    "Stream",
    "Value",
    "claim",
    "decode_ack",
    "decode_envelope",
    "decode_status",
    "encode",
    "from_point",
    "kept_of",
    "pack",
    "pack_raw",
    "parse_topic",
    "seal",
    "status_point",
    "subscription",
    "to_point",
    "utc_ms",
    "utc_text",
]
