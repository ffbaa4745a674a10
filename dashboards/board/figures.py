"""The figures of the first page, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards.board.applied import Applied
from rules.stored.shares import Away
from rules.words import Reason
from runtime.language import Text
from store import Row

Ends = tuple[str, str | None]
_WORST_FIRST = {"fail": 0, "undetermined": 1, "pass": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One answer of the last evaluation. Numbers are decimal text; missing is None.

    unknown: what is not known of the value, which then is the least that it may be.
    """

    indicator: str
    stage: str
    verdict: str
    reason: Reason
    numerator: str | None = None
    denominator: str | None = None
    value: str | None = None
    threshold: str | None = None
    floor: str | None = None
    declared: str | None = None
    observed: str | None = None
    completeness: str | None = None
    near: bool = False
    unknown: Reason | None = None
    # How far along the way to the threshold, for the small bar only.
    share_of_threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCounts:
    """Rooms of a school by their coverage."""

    covered: int = 0
    uncovered: int = 0
    undetermined: int = 0

    @property
    def total(self) -> int:
        return self.covered + self.uncovered + self.undetermined


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCounts:
    """What the school's devices said last; nothing older than fifteen minutes counts.

    access_points_unknown: of those the controller does not say whether they are up.
    """

    access_points: int = 0
    access_points_up: int = 0
    access_points_unknown: int = 0
    devices: int = 0
    devices_answering: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRow:
    """A school against the two targets."""

    code: str
    name: str
    kind: str
    unit: str
    sections: tuple[Verdict, ...]
    wireless: Verdict
    rooms: RoomCounts
    live: LiveCounts

    @property
    def rank(self) -> int:
        return min(_WORST_FIRST.get(item.verdict, 1) for item in (*self.sections, self.wireless))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A district target of one stage: how many sections (or schools) meet it.

    in_part: mean and cv are of the sections whose figure is known. mean_ends, cv_ends: between what they lie
    then, where that is known; the other end missing: without end.
    """

    indicator: str
    stage: str
    threshold: str | None
    passing: int
    failing: int
    undetermined: int
    rate: str | None = None
    mean: str | None = None
    cv: str | None = None
    cv_limit: str | None = None
    balanced: bool | None = None
    in_part: bool = False
    mean_ends: Ends | None = None
    cv_ends: Ends | None = None

    @property
    def total(self) -> int:
        return self.passing + self.failing + self.undetermined


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRow:
    """A gateway's own account, and whether it is still there."""

    school: str
    name: str
    gateway: str | None
    state: str
    heard_ms: int | None = None
    version: str | None = None
    produced: int | None = None
    acknowledged: int | None = None
    pending: int | None = None
    dropped: int | None = None
    clock_offset_ms: int | None = None
    # Beyond the limit of the standard: by how much, either way.
    clock_wrong_s: int | None = None
    collectors_failing: int | None = None
    # Which, each with how its last round ended.
    failing: tuple[tuple[str, str], ...] = ()
    # Nearly full: by how many per cent. Ends soon: in how many days, 0 or less where it has.
    spool_full_pct: int | None = None
    certificate_days: int | None = None

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """Collectors that got nothing. One of many devices that does not answer (partial) is told as that."""
        return tuple(part for part in self.failing if part[1] != "partial")

    @property
    def has_broken(self) -> bool:
        """Where not all that fail are named, one of the others may be."""
        return bool(self.broken) or (self.collectors_failing or 0) > len(self.failing)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSubject:
    """What an alert is about, as people call it; silent: nothing fresh is known of it."""

    name: Text
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert of one school that fires now: since when, and what it is about."""

    school: str
    name: str
    alert: str
    title: Text
    severity: str
    since_ms: int
    subjects: tuple[AlertSubject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsNow:
    """Everything that fires, worst first; judged_ms is None where alerts were never judged.

    since: when the trouble began that an alert is about or waits to tell, by school, alert and subject.
    """

    judged_ms: int | None = None
    lines: tuple[AlertLine, ...] = ()
    since: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleItem:
    """One thing: its name and where it stands, what is wrong (as its `kind` has it), how much, of what.

    since_ms: when it began, where that is known.
    """

    name: str
    state: str
    place: str = ""
    number: int | None = None
    parts: tuple[tuple[str, str], ...] = ()
    since_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleLine:
    """All of one school."""

    school: str
    name: str
    items: tuple[TroubleItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """One kind of trouble. Where nothing was observed, or not all is known, nothing is said to be well.

    partly: what is well but for a part of what it does: devices that did not answer its gateway.
    """

    kind: str
    bad: int
    unknown: int
    total: int
    lines: tuple[TroubleLine, ...]
    partly: int = 0

    @property
    def look(self) -> str:
        if self.bad:
            return "fail"
        return "pass" if self.total and not self.unknown else "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """The schools of one unit against the district's targets, in the order of these."""

    unit: str
    schools: int
    targets: tuple[Target, ...]
    rooms_uncovered: int
    rooms_known: int

    @property
    def failing(self) -> int:
        return sum(target.failing for target in self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the first page shows."""

    now_ms: int
    evaluated_ms: int | None
    standard: str | None
    as_of: str | None
    applied: Applied
    targets: tuple[Target, ...]
    rooms: RoomCounts
    schools: tuple[SchoolRow, ...]
    gateways: tuple[GatewayRow, ...]
    verdicts: dict[str, tuple[Verdict, ...]]
    room_rows: dict[str, tuple[Row, ...]]
    alerts: AlertsNow = AlertsNow()
    # Programs that count and judge a share, and are not at work.
    away: tuple[Away, ...] = ()
    troubles: tuple[Troubles, ...] = ()
    units: tuple[UnitRow, ...] = ()
    # Every indicator of every stage, and the guarantees, over the district.
    results: tuple[Target, ...] = ()
    # The same district by district, as stored.
    district_rows: tuple[Row, ...] = ()
    # Every verdict that stands, as stored: what plans are made of.
    verdict_rows: tuple[Row, ...] = ()
    # The district of every school that was judged.
    districts_of: Mapping[str, str] = field(default_factory=dict)
