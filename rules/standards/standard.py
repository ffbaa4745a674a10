"""A standard as data: thresholds, floors, limits and profiles. `reading` is how a file becomes one."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from registry.exact import parse_decimal
from registry.vocabulary import (
    INDICATOR_CODE,
    AllowanceItem,
    IndicatorCode,
    Item,
    Kind,
    Ownership,
    PupilStage,
    Stage,
)
from runtime.language import Text


def _exact(value: object) -> Fraction:
    if not isinstance(value, str):
        raise ValueError(
            Text(
                '数值请写成文本，如 "0.85"，以保持精确',
                'write the figure as text, e.g. "0.85", so that it stays exact',
            )
        )
    return parse_decimal(value)


Exact = Annotated[Fraction, BeforeValidator(_exact)]
Share = Annotated[Exact, Field(gt=0, le=1)]
Positive = Annotated[Exact, Field(gt=0)]
Dbm = Annotated[int, Field(ge=-127, le=0)]


def _code(text: str) -> IndicatorCode:
    if not INDICATOR_CODE.fullmatch(text):
        raise ValueError(
            Text(
                "指标代码应为一个大写字母（G、U 除外）加一至两位数字",
                "a code is a capital letter, but G and U, and one or two digits",
            )
        )
    return text


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class StageFigures(_Table):
    """One figure a stage."""

    primary: Positive
    junior: Positive

    def of(self, stage: Stage) -> Fraction:
        return self.primary if stage == "primary" else self.junior


class Indicator(_Table):
    """One of the resource indicators: a figure of the statistics sheet per pupil or per 100 pupils."""

    code: Annotated[IndicatorCode, AfterValidator(_code)]
    name: str
    english: str
    item: Item
    unit: str
    per: Literal[1, 100]
    threshold: StageFigures


class FigureAllowance(_Table):
    """A figure apart that a school with a flag may add to an indicator; no effect unless it `applies`."""

    indicator: IndicatorCode
    item: AllowanceItem
    flag: str = Field(min_length=1)
    applies: bool
    kinds: tuple[Kind, ...] = ()  # none named: every kind


class Overall(_Table):
    """How many indicators a section must meet, and how far the others may fall short."""

    required: int = Field(ge=1)
    floor: Share


class Exclusion(_Table):
    """Schools that the indicators leave out: those that meet every condition that is given."""

    kind: Kind | None = None
    ownership: Ownership | None = None
    flag: str | None = None
    below_pupils: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                Text(
                    "须写 kind、ownership、flag、below_pupils 至少一项",
                    "needs a kind, ownership, flag or below_pupils",
                )
            )
        return self


class Weights(_Table):
    """How a kind of school divides what its stages share: weighted pupils."""

    kind: Kind
    primary: Positive | None = None
    junior: Positive | None = None
    senior: Positive | None = None

    def of(self, stage: PupilStage) -> Fraction | None:
        return {"primary": self.primary, "junior": self.junior, "senior": self.senior}[stage]

    @cached_property
    def whole(self) -> Mapping[PupilStage, int]:
        """The same proportions in whole numbers; a stage without a weight counts as it is."""
        stages: tuple[PupilStage, ...] = ("primary", "junior", "senior")
        figures = {stage: self.of(stage) or Fraction(1) for stage in stages}
        common = lcm(*(figure.denominator for figure in figures.values()))
        return {stage: int(figure * common) for stage, figure in figures.items()}


class Shared(_Table):
    """Which indicators are split between the stages of one school, and how."""

    indicators: tuple[IndicatorCode, ...]
    weights: tuple[Weights, ...]


class Limits(_Table):
    """The weakest signal that counts, by class of area, in dBm."""

    key: Dbm
    minor: Dbm
    outdoor: Dbm


class Wireless(_Table):
    """When a point, a room and a school are covered by wireless."""

    limit_dbm: Limits
    snr_db: int = Field(ge=0, le=100)
    m2_per_point: Positive
    points_share: Share
    availability: Share
    min_polls: int = Field(ge=1)
    min_known_share: Share
    survey_valid_days: int = Field(ge=1, le=3660)
    exclude_kinds: tuple[Kind, ...] = ()


# By what a room is seen at work: the display says so, a device of it is present, or power is drawn.
Evidence = Literal["display", "presence", "watts"]


class Observation(_Table):
    """How far observation looks back, and what it takes to say that something does not work."""

    school_days: int = Field(ge=1, le=250)
    min_polls: int = Field(ge=1)
    answered_days_share: Share
    unheard_minutes: int = Field(default=10, ge=0, le=600)
    min_known_share: Share
    max_clock_offset_s: int = Field(default=300, ge=1)
    no_multimedia_kinds: tuple[str, ...] = ()
    never_heard: Literal["declared", "undetermined"] = "declared"
    evidence: tuple[Evidence, ...] = Field(default=("display", "presence"), min_length=1)


class Equipment(_Table):
    """Which lines of an asset ledger are 教学仪器设备. Categories are beginnings of classification codes."""

    categories: tuple[str, ...] = Field(min_length=1)
    except_categories: tuple[str, ...] = ()
    min_unit_cny: Annotated[Exact, Field(ge=0)]
    batch_min_pieces: int | None = Field(default=None, ge=1)
    left_out_status: tuple[Literal["idle", "to_scrap", "scrapped"], ...]
    ledger_valid_days: int = Field(ge=1, le=3660)


class Utilisation(_Table):
    """When a display was used in a lesson, how long a room may stand unused, and what data it takes."""

    used_minutes: int = Field(ge=1, le=600)
    min_slot_samples: int = Field(ge=1)
    min_lesson_share: Share
    idle_school_days: int = Field(ge=1, le=250)
    serviceable_share: Share
    min_completeness: Share


class Subject(_Table):
    """Rooms for music or for art: what they are called in the rooms sheet, and how large one must be."""

    kinds: tuple[str, ...] = Field(min_length=1)
    area_m2: Positive


class ArtRooms(_Table):
    """G3: a room for music and one for art for every so many classes begun."""

    classes_per_room: int = Field(ge=1)
    music: Subject
    art: Subject


class SchoolSize(_Table):
    """G4: the most pupils in compulsory education; `whole` for a school of both stages."""

    single: int = Field(ge=1)
    whole: int = Field(ge=1)


class ClassSize(_Table):
    """G5: the most pupils in any class."""

    primary: int = Field(ge=1)
    junior: int = Field(ge=1)

    def of(self, stage: Stage) -> int:
        return self.primary if stage == "primary" else self.junior


class Allowance(_Table):
    """Milder figures for a school that carries a flag; without effect unless it `applies`."""

    flag: str = Field(min_length=1)
    applies: bool
    kinds: tuple[Kind, ...] = ()  # none named: every kind
    music_m2: Positive | None = None
    art_m2: Positive | None = None
    single: int | None = Field(default=None, ge=1)
    whole: int | None = Field(default=None, ge=1)


class Guarantees(_Table):
    """政府保障程度, as far as it is about facilities."""

    art_rooms: ArtRooms
    school_size: SchoolSize
    class_size: ClassSize
    allowances: tuple[Allowance, ...] = Field(default=(), alias="allowance")


class RegisterRule(_Table):
    """When an item of the shortfall register (销号台账) is closed."""

    pass_days: int = Field(ge=1, le=250)


class Standard(_Table):
    """A whole standard, in force from one date to another (both included)."""

    name: str
    title: str
    source: str
    effective_from: date
    effective_until: date | None = None
    indicators: tuple[Indicator, ...] = Field(alias="indicator", min_length=1)
    overall: Overall
    allowances: tuple[FigureAllowance, ...] = Field(default=(), alias="allowance")
    balance: StageFigures
    exclude: tuple[Exclusion, ...] = ()
    shared: Shared
    wireless: Wireless
    observation: Observation
    equipment: Equipment
    guarantees: Guarantees
    utilisation: Utilisation
    register_rule: RegisterRule = Field(alias="register", default=RegisterRule(pass_days=3))

    @cached_property
    def weights(self) -> dict[Kind, Weights]:
        return {weights.kind: weights for weights in self.shared.weights}

    def indicator_of(self, item: Item) -> Indicator | None:
        """The indicator that is about a figure, whatever its code; None where the standard has none."""
        return next((indicator for indicator in self.indicators if indicator.item == item), None)

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)
