"""Who changed what, when and from where: a row a change, written with the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract import Column, Measurement, Point
from store import Query, Select, Store

# In the place of a district or a school where a change is about none, such as an account.
NOWHERE = "-"

AUDIT = Measurement(
    name="audit",
    kept="records",
    tags=(
        Column(name="district", type="text", required=True, meaning="District, or - where it is about none"),
        Column(name="school", type="text", required=True, meaning="School, or - where it is about none"),
        Column(name="action", type="text", required=True, meaning="What was done"),
        Column(name="who", type="text", required=True, meaning="Account, token, or user of the machine"),
    ),
    fields=(
        Column(name="role", type="text", required=True, meaning="Their role then; local: on the machine"),
        Column(name="address", type="text", required=True, meaning="Where they were"),
        Column(name="subject", type="text", meaning="What it was done to"),
        Column(name="detail", type="text", meaning="How, and why, in their own words"),
    ),
    meaning="One change that a person made.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One change: the action is a key of words, subject and detail are people's own."""

    time_ms: int
    action: str
    who: str
    role: str
    address: str
    district: str = NOWHERE
    school: str = NOWHERE
    subject: str = ""
    detail: str = ""


def audit_point(line: AuditLine) -> Point:
    return Point(
        AUDIT,
        (line.district or NOWHERE, line.school or NOWHERE, line.action, line.who or NOWHERE),
        line.time_ms,
        (line.role, line.address, line.subject or None, line.detail or None),
    )


def read_audit(store: Store, *, since_ms: int, until_ms: int | None = None) -> Sequence[AuditLine]:
    """Every change since a moment, the newest first. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=AUDIT,
            select=tuple(Select(name) for name in AUDIT.field_names),
            group_by=AUDIT.tag_names,
            since=since_ms,
            until=until_ms,
        )
    )
    lines = [
        AuditLine(
            time_ms=row.time or 0,
            **{name: row.tags[name] for name in AUDIT.tag_names},
            **{name: str(row.values[name] or "") for name in AUDIT.field_names},
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (-line.time_ms, line.action, line.subject))
