"""How everything stands at the moment of an evaluation, in whole numbers and with its names: for charts.

A count of none is a row with 0 here, where a query of the readings themselves would find no row at all.
"""

from typing import get_args

from contract import Column, Measurement
from registry.vocabulary import OVERALL, GuaranteeCode, Item
from rules.stored.tables import ROOM_NAME_FIELD, SCHOOL_NAME_FIELD

_DISTRICT = Column(name="district", type="text", required=True, meaning="District, 6 digits")
_SCHOOL = Column(name="school", type="text", required=True, meaning="School code, 10 digits")
_ROOM = Column(name="room", type="text", required=True, meaning="Room")


def _count(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, meaning=meaning)


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, type="text", meaning=meaning)


_PRESENT = Column(
    name="present",
    type="integer",
    low=0,
    high=1,
    required=True,
    meaning="1 while the registry has it, else 0",
)
_SILENT = Column(name="silent_s", type="integer", unit="s", low=0, meaning="Since it was last heard")

ROOM_STATE = Measurement(
    name="room_state",
    kept="states",
    tags=(_DISTRICT, _SCHOOL, _ROOM),
    fields=(
        SCHOOL_NAME_FIELD,
        ROOM_NAME_FIELD,
        _count("aps", "Access points that were heard of in the last day"),
        _count("aps_known", "Of these, those whose state is known now"),
        _count("aps_up", "Of these, up"),
        _text("aps_down", "Those that are known not to be up"),
        _count("clients", "Associated clients, counted only; missing where no access point says"),
        Column(name="busy_pct", type="integer", unit="%", low=0, high=100, meaning="Busiest radio"),
        Column(name="noise_dbm", type="integer", unit="dBm", low=-127, high=0, meaning="Noisiest radio"),
        _count("displays", "Projectors and panels that were asked in the last day"),
        _count("displays_known", "Of these, those that answer now"),
        _count("displays_silent", "Of these, those that are asked now and do not answer"),
        _count("displays_on", "Of those that answer, on or warming up"),
        _count("displays_faulty", "Of those that answer, reporting an error"),
        _text("silent", "Displays that do not answer"),
        _text("faults", "Displays that report an error, and which"),
        Column(name="lamp_h", type="integer", unit="h", low=0, meaning="Hours of the most used lamp"),
        _count("lessons_due", "Lessons of the window in which a display could have been used"),
        _count("lessons_known", "Of these, those about which something is known"),
        _count("lessons_used", "Of these, those in which a display was used"),
        Column(
            name="unused",
            type="integer",
            low=0,
            high=1,
            meaning="1: no lesson of the window used it; missing where too little is known",
        ),
        _SILENT,
    ),
    meaning="A room as its devices told of it last, and how its displays were used.",
)

GATEWAY_STATE = Measurement(
    name="gateway_state",
    kept="states",
    tags=(
        _DISTRICT,
        _SCHOOL,
        Column(name="gateway", type="text", required=True, meaning="Gateway of the school"),
    ),
    fields=(
        SCHOOL_NAME_FIELD,
        Column(name="alive", type="integer", low=0, high=1, required=True, meaning="1: heard, and connected"),
        _SILENT,
        _count("produced", "Readings since its spool was made"),
        _count("acknowledged", "Readings that the store has confirmed"),
        _count("pending", "Readings that wait in the spool"),
        _count("dropped", "Readings given up"),
        Column(name="clock_offset_ms", type="integer", unit="ms", meaning="Server's clock minus gateway's"),
        _count("collectors_failing", "Collectors whose last round was not 'ok'"),
        _text("version", "Version of its program"),
    ),
    meaning="A gateway's newest account of itself, and how long ago that was.",
)

SCHOOL_STATE = Measurement(
    name="school_state",
    kept="states",
    tags=(_DISTRICT, _SCHOOL),
    fields=(
        SCHOOL_NAME_FIELD,
        _count("gateways", "Gateways that were heard in the last 60 days"),
        _count("gateways_alive", "Of these, alive now"),
        Column(name="heard", type="integer", low=0, high=1, meaning="1 where any was heard, else 0"),
        Column(name="alive", type="integer", low=0, high=1, meaning="1 where any is alive, else 0"),
        _SILENT,
        _count("firing", "Alerts of the school that fire"),
    ),
    meaning="Every school of the registry, and when any gateway of it was last heard. "
    "Of others only how many alerts fire: of the bureau, without a school, and of schools not registered.",
)

COLLECTOR_STATE = Measurement(
    name="collector_state",
    kept="states",
    tags=(
        _DISTRICT,
        _SCHOOL,
        Column(name="gateway", type="text", required=True, meaning="Gateway of the school"),
        Column(name="collector", type="text", required=True, meaning="Collector's name in its configuration"),
        Column(name="target", type="text", required=True, meaning="What was asked"),
    ),
    fields=(
        SCHOOL_NAME_FIELD,
        Column(
            name="ok", type="integer", low=0, high=1, required=True, meaning="1: its last round was whole"
        ),
        _text("status", "How its last round ended"),
        _text("why", "What went wrong"),
        _count("rows", "Rows read"),
        _count("expected", "Rows that the target itself said it has"),
        _SILENT,
    ),
    meaning="A collector's last round over one target of the last day.",
)

STRAY = Measurement(
    name="stray",
    kept="states",
    tags=(
        _DISTRICT,
        _SCHOOL,
        Column(
            name="what",
            type="text",
            required=True,
            choices=("school", "district", "room"),
            meaning="What the registry does not have",
        ),
        Column(name="name", type="text", required=True, meaning="Its code or number, as the gateway says"),
    ),
    fields=(
        SCHOOL_NAME_FIELD,
        Column(
            name="present",
            type="integer",
            low=0,
            high=1,
            required=True,
            meaning="1 while it sends readings and the registry does not have it, then once 0",
        ),
        Column(name="heard_ms", type="integer", unit="ms", low=0, meaning="Its newest reading or status"),
        _text("gateways", "Gateways that send it"),
        _text("likely", "What it may be in the registry"),
        _text("reason", "What is wrong, in Chinese"),
        _text("reason_json", "The same as code and arguments"),
    ),
    meaning="Something that sends readings and is not in the registry.",
)

CERTIFICATE = Measurement(
    name="certificate",
    kept="states",
    tags=(
        Column(name="district", type="text", meaning="Always empty: it is the bureau's own"),
        Column(name="school", type="text", meaning="Always empty: it is the bureau's own"),
        Column(name="name", type="text", required=True, meaning="Its file, or the server that shows it"),
    ),
    fields=(
        Column(
            name="watched",
            type="integer",
            low=0,
            high=1,
            required=True,
            meaning="1 while it is looked at, then once 0",
        ),
        Column(name="until_ms", type="integer", unit="ms", low=0, meaning="When it ends; missing: not known"),
        Column(
            name="why",
            type="text",
            choices=("unreadable", "unreachable"),
            meaning="Why it could not be looked at",
        ),
    ),
    meaning="A certificate of the bureau's own, as it was looked at last.",
)

# What a section can stand to: indicators by what they are about, for each standard has codes of its own; then
# what stands beside them, and all together.
STOOD_TO: tuple[str, ...] = (*get_args(Item), "wireless", *get_args(GuaranteeCode), OVERALL)
STANDING = Measurement(
    name="standing",
    kept="states",
    tags=(_DISTRICT, _SCHOOL, Column(name="stage", type="text", required=True, meaning="Section")),
    fields=(
        SCHOOL_NAME_FIELD,
        _text("unit", "责任单位"),
        *(_text(name, f"Verdict on {name}; missing where it is not asked") for name in STOOD_TO),
    ),
    meaning="A section with all its verdicts side by side. Written when one changes, and once a day.",
)

SCHOOL_NAME = Measurement(
    name="school_name",
    kept="records",
    tags=(_DISTRICT, _SCHOOL),
    fields=(
        Column(name="name", type="text", required=True, meaning="What the registry calls it"),
        _text("label", "Code and name with a tab between, for a list to choose from"),
        _text("district_name", "What the registry calls the district"),
        _text("district_label", "Code and name of the district with a tab between"),
        _text("kind", "办学类型"),
        _text("unit", "责任单位"),
        _PRESENT,
    ),
    meaning="The name of a school. Written when it changes, and once a day.",
)

ROOM_NAME = Measurement(
    name="room_name",
    kept="records",
    tags=(_DISTRICT, _SCHOOL, _ROOM),
    fields=(
        Column(name="name", type="text", required=True, meaning="What the registry calls it"),
        _text("label", "Code and name with a tab between, for a list to choose from"),
        _text("common_label", "The same for a list over several schools: its code, where the name differs"),
        SCHOOL_NAME_FIELD,
        _text("kind", "房间类型"),
        _PRESENT,
    ),
    meaning="The name of a room. Written when it changes, and once a day.",
)

STATES: dict[str, Measurement] = {
    table.name: table
    for table in (
        ROOM_STATE,
        GATEWAY_STATE,
        COLLECTOR_STATE,
        SCHOOL_STATE,
        STANDING,
        SCHOOL_NAME,
        ROOM_NAME,
        STRAY,
        CERTIFICATE,
    )
}
