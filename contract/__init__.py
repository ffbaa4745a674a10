"""What gateways and ingest say on the wire: topics, readings, acknowledgements, status. No I/O."""

from contract.envelope import Ack, Decoded, Envelope, Refused, decode_ack, decode_envelope, encode, utc_text
from contract.errors import ContractError
from contract.readings import (
    LEDGER_RUN,
    AccessPoint,
    Asset,
    CollectorRun,
    Radio,
    Reading,
    RoomDevice,
    SignalSample,
    to_point,
)
from contract.status import STATUS, Account, CollectorState, Status, decode_status, status_point
from contract.table import MEASUREMENTS, READING_KINDS
from contract.topics import MAX_MESSAGE_BYTES, Address, Stream, parse_topic, subscription
from contract.types import Column, ColumnType, Measurement, Point, Value

__all__ = [
    "LEDGER_RUN",
    "MAX_MESSAGE_BYTES",
    "MEASUREMENTS",
    "READING_KINDS",
    "STATUS",
    "AccessPoint",
    "Account",
    "Ack",
    "Address",
    "Asset",
    "CollectorRun",
    "CollectorState",
    "Column",
    "ColumnType",
    "ContractError",
    "Decoded",
    "Envelope",
    "Measurement",
    "Point",
    "Radio",
    "Reading",
    "Refused",
    "RoomDevice",
    "SignalSample",
    "Status",
    "Stream",
    "Value",
    "decode_ack",
    "decode_envelope",
    "decode_status",
    "encode",
    "parse_topic",
    "status_point",
    "subscription",
    "to_point",
    "utc_text",
]
