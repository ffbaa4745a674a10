"""What was taken out of service: its history stays, and from that day on it counts no more.

A row a decision, with its reason; the newest of a subject stands, so that a retirement can be taken back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from contract import Column, Measurement, Point
from store import Query, Select, Store

RetiredKind = Literal["device", "access_point", "room", "gateway"]
RETIRED_KINDS: tuple[RetiredKind, ...] = get_args(RetiredKind)

RETIREMENT = Measurement(
    name="retirement",
    kept="records",
    tags=(
        Column(name="district", type="text", required=True, meaning="District, 6 digits"),
        Column(name="school", type="text", required=True, meaning="School code, 10 digits"),
        Column(name="kind", type="text", required=True, choices=RETIRED_KINDS, meaning="What is retired"),
        Column(name="subject", type="text", required=True, meaning="Device, access point, room or gateway"),
    ),
    fields=(
        Column(
            name="retired",
            type="integer",
            low=0,
            high=1,
            required=True,
            meaning="1: retired; 0: in service again",
        ),
        Column(name="since", type="text", required=True, meaning="First day on which it counts no more"),
        Column(name="reason", type="text", required=True, meaning="Why, in the words of whoever decided"),
    ),
    meaning="One decision to take a device, an access point, a room or a gateway out of service.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """One decision."""

    district: str
    school: str
    kind: RetiredKind
    subject: str
    since: date
    reason: str
    retired: bool = True


@dataclass(frozen=True, slots=True)
class Retirements:
    """Those in force, by (school, kind, subject)."""

    found: Mapping[tuple[str, str, str], Retirement] = field(default_factory=dict)

    def on(self, school: str, kind: RetiredKind, subject: str, day: date) -> bool:
        """Whether something is out of service on a day."""
        retirement = self.found.get((school, kind, subject))
        return retirement is not None and retirement.since <= day

    def device_on(self, school: str, room: str, device: str, day: date) -> bool:
        """Whether a display is, by itself or with its room."""
        return bool(self.found) and (
            self.on(school, "device", device, day) or self.on(school, "room", room, day)
        )

    def ap_on(self, school: str, room: str, ap: str, day: date) -> bool:
        """Whether an access point is, by itself or with its room."""
        return bool(self.found) and (
            self.on(school, "access_point", ap, day) or self.on(school, "room", room, day)
        )

    def gateways_on(self, school: str, day: date) -> frozenset[str]:
        """The gateways of a school that are out of service on a day."""
        return frozenset(
            subject
            for code, kind, subject in self.found
            if (code, kind) == (school, "gateway") and self.on(school, "gateway", subject, day)
        )

    def any_on(self, school: str, subject: str, day: date) -> bool:
        """Whether anything of this name is: alerts name their subject, not its kind."""
        return any(self.on(school, kind, subject, day) for kind in RETIRED_KINDS)


def retirement_point(retirement: Retirement, now_ms: int) -> Point:
    """The decision as the store keeps it."""
    return Point(
        RETIREMENT,
        (retirement.district, retirement.school, retirement.kind, retirement.subject),
        now_ms,
        (int(retirement.retired), retirement.since.isoformat(), retirement.reason),
    )


def read_retirements(store: Store, *, until_ms: int | None = None) -> Retirements:
    """What is in force by the decisions made before `until_ms`. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=RETIREMENT,
            select=(Select("retired"), Select("since"), Select("reason")),
            group_by=RETIREMENT.tag_names,
            until=until_ms,
            newest=1,
        )
    )
    found: dict[tuple[str, str, str], Retirement] = {}
    for row in rows:
        if row.values["retired"] != 1:
            continue
        school, subject = row.tags["school"], row.tags["subject"]
        for kind in RETIRED_KINDS:
            if kind == row.tags["kind"]:
                found[school, kind, subject] = Retirement(
                    district=row.tags["district"],
                    school=school,
                    kind=kind,
                    subject=subject,
                    since=date.fromisoformat(str(row.values["since"])),
                    reason=str(row.values["reason"]),
                )
    return Retirements(found)
