"""A scenario: which district is simulated, school by school, and what is broken in it. One TOML file."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from firmware_sim.calendar import Calendar
from firmware_sim.faults import Plant, SnmpFaults
from firmware_sim.term import Away, LessonsShape, Planted, Replaced, Term, WrongClock
from runtime.language import Text
from runtime.settings import Settings

Kind = Literal["小学", "初中", "九年一贯制", "十二年一贯制", "完全中学", "教学点", "特殊教育", "职业学校"]
Coverage = Literal["key", "minor", "outdoor", "none"]

PlugKind = Literal["none", "tasmota", "shelly1", "shelly2", "zigbee2mqtt"]

# Projectors live at .10 to .99 of a school's network, so that .1 is the controller and .100 up stay free.
MAX_PROJECTORS = 90
# 127.1.0 to 127.250.199, two hundred schools to the second octet.
MAX_SCHOOLS = 50_000

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class Room(Settings):
    """One room, and the equipment in it."""

    code: str
    name: str
    kind: str
    area_m2: Amount
    coverage: Coverage
    multimedia: bool
    aps: int
    projector: Literal["none", "lamp", "laser"]
    occupied: bool  # used for something else than its kind (被挤占)
    panel: bool = False  # an interactive panel with a PC inside
    class_pc: bool = False
    projector_class: Literal[1, 2] = 1  # PJLink's
    plug: PlugKind = "none"  # which feeds all of these and the projector
    plug_on_w: float | None = None  # from where on the gateway's list says that it is at work
    beacon: bool = False  # its computers report themselves, and nobody asks them


class RoomGroup(Settings):
    """`count` like rooms: codes run from `first`; `{code}` and `{n}` in the name are the code and 1, 2, …"""

    first: int = Field(ge=0)
    count: int = Field(default=1, ge=1, le=500)
    prefix: str = Field(default="", max_length=8)
    name: str
    kind: str
    area_m2: Annotated[Decimal, Field(gt=0, le=100_000)]
    coverage: Coverage = "key"
    multimedia: bool = False
    aps: int = Field(default=1, ge=0, le=20)
    projector: Literal["none", "lamp", "laser"] = "none"
    occupied: bool = False
    panel: bool = False
    class_pc: bool = False
    projector_class: Literal[1, 2] = 1
    plug: PlugKind = "none"
    plug_on_w: float | None = Field(default=None, gt=0, le=20_000)
    beacon: bool = False

    def rooms(self) -> list[Room]:
        shared = self.model_dump(exclude={"first", "count", "prefix", "name"})
        codes = [f"{self.prefix}{self.first + index}" for index in range(self.count)]
        return [
            Room(code=code, name=self.name.replace("{code}", code).replace("{n}", str(number)), **shared)
            for number, code in enumerate(codes, 1)
        ]


def _can_have(room: Room | None, fault: Plant) -> bool:
    if room is None:
        return False
    if fault == "weak-corner":
        return room.coverage != "none"
    return room.aps > 0 if fault.startswith("ap-") else room.projector != "none"


class SectionFigures(Settings):
    """What a section declares of its teachers; what is missing was not handed in."""

    qualified_teachers: Count | None = None
    backbone_teachers: Count | None = None
    arts_pe_teachers: Count | None = None


class SchoolFigures(Settings):
    """What the whole school declares; a school of two stages shares it."""

    teaching_area_m2: Amount | None = None
    sports_area_m2: Amount | None = None
    equipment_cny: Amount | None = None
    multimedia_rooms: Count | None = None


class Declared(Settings):
    """The school's yearly form."""

    primary: SectionFigures = SectionFigures()
    junior: SectionFigures = SectionFigures()
    school: SchoolFigures = SchoolFigures()


class Ledger(Settings):
    """The school's asset ledger. `equipment_cny`: what its teaching equipment adds up to; the declared
    figure where it is not given, and without either there is no ledger."""

    equipment_cny: Amount | None = None
    form: Literal["csv", "xlsx"] = "csv"
    encoding: Literal["utf-8-sig", "gb18030"] = "utf-8-sig"  # of a CSV file
    money: Literal["元", "万元"] = "元"
    old_codes: bool = False  # seven digits, as before GB/T 14885-2022


class School(Settings):
    """One school."""

    code: str = Field(pattern=r"^[0-9]{10}$")
    name: str
    kind: Kind
    unit: str
    lon: Decimal
    lat: Decimal
    primary_pupils: Count = 0
    junior_pupils: Count = 0
    senior_pupils: Count = 0
    primary_classes: Count = 0
    junior_classes: Count = 0
    largest_primary_class: Count = 0
    largest_junior_class: Count = 0
    oversized_primary_classes: Count | None = None
    oversized_junior_classes: Count | None = None
    merge_into: str = ""
    flags: str = ""
    # Controllers hand out names as the bytes that were typed into them.
    name_encoding: Literal["utf-8", "gbk"] = "utf-8"
    projectors_ask_password: bool = False
    room_groups: tuple[RoomGroup, ...] = Field(alias="rooms")
    planted: tuple[Planted, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    away: tuple[Away, ...] = ()
    clocks: tuple[WrongClock, ...] = ()
    controller: Literal["huawei", "h3c", "ruijie"] = "huawei"
    controller_faults: SnmpFaults = SnmpFaults()
    # Faults of panels, class PCs and plugs by device: { "PN-101" = "moved", "TP-102" = "silent" }.
    faulty: Mapping[str, str] = {}
    declared: Declared = Declared()
    ledger: Ledger = Ledger()

    @property
    def ledger_cny(self) -> Decimal | None:
        """What the teaching equipment in the school's ledger adds up to; None: it has no ledger."""
        stated = self.ledger.equipment_cny
        return self.declared.school.equipment_cny if stated is None else stated

    @property
    def rooms(self) -> tuple[Room, ...]:
        return tuple(room for group in self.room_groups for room in group.rooms())

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        codes = [room.code for room in self.rooms]
        if len(set(codes)) != len(codes):
            raise ValueError(Text(f"学校 {self.code} 有重复的房间", f"school {self.code} has a room twice"))
        rooms = {room.code: room for room in self.rooms}
        for entry in self.planted:
            if not _can_have(rooms.get(entry.room), entry.fault):
                place = f"{self.code} {entry.room}"
                raise ValueError(
                    Text(
                        f"房间 {place} 不存在或没有会发生 {entry.fault} 的设备",
                        f"{place} cannot have {entry.fault}: no such room, or no such device in it",
                    )
                )
        for change in self.replaced:
            if change.room not in rooms or not rooms[change.room].aps:
                place = f"{self.code} {change.room}"
                raise ValueError(
                    Text(f"房间 {place} 没有可更换的接入点", f"{place} has no access point to replace")
                )
        if sum(room.projector != "none" for room in self.rooms) > MAX_PROJECTORS:
            raise ValueError(
                Text(
                    f"学校 {self.code} 的投影机多于 {MAX_PROJECTORS} 台",
                    f"school {self.code} has more than {MAX_PROJECTORS} projectors",
                )
            )
        return self


class CatalogueItem(Settings):
    """One line of the registry's sheet `catalogue`, as it is written there."""

    name: str
    stage: Literal["primary", "junior", "school"] = "school"
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    per: Literal["school", "class", "hundred_pupils"]
    quantity: str = Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$")


class Scenario(Settings):
    """A simulated district. The same scenario and seed tell the same story at the same times."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    seed: int = Field(ge=0)
    district: str = Field(pattern=r"^[0-9]{6}$")
    district_name: str
    community: str = Field(default="campus-sim", min_length=1)
    # The one user of SNMP v3: SHA-256, AES-128.
    snmp_user: str = Field(default="campus-sim", min_length=1, max_length=32)
    snmp_auth_key: str = Field(default="campus-sim-auth", min_length=8)
    snmp_priv_key: str = Field(default="campus-sim-priv", min_length=8)
    projector_password: str = Field(default="campus-sim", min_length=1, max_length=32)
    # Share of a week's lessons in which a room shows something.
    lessons_share: float = Field(default=0.6, ge=0, le=1)
    lessons_shape: LessonsShape = LessonsShape()
    # Share of a week's lessons that the registry's timetable gives a room: those in which it shows something
    # come first. None: the registry has no timetable.
    timetable_share: float | None = Field(default=None, gt=0, le=1)
    survey_every_s: int = Field(default=3600, ge=1)
    surveys_kept: int = Field(default=48, ge=2)
    calendar: Calendar
    # The bureau's list of standard equipment; none by default.
    catalogue: tuple[CatalogueItem, ...] = ()
    schools: tuple[School, ...] = Field(min_length=1, max_length=MAX_SCHOOLS)
    # What lies behind the district; without it the calendar above holds for the past, too.
    term: Term | None = None

    def on(self, day: dt.date) -> "Scenario":
        """The district on a day of its term: with the term's calendar, and all that befell the schools."""
        if self.term is None:
            return self
        term = self.term.on(day)
        shared = {name: getattr(term, name) for name in ("calendar", "lessons_share", "lessons_shape")}
        schools = tuple(_in_term(school, term) for school in self.schools)
        return self.model_copy(update={**shared, "schools": schools, "term": None})

    @model_validator(mode="after")
    def _term_of_its_schools(self) -> Self:
        strangers = (self.term.schools.keys() if self.term else set()) - {one.code for one in self.schools}
        if strangers:
            code = min(strangers)
            raise ValueError(
                Text(f"term.schools：没有学校 {code}", f"term.schools: there is no school {code}")
            )
        if self.term:
            for school in self.schools:
                _in_term(school, self.term)
        return self

    @model_validator(mode="after")
    def _schools_once(self) -> Self:
        codes = [school.code for school in self.schools]
        if len(set(codes)) != len(codes):
            raise ValueError(Text("学校代码重复", "a school code is there twice"))
        return self


def _in_term(school: School, term: Term) -> School:
    """A school with what befell it, checked like all that is in a scenario's file."""
    told = term.schools.get(school.code)
    if told is None:
        return school
    values = {info.alias or name: getattr(school, name) for name, info in School.model_fields.items()}
    values["planted"] = (*school.planted, *told.planted)
    values |= {name: getattr(told, name) for name in ("replaced", "away", "clocks")}
    return School.model_validate(values)
