"""The kinds of reading. Each class is one table: a line a quantity, with its unit and valid range.

No field can hold a person or a client's address: a gateway counts clients, it does not name them.
"""

from operator import itemgetter
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from annotated_types import BaseMetadata, Ge, Le
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo

from contract.topics import Address
from contract.types import Column, ColumnType, Kept, KeptOtherwise, Measurement, Point


class Unit(str):
    """Marks the unit of a quantity."""


class TagMark:
    """Marks a part of a reading's identity."""


TAG = TagMark()

# Checked by pydantic's own regular expressions, because this is on the path of every reading.
# Text: no control characters and no line breaks. Keys also neither begin nor end with a space, nor end with a
# backslash, which line protocol cannot express at the end of a tag.
_PRINTABLE = r"[^\p{Cc}\u2028\u2029]"
_KEY = rf"^(?:[^\s\p{{Cc}}\\]|[^\s\p{{Cc}}]{_PRINTABLE}*[^\s\p{{Cc}}\\])$"

Key = Annotated[str, TAG, Field(min_length=1, max_length=64, pattern=_KEY)]
OptionalKey = Annotated[str, TAG, Field(max_length=64, pattern=rf"^$|{_KEY}")]
Text = Annotated[str, Field(max_length=256, pattern=rf"^{_PRINTABLE}*$")]
Count = Annotated[int, Unit("1"), Field(ge=0, le=2**31)]
Percent = Annotated[int, Unit("%"), Field(ge=0, le=100)]
Dbm = Annotated[int, Unit("dBm"), Field(ge=-127, le=0)]
Milliseconds = Annotated[int, Unit("ms"), Field(ge=0, le=2**53)]

# 2020-01-01: earlier than the first gateway, so a clock that was never set is caught.
EARLIEST_MS = 1_577_836_800_000
# The year 9999 ends here; what is "too far ahead of now" is decided when decoding.
LATEST_MS = 253_402_300_799_999


class Reading(BaseModel):
    """What was observed at one moment."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)
    measurement: ClassVar[Measurement]
    kept: ClassVar[Kept] = "readings"
    kept_otherwise: ClassVar[tuple[KeptOtherwise, ...]] = ()

    time: Annotated[int, Unit("ms"), Field(ge=EARLIEST_MS, le=LATEST_MS)]


class AccessPoint(Reading):
    """An access point, as its controller reports it."""

    kind: Literal["access_point"] = "access_point"
    ap: Annotated[Key, "Serial number; the access point's own MAC where it has none"]
    room: Annotated[OptionalKey, "Room it serves, from the gateway's room map"] = ""
    state: Annotated[Literal["up", "down", "fault", "starting", "unknown"], "What the controller says"]
    name: Annotated[Text | None, "Name given in the controller"] = None
    model: Annotated[Text | None, "Model"] = None
    firmware: Annotated[Text | None, "Software version"] = None
    clients: Annotated[Count | None, "Associated clients, counted only"] = None
    ssids: Annotated[Text | None, "Names of the networks it serves, a JSON list; missing: not known"] = None
    serves_campus: Annotated[bool | None, "Whether the campus network is among them; missing: not known"] = (
        None
    )
    uptime_s: Annotated[int | None, Unit("s"), Field(ge=0, le=2**40), "Time since it came online"] = None
    cpu_pct: Annotated[Percent | None, "Processor load"] = None
    memory_pct: Annotated[Percent | None, "Memory in use"] = None
    temperature_c: Annotated[int | None, Unit("Cel"), Field(ge=-60, le=150), "Board temperature"] = None


class Radio(Reading):
    """One radio of an access point, as its controller reports it."""

    kind: Literal["radio"] = "radio"
    ap: Annotated[Key, "Access point"]
    radio: Annotated[Key, "Radio number in the access point, from 0"]
    room: Annotated[OptionalKey, "Room the access point serves"] = ""
    up: Annotated[bool | None, "Radio switched on and working"] = None
    band: Annotated[Literal["2.4", "5", "6"] | None, Unit("GHz"), "Frequency band"] = None
    channel: Annotated[int | None, Unit("1"), Field(ge=1, le=233), "Channel number"] = None
    width_mhz: Annotated[int | None, Unit("MHz"), Field(ge=20, le=320), "Channel width"] = None
    tx_power_dbm: Annotated[int | None, Unit("dBm"), Field(ge=-10, le=36), "Transmit power"] = None
    utilisation_pct: Annotated[Percent | None, "Share of time the channel is busy"] = None
    noise_dbm: Annotated[Dbm | None, "Noise floor"] = None
    clients: Annotated[Count | None, "Associated clients, counted only"] = None


class SignalSample(Reading):
    """The campus network's signal at one point of a room, as a receiver there measured it (downlink)."""

    # A survey is made once a term and counts for a year.
    kept: ClassVar[Kept] = "records"
    kind: Literal["signal_sample"] = "signal_sample"
    room: Annotated[Key, "Room"]
    point: Annotated[Key, "Measuring point in the room"]
    band: Annotated[Literal["2.4", "5", "6"], TAG, Unit("GHz"), "Frequency band"]
    rssi_dbm: Annotated[Dbm | None, "Best signal of the campus SSID; missing: no signal was heard"] = None
    snr_db: Annotated[int | None, Unit("dB"), Field(ge=-20, le=120), "Signal over noise"] = None
    ap: Annotated[Text | None, "Access point that was heard best"] = None


# What a class looks at: of these, networked and in order, a multimedia room needs one.
DISPLAY_TYPES = ("projector", "panel")


# How a device's power came to be known, the strongest first.
EVIDENCE = ("display", "beacon", "network", "watts", "neighbour", "switch", "silence")
Evidence = Literal["display", "beacon", "network", "watts", "neighbour", "switch", "silence"]
# Of these, what says that a device is there, not what it does.
PRESENCE = ("network", "neighbour", "switch", "silence")


class RoomDevice(Reading):
    """A device that teaching in a room depends on."""

    kind: Literal["room_device"] = "room_device"
    device: Annotated[Key, "Asset number, or the device's address where it has none"]
    type: Annotated[Literal["projector", "panel", "class_pc", "plug", "probe"], TAG, "What it is"]
    room: Annotated[OptionalKey, "Room it stands in"] = ""
    reachable: Annotated[bool, "Whether it answered"]
    power: Annotated[
        Literal["off", "on", "cooling", "warming"] | None, "Missing when unknown: silence is not 'off'"
    ] = None
    condition: Annotated[Literal["ok", "warning", "error"] | None, "Worst of its own fault reports"] = None
    faults: Annotated[Text | None, "Which parts report a fault, e.g. 'lamp=error,filter=warning'"] = None
    source: Annotated[Text | None, "Selected input"] = None
    lamp_h: Annotated[int | None, Unit("h"), Field(ge=0, le=99999), "Hours of the most used lamp"] = None
    maker: Annotated[Text | None, "Manufacturer"] = None
    model: Annotated[Text | None, "Model"] = None
    power_w: Annotated[float | None, Unit("W"), Field(ge=0, le=100_000), "Electrical power"] = None
    energy_wh: Annotated[float | None, Unit("Wh"), Field(ge=0, le=1e12), "Meter reading"] = None
    used_wh: Annotated[
        float | None, Unit("Wh"), Field(ge=0, le=1e9), "Energy since the reading before; missing: not known"
    ] = None
    evidence: Annotated[Evidence | None, "By what its power is known; missing: the display itself"] = None
    why: Annotated[Text | None, "Why its power is that, or is not known"] = None
    signed_in: Annotated[bool | None, "Whether someone is signed in; never who"] = None
    display_on: Annotated[bool | None, "Whether its screen is on, as it says itself"] = None
    serial: Annotated[Text | None, "Serial number, as the device tells it"] = None
    filter_h: Annotated[int | None, Unit("h"), Field(ge=0, le=99999), "Hours of its filter"] = None


# A ledger is told as a whole: all its assets carry one time, and the collector run with this target and
# time says how many they are (`rows`) of how many lines the ledger has (`expected`). What was left out on
# purpose (hidden and scrapped sheets, copies) is in neither. `unread` 0: nothing more can be in it.
LEDGER_RUN = "ledger"


class Asset(Reading):
    """A line of the school's asset ledger."""

    kept: ClassVar[Kept] = "records"
    kind: Literal["asset"] = "asset"
    asset: Annotated[Key, "Asset number"]
    name: Annotated[Text, "Name in the ledger"]
    category: Annotated[Text | None, "Classification code (GB/T 14885)"] = None
    room: Annotated[Text | None, "Room, as the ledger gives it"] = None
    serial: Annotated[Text | None, "Serial number"] = None
    model: Annotated[Text | None, "Model"] = None
    quantity: Annotated[int, Unit("1"), Field(ge=0, le=10**6), "Pieces on this line"]
    value_fen: Annotated[int, Unit("0.01 CNY"), Field(ge=0, le=10**14), "Original book value of the line"]
    acquired: Annotated[str | None, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), "Date of acquisition"] = None
    status: Annotated[
        Literal["in_use", "idle", "to_scrap", "scrapped"] | None, "State of use in the ledger"
    ] = None
    doubt: Annotated[
        Literal["hidden", "repeated", "conflict", "status", "quantity", "version", "negative"] | None,
        "Why the line may or may not count; missing: it is as sure as a ledger is",
    ] = None


class RoomMap(Reading):
    """Which devices a gateway asks and for which rooms, as a whole: its lines carry the same time.

    Told when a gateway starts with another map, and once a day: its own lists are the master of it.
    """

    kind: Literal["room_map"] = "room_map"
    sha256: Annotated[Text, "SHA-256 of its lines in order, in hexadecimal digits"]
    lines: Annotated[Count, "Lines it has"]
    rooms: Annotated[Count, "Different rooms in them"]


MapType = Literal["access_point", "projector", "panel", "class_pc", "plug", "probe"]


class MappedDevice(Reading):
    """A line of a gateway's room map: a device as its lists name it, whether it ever answered or not."""

    kind: Literal["mapped_device"] = "mapped_device"
    device: Annotated[Key, "Device as the list names it; of an access point its serial number, MAC or name"]
    type: Annotated[MapType, TAG, "What it is"]
    room: Annotated[OptionalKey, "Room it stands in"] = ""
    collector: Annotated[Text, "Collector that asks it"]


class CollectorRun(Reading):
    """One round of a collector over one target. Silence is never data: every round leaves one of these."""

    # A ledger and a survey are worth what their round says of them.
    kept_otherwise: ClassVar[tuple[KeptOtherwise, ...]] = (
        KeptOtherwise(column="target", values=frozenset({LEDGER_RUN}), kept="records"),
        KeptOtherwise(column="reads", values=frozenset({"asset", "signal_sample"}), kept="records"),
    )
    kind: Literal["collector_run"] = "collector_run"
    collector: Annotated[Key, "Collector's name in the gateway's configuration"]
    target: Annotated[Key, "What was asked: a host, a device, a folder; never a file, which makes a series"]
    status: Annotated[
        Literal["ok", "partial", "timeout", "refused", "auth", "decode", "unsupported", "config"],
        "How it ended",
    ]
    rows: Annotated[Count, "Rows read"] = 0
    expected: Annotated[Count | None, "Rows the target itself said it has"] = None
    unread: Annotated[Count | None, "Rows, or files, that are there and could not be read"] = None
    left_out: Annotated[Count | None, "Rows left out on purpose: hidden, scrapped, copies"] = None
    duration_ms: Annotated[Milliseconds, "Time it took"] = 0
    requests: Annotated[Count, "Requests sent, repeats included"] = 0
    retries: Annotated[Count, "Requests sent again"] = 0
    reads: Annotated[
        Literal["access_point", "signal_sample", "room_device", "asset"] | None,
        "Kind of reading that the round brings",
    ] = None
    interval_s: Annotated[
        int | None, Unit("s"), Field(ge=1, le=2**31), "Time from one round to the next, as configured"
    ] = None
    reason: Annotated[Text | None, "What went wrong"] = None


AnyReading = Annotated[
    AccessPoint | Radio | SignalSample | RoomDevice | Asset | RoomMap | MappedDevice | CollectorRun,
    Field(discriminator="kind"),
]
reading_adapter: TypeAdapter[AnyReading] = TypeAdapter(AnyReading, config=ConfigDict(defer_build=True))
KINDS: tuple[type[Reading], ...] = (
    AccessPoint,
    Radio,
    SignalSample,
    RoomDevice,
    Asset,
    RoomMap,
    MappedDevice,
    CollectorRun,
)
_BY_NAME = {kind.model_fields["kind"].default: kind for kind in KINDS}

# Every point of a gateway carries these: where it came from, and which batch brought it.
ADDRESS_TAGS = (
    Column(name="district", type="text", required=True, meaning="District, 6 digits"),
    Column(name="school", type="text", required=True, meaning="School identification code, 10 digits"),
    Column(name="gateway", type="text", required=True, meaning="Gateway of the school"),
    Column(name="epoch", type="text", required=True, meaning="Identity of the gateway's spool"),
)
SEQ_FIELD = Column(
    name="seq",
    type="integer",
    unit="1",
    low=1,
    high=2**63 - 1,
    required=True,
    meaning="Batch that brought it",
)

_TYPES: dict[type, ColumnType] = {bool: "boolean", int: "integer", float: "float", str: "text"}


def _column(name: str, info: FieldInfo) -> Column:
    """Read one line of a reading class."""
    found: dict[str, Any] = {}
    types: list[type] = []
    choices: list[str] = []

    def visit(annotation: Any) -> None:
        if get_origin(annotation) is Annotated:
            inner, *marks = get_args(annotation)
            for mark in marks:
                read(mark)
            visit(inner)
        elif get_origin(annotation) is Literal:
            choices.extend(get_args(annotation))
            types.append(str)
        elif get_args(annotation):
            for part in get_args(annotation):
                visit(part)
        elif annotation is not type(None):
            types.append(annotation)

    def read(mark: Any) -> None:
        if isinstance(mark, FieldInfo):
            for inner in mark.metadata:
                read(inner)
        elif isinstance(mark, Unit):
            found["unit"] = str(mark)
        elif isinstance(mark, str):
            found["meaning"] = mark
        elif isinstance(mark, Ge):
            found["low"] = mark.ge
        elif isinstance(mark, Le):
            found["high"] = mark.le
        elif isinstance(mark, TagMark):
            found["tag"] = True
        elif isinstance(mark, BaseMetadata):
            pass  # lengths and patterns are checked by the model; the table shows units and ranges

    for mark in info.metadata:
        read(mark)
    visit(info.annotation)
    found.pop("tag", None)
    return Column(
        name=name,
        type=_TYPES[types[0]],
        choices=tuple(choices),
        required=info.is_required(),
        **found,
    )


def _is_tag(annotation: Any, metadata: list[Any]) -> bool:
    if any(isinstance(mark, TagMark) for mark in metadata):
        return True
    return any(_is_tag(part, list(getattr(part, "__metadata__", ()))) for part in get_args(annotation))


def _measurement(model: type[Reading]) -> Measurement:
    own = {name: info for name, info in model.model_fields.items() if name not in {"kind", "time"}}
    tags = [name for name, info in own.items() if _is_tag(info.annotation, info.metadata)]
    return Measurement(
        name=model.model_fields["kind"].default,
        kept=model.kept,
        otherwise=model.kept_otherwise,
        tags=(*ADDRESS_TAGS, *(_column(name, own[name]) for name in tags)),
        fields=(SEQ_FIELD, *(_column(name, info) for name, info in own.items() if name not in tags)),
        meaning=(model.__doc__ or " ").splitlines()[0],
    )


def _getter(model: type[Reading], names: tuple[str, ...]) -> Any:
    """Picks values out of a reading's values in the order of its fields."""
    if not names:
        return lambda values: ()
    places = list(model.model_fields)
    get = itemgetter(*(places.index(name) for name in names))
    return get if len(names) > 1 else lambda values: (get(values),)


_GETTERS: dict[type[Reading], tuple[Any, Any]] = {}
for _model in KINDS:
    _model.measurement = _measurement(_model)
    _GETTERS[_model] = (
        _getter(_model, _model.measurement.tag_names[len(ADDRESS_TAGS) :]),
        _getter(_model, _model.measurement.field_names[1:]),
    )


def to_point(address: Address, epoch: str, seq: int, reading: Reading) -> Point:
    """The row that a reading of batch (epoch, seq) becomes in a store."""
    tags, fields = _GETTERS[type(reading)]
    # A model keeps its values in the order of its fields; asking for each by name costs three times as much.
    values = tuple(reading.__dict__.values())
    return Point(
        reading.measurement,
        (address.district, address.school, address.gateway, epoch, *tags(values)),
        reading.time,
        (seq, *fields(values)),
    )


def from_point(point: Point) -> tuple[Address, str, int, Reading]:
    """The way back from `to_point`: (address, epoch, seq, reading). The reading is not checked again."""
    district, school, gateway, epoch, *tags = point.tags
    seq, *fields = point.fields
    names = (*point.measurement.tag_names[len(ADDRESS_TAGS) :], *point.measurement.field_names[1:])
    values = dict(zip(names, (*tags, *fields), strict=True))
    reading = _BY_NAME[point.measurement.name].model_construct(None, time=point.time, **values)
    return Address(district, school, gateway), epoch, int(seq or 0), reading
