"""What the API tells: a model a resource. Exact figures are decimal text, moments UTC, missing is null."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Code10 = Annotated[str, Field(description="School code, 10 digits, always text", examples=["2112000001"])]
Code6 = Annotated[str | None, Field(description="District, 6 digits; null where the registry does not say")]
Stage = Annotated[str, Field(description="primary, junior, or school for a whole school")]
Answer = Annotated[
    Literal["pass", "fail", "undetermined"],
    Field(description="undetermined: too little is known, see reason"),
]
Decimal = Annotated[str | None, Field(description="Decimal text, never rounded in binary; null: not known")]
Count = Annotated[int | None, Field(description="null: not known, which is not 0")]
Words = Annotated[str | None, Field(description="In the reader's language")]


class Resource(BaseModel):
    """Base of all: what is told is told whole, and nothing beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class District(Resource):
    """A district, and the last evaluation of it."""

    district: Annotated[str, Field(description="District, 6 digits")]
    name: str
    schools: int
    standard: Annotated[str | None, Field(description="Name of the standard that was applied")]
    as_of: Annotated[date | None, Field(description="Day that the evaluation stands for")]
    evaluated: datetime | None


class Result(Resource):
    """One indicator of one stage over a district."""

    district: str
    stage: Stage
    indicator: Annotated[str, Field(description="Code of the standard, or overall, wireless, G2…G5")]
    name: Words
    passing: int
    failing: int
    undetermined: int
    rate: Annotated[Decimal, Field(description="Percent that passes, of those with an answer")]
    mean: Decimal
    cv: Annotated[Decimal, Field(description="Difference coefficient (差异系数)")]
    cv_limit: Decimal
    balanced: Annotated[bool | None, Field(description="null: not determined")]
    sections_unknown: Annotated[
        int | None, Field(description="Whose figure is not known: mean and cv are of the others")
    ]
    mean_least: Annotated[Decimal, Field(description="Where some are not known: the least it may be")]
    mean_most: Annotated[Decimal, Field(description="The most; null beside a least: without end")]
    cv_least: Annotated[Decimal, Field(description="As mean_least")]
    cv_most: Annotated[Decimal, Field(description="As mean_most")]


class School(Resource):
    """A school with its rooms by coverage, and its devices by what they said in the last fifteen minutes."""

    school: Code10
    district: Code6
    name: str
    kind: Words
    unit: Annotated[str, Field(description="责任单位")]
    wireless: Annotated[Answer, Field(description="无线网络全覆盖")]
    rooms_covered: int
    rooms_uncovered: int
    rooms_undetermined: int
    access_points: int
    access_points_up: int
    access_points_unknown: int
    devices: int
    devices_answering: int


class Section(Resource):
    """A section (one stage of a school) with all its indicators together."""

    school: Code10
    district: Code6
    name: str
    unit: str
    stage: Stage
    verdict: Answer
    reason: Words
    failing: Annotated[str, Field(description="Codes of the indicators that fail, by commas")]
    undetermined: Annotated[str, Field(description="Codes of the indicators without an answer, by commas")]


class Indicator(Resource):
    """One indicator of one section, with the figures behind its verdict."""

    school: Code10
    district: Code6
    stage: Stage
    indicator: str
    name: Words
    verdict: Answer
    reason: Words
    numerator: Decimal
    denominator: Decimal
    value: Decimal
    threshold: Decimal
    floor: Annotated[Decimal, Field(description="Basic value that the others must keep")]
    declared: Annotated[Decimal, Field(description="What the yearly form says")]
    observed: Annotated[Decimal, Field(description="What was seen; null: nothing was")]
    completeness: Annotated[Decimal, Field(description="Share known of what was due")]


class Guarantee(Indicator):
    """One guarantee of a whole school: wireless everywhere, and G2 to G5."""


class Rate(Resource):
    """One rate of use of a school, U1 to U5."""

    school: Code10
    district: Code6
    rate: Annotated[str, Field(description="U1 to U5")]
    name: Words
    value: Annotated[Decimal, Field(description="null: too little is known")]
    unit: Annotated[Literal["percent", "lessons_per_pupil"], Field(description="What value counts")]
    completeness: Annotated[Decimal, Field(description="Percent known of what was due")]
    verdict: str | None
    reason: Words


class Room(Resource):
    """A room: its coverage, and how its displays were used in the lessons of the window."""

    school: Code10
    district: Code6
    room: str
    name: str
    kind: Words
    coverage: Answer
    reason: Words
    points: Count
    points_covered: Count
    points_required: Count
    worst_rssi_dbm: Count
    lessons_due: Count
    lessons_known: Count
    lessons_used: Count
    unused: Annotated[bool | None, Field(description="null: too little is known to say")]


class Device(Resource):
    """An access point, display or other device of a room, as it was last told of in the last seven days."""

    school: Code10
    district: Code6
    device: str
    type: Annotated[str, Field(description="access_point, projector, panel, class_pc, plug, …")]
    name: str | None
    model: str | None
    room: str
    room_name: str
    state: Annotated[
        str | None,
        Field(description="Of an access point: up, down, …; of others ok, warning, error; null: not known"),
    ]
    reachable: Annotated[
        bool | None, Field(description="Whether it answered; null where it is not asked itself")
    ]
    power: Annotated[str | None, Field(description="on, off, …; null: not known, which is not off")]
    clients: Annotated[
        Count, Field(description="Associated clients of an access point: counts only, never who")
    ]
    lamp_h: Count
    seen: datetime


class Shortfall(Resource):
    """One item of the shortfall register (销号台账)."""

    district: str
    school: Code10
    name: str
    stage: Stage
    indicator: str
    indicator_name: Words
    state: Annotated[str, Field(description="open, in_progress, awaiting, closed, reopened")]
    value: Decimal
    threshold: Decimal
    gap: Annotated[Count, Field(description="How much is lacking, in unit")]
    unit: str
    opened: date
    closed: date | None
    reopened: date | None
    responsible: str | None
    measure: str | None
    deadline: date | None
    overdue: bool


class Alert(Resource):
    """Something that fires now. Who has taken it up, and until when nobody is told, stands beside it."""

    district: str
    school: Code10
    name: str
    alert: Annotated[str, Field(description="Name of the rule")]
    title: Words
    severity: str
    subject: Annotated[str, Field(description="What it is about, as readings name it")]
    subject_name: Words
    room: str
    since: datetime
    detail: Words
    silent: Annotated[bool, Field(description="Nothing fresh is known of it")]
    taken_by: str | None
    note: str | None
    silenced_until: datetime | None
    silenced_by: str | None


class Gateway(Resource):
    """A gateway and its own account. A school without one that was ever heard has a line with state never."""

    school: Code10
    district: Code6
    name: str
    gateway: str | None
    state: Annotated[str, Field(description="online, offline, silent, never")]
    heard: datetime | None
    version: str | None
    produced: Annotated[Count, Field(description="Readings since its spool was made")]
    acknowledged: Annotated[Count, Field(description="Readings that the store has confirmed")]
    pending: Count
    dropped: Annotated[Count, Field(description="Readings given up, and counted")]
    clock_offset_ms: Annotated[Count, Field(description="Server's clock minus gateway's")]
    collectors_failing: Count
    spool_full_pct: Annotated[int | None, Field(description="How full, where nearly full; else null")]
    certificate_days: Annotated[int | None, Field(description="Days left, where few; else null")]


class FleetGateway(Resource):
    """Which settings and which program a gateway should run and runs."""

    school: Code10
    district: Code6
    name: str
    gateway: str
    state: Annotated[
        str,
        Field(
            description="own: nothing is wanted of it; running, trial, sent, away, refused, rolled_back, "
            "kept_own, unable"
        ),
    ]
    wanted: Annotated[int | None, Field(description="Version that the bureau wants; null: none")]
    wanted_since: datetime | None
    running: Annotated[
        int | None, Field(description="Version that runs; 0: the school's own file; null: it does not say")
    ]
    running_since: datetime | None
    not_taken: Annotated[
        int | None, Field(description="Last version that was refused or taken back; 0: none of the bureau's")
    ]
    not_taken_at: datetime | None
    reason: Annotated[Words, Field(description="Why that version was not taken")]
    changed_here: Annotated[bool, Field(description="The school edited its own file, which does not count")]
    software: Annotated[str | None, Field(description="Version of its program")]
    wanted_software: str | None
    heard: datetime | None


class Report(Resource):
    """A file of a quarterly report (季报)."""

    quarter: Annotated[str, Field(examples=["2026Q4"])]
    version: Annotated[str, Field(description="draft, or v1, v2, … as handed in")]
    file: Annotated[str, Field(description="Path in the version's folder")]
    bytes: int
    modified: datetime
    href: Annotated[str, Field(description="Where it is fetched, below the board's address")]


class Problem(Resource):
    """What is wrong with a request, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


class Purchase(Resource):
    """One planned indicator of one section: what its school buys, and the figure before and after."""

    school: Code10
    district: Code6
    name: str
    unit: str | None
    rooms: Annotated[int, Field(description="Multimedia rooms that the whole school adds")]
    equipment_cny: Annotated[str, Field(description="Equipment that the whole school buys, yuan")]
    cost_cny: Annotated[str, Field(description="Of both together, yuan")]
    stage: Stage
    pupils: Count
    indicator: str
    threshold: Decimal
    before: Decimal
    after: Decimal
    verdict_before: Answer
    verdict_after: Answer
    left_out: Annotated[
        Words, Field(description="Why the section is left out of the plan, or planned from a part of it")
    ]


class PlannedStage(Resource):
    """One indicator of a district's stage before and after a plan; overall has no coefficient."""

    district: str
    stage: Stage
    indicator: str
    sections: int
    passing_before: int
    passing_after: int
    undetermined_before: int
    undetermined_after: int
    cv_before: Decimal
    cv_after: Decimal
    cv_limit: Decimal
    balanced_before: Annotated[bool | None, Field(description="null: undetermined, or not asked")]
    balanced_after: bool | None


class PlanCost(Resource):
    """What a plan comes to over all districts that the reader sees."""

    as_of: date
    budget_cny: Decimal
    reach: Annotated[
        Literal["everything", "thresholds", "budget"],
        Field(description="What the money suffices for: all, every threshold, or no more than itself"),
    ]
    rooms: int
    equipment_cny: str
    cost_cny: str
    left_cny: Decimal
    missing_cny: Annotated[Decimal, Field(description="What a budget lacks for every threshold")]
    room_price_cny: Annotated[str, Field(description="Assumed; nothing prescribes it")]
    sections_left_out: int
    said: Annotated[str, Field(description="What is proved and what is not, in the reader's language")]


class WhatIf(Resource):
    """One figure before and after a school has more: of one of its sections, or of its district."""

    of: Annotated[Literal["section", "district"], Field(description="Whose figure it is")]
    school: Annotated[str | None, Field(description="null: the district's")]
    district: Code6
    stage: Stage
    indicator: str
    measure: Annotated[
        Literal["value", "passing", "cv"],
        Field(description="The indicator's value, how many pass, or the difference coefficient"),
    ]
    before: Decimal
    before_least: Annotated[Decimal, Field(description="While known in part only, where it lies")]
    before_most: Decimal
    after: Decimal
    after_least: Decimal
    after_most: Decimal
    limit: Annotated[Decimal, Field(description="The standard's: value at least, coefficient at most")]
    verdict_before: Answer | None
    verdict_after: Answer | None
