"""The registry's sheets, column by column. Template, reader and documentation are made from these tables."""

from typing import get_args

from registry import cells
from registry.columns import Column, SheetTable, column, one_of, yes_or_no
from registry.vocabulary import (
    COVERAGE_SPELLINGS,
    COVERAGE_WORDS,
    FIGURES,
    ITEM_SPELLINGS,
    ITEM_WORDS,
    KIND_SPELLINGS,
    OWNERSHIP_SPELLINGS,
    PER_WORDS,
    SHORTFALL_WORDS,
    STAGE_SPELLINGS,
    STAGE_WORDS,
    Coverage,
    GuaranteeCode,
    Kind,
    Ownership,
    Per,
    StatisticsItem,
    StatisticsStage,
)
from runtime.language import Text

# The codes of the national standard, wireless and the guarantees.
_USUAL_SHORTFALLS = (*(f"L{number}" for number in range(1, 8)), "wireless", *get_args(GuaranteeCode))

_CODE = column(
    "school_code",
    "学校标识码 学校(机构)标识码 标识码 学校代码",
    cells.school_code,
    Text("10 位数字，按文本保存", "Ten digits, kept as text"),
    required=True,
    text_only=True,
)
_NOTE = column("note", "备注 说明", str, Text("备注，不读取", "Remarks; not read"))
_STAGE = one_of(
    "stage",
    "学段",
    get_args(StatisticsStage),
    Text("学段，或全校", "A stage, or the whole school"),
    words=STAGE_WORDS,
    spellings=STAGE_SPELLINGS,
)
_LIKEWISE = Text("同上", "Likewise")

SCHOOLS = (
    _CODE,
    column("name", "学校名称 名称 学校", cells.text, Text("通用名称", "As people call it"), required=True),
    column(
        "district",
        "区县 区县代码 区划代码",
        cells.district,
        Text("区县名称或 6 位代码（GB/T 2260）", "Name or six digits (GB/T 2260)"),
        required=True,
    ),
    one_of(
        "kind",
        "办学类型 学校类型",
        get_args(Kind),
        Text("决定有哪些学段、共用部分如何折算", "Decides the stages, and how they share what is common"),
        spellings=KIND_SPELLINGS,
    ),
    one_of(
        "ownership",
        "举办者 举办者类型 办学性质",
        get_args(Ownership),
        Text("供标准的 [[exclude]] 使用", "For a standard's [[exclude]]"),
        spellings=OWNERSHIP_SPELLINGS,
        required=False,
    ),
    column(
        "unit",
        "责任单位",
        cells.text,
        Text("台账与季报中的责任单位", "Who answers for it in the register and the report"),
    ),
    column(
        "primary_pupils",
        "小学在校生数 小学在校生 小学学生数",
        cells.count,
        Text("留空为不详，0 为没有", "Empty is not known, 0 is none"),
    ),
    column("junior_pupils", "初中在校生数 初中在校生 初中学生数", cells.count, _LIKEWISE),
    column(
        "senior_pupils",
        "高中在校生数 高中在校生 高中学生数",
        cells.count,
        Text("仅用于折算各学段共用部分", "Only to share what the stages have in common"),
    ),
    column(
        "primary_classes",
        "小学班数 小学班级数",
        cells.count,
        Text("用于音乐、美术教室和装备目录", "For music and art rooms, and for the catalogue"),
    ),
    column("junior_classes", "初中班数 初中班级数", cells.count, _LIKEWISE),
    column(
        "largest_primary_class",
        "小学最大班额",
        cells.count,
        Text("最大班的学生数", "Pupils of the largest class"),
    ),
    column("largest_junior_class", "初中最大班额", cells.count, _LIKEWISE),
    column(
        "oversized_primary_classes",
        "小学大班额班数",
        cells.count,
        Text("超过限额（45 人）的班数", "Classes above the limit (45)"),
    ),
    column(
        "oversized_junior_classes",
        "初中大班额班数",
        cells.count,
        Text("超过限额（50 人）的班数", "Classes above the limit (50)"),
    ),
    column("lon", "经度", cells.degrees(180), Text("度", "Degrees")),
    column("lat", "纬度", cells.degrees(90), Text("度", "Degrees")),
    column(
        "merge_into",
        "并入学校 并入学校标识码",
        cells.school_code,
        Text("是否计校数为 0 时，合并计算的学校标识码", "The school that it is counted with"),
        text_only=True,
    ),
    column(
        "flags",
        "标记",
        cells.several,
        Text("供标准的放宽条款使用，多个用分号隔开", "For a standard's allowances; several with ; between"),
    ),
    _NOTE,
)
DISTRICTS = (
    column(
        "district",
        "区县代码 区县",
        cells.district_code,
        Text("与学校表一致", "As in the schools sheet"),
        required=True,
    ),
    column(
        "name",
        "区县名称 名称",
        cells.district_name,
        Text("季报标题中的名称", "As titles of the report call it"),
        required=True,
    ),
    _NOTE,
)
ROOMS = (
    _CODE,
    column(
        "room",
        "房间编号 房间号 编号",
        cells.room_code,
        Text("与网关、测试仪一致", "As gateways and surveys call it"),
        required=True,
    ),
    column("name", "房间名称 名称", cells.text, Text("通用名称", "As people call it")),
    column(
        "kind",
        "房间类型 类型",
        cells.text,
        Text(
            "如普通教室、音乐教室、美术教室；留空为不详",
            "As the standard calls it; empty is not known",
        ),
    ),
    column(
        "area_m2",
        "面积 使用面积",
        cells.more_than_nothing,
        Text("平方米，决定需要多少测点", "m²; asks for so many measuring points"),
    ),
    one_of(
        "coverage",
        "覆盖类别 覆盖要求",
        get_args(Coverage),
        Text("是否要求无线覆盖、按哪类限值", "Whether wireless must cover it, and by which limit"),
        words=COVERAGE_WORDS,
        spellings=COVERAGE_SPELLINGS,
    ),
    yes_or_no("multimedia", "多媒体教室", Text("学校申报；留空为不详", "What the school declares")),
    yes_or_no("occupied", "被挤占", Text("挪作他用；留空为不详", "Used for something else than its kind")),
    _NOTE,
)
STATISTICS = (
    _CODE,
    _STAGE,
    one_of(
        "item",
        "项目",
        get_args(StatisticsItem),
        Text("年度统计报表的一项", "A figure of the yearly statistics form"),
        words=ITEM_WORDS,
        spellings=ITEM_SPELLINGS,
    ),
    column(
        "value",
        "数值",
        cells.amount,
        Text("人、间、平方米或元；也可写 82.5万元", "People, rooms, m² or yuan"),
    ),
    _NOTE,
)
CATALOGUE = (
    column("name", "名称 装备名称", cells.text, Text("装备名称", "What the item is called"), required=True),
    _STAGE,
    column(
        "categories",
        "分类代码 资产分类代码",
        cells.categories,
        Text(
            "国标分类代码（GB/T 14885）的开头，多个用分号隔开",
            "How its codes begin (GB/T 14885); several with ; between",
        ),
        text_only=True,
    ),
    column(
        "words",
        "名称包含",
        cells.several,
        Text("名称中含有其一即算，多个用分号隔开", "Words of which a line's name holds one; ; between"),
    ),
    one_of(
        "per",
        "计量 配备单位",
        get_args(Per),
        Text("数量按什么配", "What the quantity is for"),
        words=PER_WORDS,
    ),
    column("quantity", "数量 应配数量", cells.more_than_nothing, Text("件数", "Pieces"), required=True),
    _NOTE,
)
MEASURES = (
    _CODE,
    _STAGE,
    Column(
        name="indicator",
        chinese=("指标",),
        read=cells.shortfall_code,
        meaning=Text(
            "哪一项不达标：标准中的指标代码、G2 至 G5 或无线",
            "What falls short: an indicator by the standard's code, G2 to G5 or wireless",
        ),
        choices=(*SHORTFALL_WORDS, *_USUAL_SHORTFALLS),
        others=True,
        required=True,
    ),
    column(
        "measure", "措施 整改措施", cells.text, Text("采取的措施", "What is done about it"), required=True
    ),
    column("responsible", "责任单位", cells.text, Text("留空为学校的责任单位", "Instead of the school's")),
    column(
        "started",
        "开始日期",
        cells.day,
        Text("从何时起算，留空为立项之日", "From when it counts; empty: from the beginning"),
    ),
    column("deadline", "完成期限 期限", cells.day, Text("到何时为止", "Until when")),
    _NOTE,
)
TIMETABLE = (
    _CODE,
    column(
        "room",
        "房间编号 房间号",
        cells.room_code,
        Text("与房间表一致", "As in the rooms sheet"),
        required=True,
    ),
    Column(
        name="weekday",
        chinese=("星期",),
        read=cells.weekday,
        meaning=Text("周一至周日，或 1 至 7", "1 (Monday) to 7 (Sunday); the Chinese words are read too"),
        choices=(*(f"周{day}" for day in "一二三四五六日"), *"1234567"),
        required=True,
    ),
    column(
        "slot",
        "节次",
        cells.text,
        Text("校历中的节次名称", "The name of a lesson slot of the calendar"),
        required=True,
    ),
    column(
        "first",
        "起始日期 开始日期",
        cells.day,
        Text("从何日起，留空为学期初", "The first day it counts; empty: from the beginning"),
    ),
    column(
        "last",
        "结束日期",
        cells.day,
        Text("到何日止，留空为学期末", "The last day it counts; empty: to the end"),
    ),
    _NOTE,
)


def _wide() -> tuple[Column, ...]:
    """A figure of the statistics in a column of its own: for the school, or for one of its stages."""
    stages = (("", ""), ("primary_", "小学"), ("junior_", "初中"), ("school_", "全校"))
    return tuple(
        Column(
            name=f"{stage}{item}",
            chinese=tuple(f"{word}{title}" for title in facts.titles),
            read=cells.amount,
            meaning=Text("统计报表的一项", "A figure of the yearly statistics form"),
            money=item == "equipment_cny",
        )
        for stage, word in stages
        for item, facts in FIGURES.items()
    )


# Beside the columns of a sheet, and read as lines of the sheet `statistics`.
WIDE = _wide()

SHEETS = tuple(
    SheetTable(name=name, chinese=chinese, columns=columns, meaning=meaning, optional=optional, order=order)
    for order, (name, chinese, columns, meaning, optional) in enumerate(
        (
            ("schools", "学校", SCHOOLS, Text("每校一行。", "A line a school."), False),
            ("rooms", "房间", ROOMS, Text("每个房间一行。", "A line a room."), False),
            (
                "statistics",
                "统计",
                STATISTICS,
                Text(
                    "年度统计报表的数字：每校一行、每项一列，或每项一行。教师按学段填，各学段共用的按全校填。",
                    "Figures of the yearly form: a line a school with a column a figure, or a line a figure. "
                    "Teachers by stage, what stages share for all.",
                ),
                False,
            ),
            (
                "districts",
                "区县",
                DISTRICTS,
                Text("区县的名称；天津各区已知。", "What a district is called; those of Tianjin are known."),
                True,
            ),
            (
                "measures",
                "措施",
                MEASURES,
                Text("对销号台账中各项不足采取的措施。", "What is done about a shortfall of the register."),
                True,
            ),
            (
                "catalogue",
                "装备目录",
                CATALOGUE,
                Text(
                    "全区统一的基本装备配置；每行须有分类代码或名称包含。",
                    "The bureau's list of standard equipment; every line needs a category or words.",
                ),
                True,
            ),
            (
                "timetable",
                "课表",
                TIMETABLE,
                Text(
                    "每周每节课一行。没有列出的房间按校历的全部节次计。",
                    "A line a weekly lesson. A room that no line names has every lesson of the calendar.",
                ),
                True,
            ),
        )
    )
)
