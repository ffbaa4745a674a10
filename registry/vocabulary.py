"""The words of registry and standards as tables: stages, kinds of school, figures, classes of area."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["primary", "junior"]
PupilStage = Literal["primary", "junior", "senior"]
StatisticsStage = Literal["primary", "junior", "school"]
Kind = Literal["小学", "初中", "九年一贯制", "十二年一贯制", "完全中学", "教学点", "特殊教育", "职业学校"]
# Who runs a school (举办者): 公办 where it is not said which public body.
Ownership = Literal["公办", "教育部门", "其他部门", "地方企业", "民办", "中外合作"]
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
# What a standard's allowances may add to one of these, stated apart so that it can be seen apart.
AllowanceItem = Literal["shared_teachers", "leased_venues_m2", "converted_venues_m2"]
StatisticsItem = Literal[Item, AllowanceItem]
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
    """A figure of the statistics sheet: its names on forms, the usual one first, and what it can be.

    whole: it can only be a whole number. by_stage: it is counted stage by stage, never for the school.
    """

    titles: tuple[str, ...]
    whole: bool
    by_stage: bool = False

    @property
    def chinese(self) -> str:
        return self.titles[0]


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
    "qualified_teachers": ItemFacts(
        titles=("高于规定学历教师数", "高于规定学历教师", "高学历教师数"), whole=True, by_stage=True
    ),
    "backbone_teachers": ItemFacts(
        titles=(
            "骨干教师数",
            "骨干教师",
            "县级以上骨干教师数",
            "区级以上骨干教师数",
            "县(区)级以上骨干教师数",
        ),
        whole=True,
        by_stage=True,
    ),
    "arts_pe_teachers": ItemFacts(
        titles=("体育艺术专任教师数", "体育、艺术专任教师数", "体艺专任教师数", "体艺教师数"),
        whole=True,
        by_stage=True,
    ),
    "teaching_area_m2": ItemFacts(titles=("教学及辅助用房面积", "教学用房面积"), whole=False),
    "sports_area_m2": ItemFacts(titles=("体育运动场馆面积", "运动场馆面积"), whole=False),
    "equipment_cny": ItemFacts(titles=("教学仪器设备值", "教学仪器设备资产值"), whole=False),
    "multimedia_rooms": ItemFacts(
        titles=("网络多媒体教室数", "网络多媒体教室间数", "网络多媒体教室"), whole=True
    ),
}

ALLOWANCES: dict[AllowanceItem, ItemFacts] = {
    "shared_teachers": ItemFacts(
        titles=(
            "交流走教体艺教师数",
            "交流轮岗、兼职、走教体艺教师数",
            "走教体艺教师数",
            "兼职走教体艺教师数",
        ),
        whole=True,
        by_stage=True,
    ),
    "leased_venues_m2": ItemFacts(
        titles=("租用体育场馆面积", "租赁体育场馆面积", "租借体育场馆面积"), whole=False
    ),
    "converted_venues_m2": ItemFacts(titles=("改建体育场地面积", "改造体育场地面积"), whole=False),
}
# Everything that the statistics sheet may state.
FIGURES = dict[StatisticsItem, ItemFacts]((*ITEMS.items(), *ALLOWANCES.items()))

# What may be written in a cell, beside the English word itself.
STAGE_WORDS = {"小学": "primary", "初中": "junior", "全校": "school", "学校": "school"}
ITEM_WORDS = {facts.chinese: item for item, facts in FIGURES.items()}
ITEM_SPELLINGS = {title: item for item, facts in FIGURES.items() for title in facts.titles}
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

# What else people write, and what it means. Not offered in lists, only read.
YES_NO_SPELLINGS = {
    **dict.fromkeys(("√", "✓", "✔", "☑", "有", "对", "y", "yes", "true", "t"), "1"),
    **dict.fromkeys(("×", "✗", "✘", "☐", "无", "没有", "n", "no", "false", "f"), "0"),
}
KIND_SPELLINGS: dict[str, Kind] = {
    **dict.fromkeys(("完小", "完全小学", "中心小学", "普通小学", "小学校", "211"), "小学"),
    **dict.fromkeys(("初级中学", "普通初中", "初中校", "311"), "初中"),
    **dict.fromkeys(("九年一贯", "九年一贯制学校", "九年制", "九年制学校", "312"), "九年一贯制"),
    **dict.fromkeys(("十二年一贯", "十二年一贯制学校", "十二年制", "345"), "十二年一贯制"),
    **dict.fromkeys(("完中", "完全中学校", "341"), "完全中学"),
    **dict.fromkeys(("小学教学点", "218"), "教学点"),
    **dict.fromkeys(("特教", "特殊教育学校", "特教学校"), "特殊教育"),
    **dict.fromkeys(("职高", "中职", "职业高中", "职业中学", "中等职业学校", "职业初中"), "职业学校"),
}
STAGE_SPELLINGS = {
    **dict.fromkeys(("小学段", "小学部", "小学学段"), "primary"),
    **dict.fromkeys(("初中段", "初中部", "初中学段"), "junior"),
    **dict.fromkeys(("整校", "合校", "不分学段"), "school"),
}
OWNERSHIP_SPELLINGS: dict[str, Ownership] = {
    **dict.fromkeys(("公立", "政府"), "公办"),
    **dict.fromkeys(("县级教育部门", "区级教育部门", "教育行政部门", "教体局", "教育局"), "教育部门"),
    **dict.fromkeys(("企业", "国有企业"), "地方企业"),
    **dict.fromkeys(("私立", "社会力量", "民办学校"), "民办"),
    **dict.fromkeys(("中外合作办", "中外合作办学"), "中外合作"),
}
COVERAGE_SPELLINGS = {
    **dict.fromkeys(("重点覆盖", "重要"), "key"),
    **dict.fromkeys(("次要覆盖", "一般", "一般区域"), "minor"),
    **dict.fromkeys(("操场", "户外"), "outdoor"),
    **dict.fromkeys(("不要求覆盖", "无需", "无需覆盖", "不需要", "不需要覆盖", "否"), "none"),
}
