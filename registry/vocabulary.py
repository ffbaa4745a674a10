"""The words of registry and standards as tables: stages, kinds of school, figures, classes of area."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["primary", "junior"]
PupilStage = Literal["primary", "junior", "senior"]
StatisticsStage = Literal["primary", "junior", "school"]
Kind = Literal["小学", "初中", "九年一贯制", "十二年一贯制", "完全中学", "教学点", "特殊教育", "职业学校"]
Coverage = Literal["key", "minor", "outdoor", "none"]
AreaClass = Literal["key", "minor", "outdoor"]
Item = Literal[
    "qualified_teachers",
    "backbone_teachers",
    "arts_pe_teachers",
    "teaching_area_m2",
    "sports_area_m2",
    "equipment_cny",
    "multimedia_rooms",
]
# What a standard calls an indicator, nationally L1 … L7: a letter and a number. G and U are taken, for the
# guarantees and the rates of use.
IndicatorCode = str
INDICATOR_CODE = re.compile(r"[A-FH-TV-Z][0-9]{1,2}")
GuaranteeCode = Literal["G2", "G3", "G4", "G5"]
# What a quantity of the catalogue of equipment is for.
Per = Literal["school", "class", "hundred_pupils"]
# What the shortfall register (销号台账) keeps an item for.
ShortfallCode = str
Verdict = Literal["pass", "fail", "undetermined"]

OVERALL = "overall"  # the answer on all indicators together: no item is kept for it

STAGES: tuple[Stage, ...] = get_args(Stage)

# The stages whose pupils a kind of school teaches. Kinds without any are outside compulsory education's
# seven indicators, whatever pupils they have.
KIND_STAGES: dict[Kind, tuple[PupilStage, ...]] = {
    "小学": ("primary",),
    "初中": ("junior",),
    "九年一贯制": ("primary", "junior"),
    "十二年一贯制": ("primary", "junior", "senior"),
    "完全中学": ("junior", "senior"),
    "教学点": ("primary",),
    "特殊教育": (),
    "职业学校": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """A figure of the statistics sheet: its name on the form, and whether it can only be whole."""

    chinese: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeFacts:
    """A guarantee about facilities: the unit of what lacks or is too much, and on which side."""

    unit: str
    at_most: bool = False


GUARANTEES: dict[GuaranteeCode, GuaranteeFacts] = {
    # Only where the registry has a catalogue of equipment.
    "G2": GuaranteeFacts(unit="项"),
    "G3": GuaranteeFacts(unit="间"),
    "G4": GuaranteeFacts(unit="人", at_most=True),
    "G5": GuaranteeFacts(unit="班", at_most=True),
}

ITEMS: dict[Item, ItemFacts] = {
    "qualified_teachers": ItemFacts(chinese="高于规定学历教师数", whole=True),
    "backbone_teachers": ItemFacts(chinese="骨干教师数", whole=True),
    "arts_pe_teachers": ItemFacts(chinese="体育艺术专任教师数", whole=True),
    "teaching_area_m2": ItemFacts(chinese="教学及辅助用房面积", whole=False),
    "sports_area_m2": ItemFacts(chinese="体育运动场馆面积", whole=False),
    "equipment_cny": ItemFacts(chinese="教学仪器设备值", whole=False),
    "multimedia_rooms": ItemFacts(chinese="网络多媒体教室数", whole=True),
}

# What may be written in a cell, beside the English word itself.
STAGE_WORDS = {"小学": "primary", "初中": "junior", "全校": "school", "学校": "school"}
ITEM_WORDS = {facts.chinese: item for item, facts in ITEMS.items()}
COVERAGE_WORDS = {
    "重点": "key",
    "重点区域": "key",
    "次要": "minor",
    "次要区域": "minor",
    "室外": "outdoor",
    "室外区域": "outdoor",
    "不要求": "none",
}


def is_shortfall_code(text: str) -> bool:
    """Of an indicator of whatever standard, of a guarantee, or `wireless`."""
    return text == "wireless" or text in get_args(GuaranteeCode) or bool(INDICATOR_CODE.fullmatch(text))


SHORTFALL_WORDS = {"无线": "wireless", "无线网络": "wireless", "无线网络全覆盖": "wireless"}
PER_WORDS = {"每校": "school", "每班": "class", "每百名学生": "hundred_pupils", "每百人": "hundred_pupils"}
# 1 … 7 from Monday, as a timetable counts them.
WEEKDAY_WORDS = {
    f"{word}{day}": str(number)
    for word in ("周", "星期", "礼拜")
    for number, days in enumerate(("一", "二", "三", "四", "五", "六", "日天"), 1)
    for day in days
}
YES_NO_WORDS = {"是": "1", "否": "0"}
