"""Which figure stands in which form, under which labels: facts as tables."""

import re
from dataclasses import dataclass

from registry.vocabulary import PupilStage

# 教基 since 2021; the older 基础基 numbers mean the same forms.
OLDER = {
    "312": "3112",
    "313": "3115",
    "314": "3118",
    "423": "4155",
    "424": "4156",
}
KNOWN = frozenset(
    ("1001", "1102", "2106", "2107", "3112", "3115", "3118", "4155", "4156", "5170", "5176", "512", "522")
)
# Forms that count 初中 and 高中 one below the other.
SHARED_BY_STAGES = frozenset({"2107", "4156"})
TOTAL = ("合计", "总计", "计", "总数", "共计", "全校")
# Below a heading that names the figure, its total may be called so too.
SUBTOTAL = (*TOTAL, "小计")
_PUPILS = (
    *("在校生数", "在校学生数", "在校生", "在校学生", "在校学生总数", "在校生总数", "在校生人数"),
    *("在校学生人数", "期末在校生数", "学年初在校生数"),
)
_AREA = (*TOTAL, "面积", "建筑面积", "校舍建筑面积", "使用面积")
_VALUE = (*TOTAL, "数量", "数值", "值")
_GRADUATE = ("研究生", "研究生毕业", "研究生学历", "硕士及以上", "研究生及以上", "博士、硕士研究生")
_BACHELOR = ("本科", "本科毕业", "大学本科", "大学本科毕业", "本科学历", "大学本科学历")
_COLLEGE = ("专科", "专科毕业", "大学专科", "大学专科毕业", "专科学历", "大专", "大专毕业", "大专学历")
_ROOMS = ("网络多媒体教室", "网络多媒体教室数", "网络多媒体教室间数")
_EQUIPMENT = (
    *("教学仪器设备资产值", "教学仪器设备值", "教学、实习仪器设备资产值", "教学、科研仪器设备资产值"),
    *("教学仪器设备资产", "教学仪器设备总值", "教学仪器设备资产总值"),
)
_TEACHING = (
    *("教学及辅助用房", "教学及教学辅助用房", "教学辅助用房", "教学及辅助用房合计", "教学及辅助用房小计"),
    "教学及辅助用房面积",
)
_GROUND = ("运动场地面积", "体育运动场地面积", "运动场地", "运动场面积", "体育场地面积")
_INDOOR = ("室内体育用房", "室内体育用房面积")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One cell of a form: where both labels meet. hint: its usual address; sign: added or taken off."""

    form: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    hint: str = ""
    sign: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the registry and the ways to it, any of which may be at hand.

    item: of the statistics where `stage` is given, otherwise a column of the schools. needed: the stage whose
    schools must have it. ten_thousands: forms count it in 万元.
    """

    item: str
    ways: tuple[tuple[Part, ...], ...]
    stage: str = ""
    needed: PupilStage | None = None
    ten_thousands: bool = False

    @property
    def name(self) -> str:
        return f"{self.stage}/{self.item}" if self.stage else self.item


def _sum(form: str, columns: tuple[str, ...], *rows: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(Part(form=form, rows=row, columns=columns) for row in rows)


def _pupils(stage: PupilStage, form: str, hint: str) -> Figure:
    part = Part(form=form, rows=TOTAL, columns=_PUPILS, hint=hint)
    return Figure(item=f"{stage}_pupils", ways=((part,),), needed=stage)


def _teachers(stage: PupilStage, form: str, *levels: tuple[str, ...]) -> tuple[Figure, ...]:
    subjects = (("体育", "体育与健康"), ("音乐",), ("美术",), ("艺术",))
    return (
        Figure(item="qualified_teachers", stage=stage, ways=(_sum(form, TOTAL, *levels),), needed=stage),
        Figure(item="arts_pe_teachers", stage=stage, ways=(_sum(form, TOTAL, *subjects),), needed=stage),
    )


def _backbone(stage: PupilStage, word: str, hint: str) -> Figure:
    """The two items stand below the one heading, and only the stage's word tells them apart."""
    # 县(区)级 and above is asked for; of the levels alone each is another figure.
    alone = "+".join(f"!{level}" for level in ("国家", "省", "市级", "校级"))
    rows = (
        *(f"{level}+骨干教师+{word}" for level in ("县级", "区级", "区)级", "县(区)", "县、区")),
        f"骨干教师+{word}+{alone}",
    )
    part = Part(form="1102", rows=rows, columns=(*_VALUE, "人数"), hint=hint)
    return Figure(item="backbone_teachers", stage=stage, ways=((part,),), needed=stage)


_CLASSES: tuple[tuple[PupilStage, str], ...] = (("primary", "2106"), ("junior", "2107"))
FIGURES = (
    _pupils("primary", "3112", "I6"),
    _pupils("junior", "3115", "E6"),
    _pupils("senior", "3118", "E6"),
    *_teachers("primary", "4155", _GRADUATE, _BACHELOR, _COLLEGE),
    *_teachers("junior", "4156", _GRADUATE, _BACHELOR),
    _backbone("primary", "小学", "D12"),
    _backbone("junior", "初中", "D13"),
    Figure(
        item="teaching_area_m2",
        stage="school",
        ways=tuple(
            (
                Part(form=form, rows=_TEACHING, columns=_AREA, hint=rooms),
                Part(form=form, rows=_INDOOR, columns=_AREA, hint=indoor, sign=-1),
            )
            for form, rooms, indoor in (("5170", "F10", "F17"), ("512", "E10", "E16"))
        ),
    ),
    Figure(
        item="sports_area_m2",
        stage="school",
        ways=tuple(
            (
                Part(form=ground, rows=_GROUND, columns=_VALUE, hint=hint),
                Part(form=form, rows=_INDOOR, columns=_AREA, hint=indoor),
            )
            for ground, hint, form, indoor in (("5176", "D7", "5170", "F17"), ("522", "", "512", "E16"))
        ),
    ),
    Figure(
        item="equipment_cny",
        stage="school",
        ways=tuple(
            (Part(form=form, rows=_EQUIPMENT, columns=_VALUE, hint=hint),)
            for form, hint in (("5176", "D19"), ("522", "O9"))
        ),
        ten_thousands=True,
    ),
    Figure(
        item="multimedia_rooms",
        stage="school",
        ways=(
            (Part(form="5176", rows=_ROOMS, columns=_VALUE, hint="D17"),),
            # The older form counts them in two columns.
            tuple(Part(form="522", rows=_ROOMS, columns=_VALUE, hint=hint) for hint in ("L9", "N9")),
        ),
    ),
    *(
        Figure(
            item=f"{stage}_classes",
            ways=(
                (
                    Part(
                        form=form, rows=("班数", "班级数", "教学班数", "班级总数", "班数合计"), columns=TOTAL
                    ),
                ),
            ),
            needed=stage,
        )
        for stage, form in _CLASSES
    ),
)
CODE = ("学校标识码", "学校代码", "标识码", "机构标识码")
# Not 名称 alone: the heading of many a column.
NAME = ("学校名称", "机构名称", "学校机构名称")
KIND = ("办学类型", "学校办学类型")
DISTRICT = ("地址代码", "学校地址代码", "行政区划代码", "区县", "所在区县")
# Usual cells of 教基1001.
IDENTITY_HINTS = {NAME: "C4", KIND: "C25"}
# Beside its name or number: 教基3112, 基础基312, 教基1102续.
FORM = re.compile(r"(?:教基|基础基)[\s(-]*(\d{3,4})(?!\d)")
