"""Forms as people and programs spell them: the same figures, or the gap told; never another figure."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.registry.test_forms import CODE, EXPECTED, HEAD, Rows, forms, the_school

Sheets = dict[str, Rows]


def _labels(spell: Callable[[str], str]) -> Sheets:
    """Every label of every form spelt so; names, codes and kinds stay."""

    def cell(value: object) -> object:
        label = isinstance(value, str) and value and not value.replace(",", "").isdigit()
        kept = (
            not label or any(word in str(value) for word in ("标识码", "名称", "小学")) or value == "120116"
        )
        return value if kept else spell(str(value))

    return {name: [[cell(value) for value in row] for row in rows] for name, rows in forms().items()}


def _full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: " ".join(text),
        lambda text: "\u3000".join(text),
        lambda text: f"{text[:2]}\n{text[2:]}",
        _full_width,
        *(
            (lambda text, before=before: before + text)
            for before in (
                "1.",
                "①",
                "（一）",
                "01 ",
                "1-",
                "1.1 ",
                "一.",
                "Ⅱ、",
                "其中",
                "#",
                "—",
                "·",
                "\ufeff",
            )
        ),
        *(
            (lambda text, behind=behind: text + behind)
            for behind in ("*", "（人）", "[人]", "【人】", "：", "\u200b")
        ),
        lambda text: f"“{text}”",
    ],
)
def test_blanks_width_numbering_and_brackets_change_nothing(
    tmp_path: Path, spell: Callable[[str], str]
) -> None:
    school = the_school(tmp_path, _labels(spell))
    assert ([], EXPECTED) == (school.missing, school.statistics)


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("在校生数", "在校生总数"),
        ("在校生数", "学年初在校生数"),
        ("本科毕业", "大学本科学历"),
        ("专科毕业", "大专毕业"),
        ("县级及以上骨干教师（小学）", "小学县（区）级及以上骨干教师"),
        ("县级及以上骨干教师（小学）", "区级及以上骨干教师（小学）"),
        ("一、教学及辅助用房（平方米）", "教学及辅助用房合计"),
        ("其中：室内体育用房", "室内体育用房面积"),
        ("运动场地面积", "体育运动场地面积"),
        ("教学仪器设备资产值", "教学仪器设备总值（万元）"),
        ("班数", "教学班数"),
        ("总计", "全校"),
        ("学校（机构）标识码：", "学校标识码 "),
    ],
)
def test_what_means_the_same_is_read(tmp_path: Path, usual: str, other: str) -> None:
    sheets: Sheets = {
        name: [
            [cell.replace(usual, other) if isinstance(cell, str) else cell for cell in row] for row in rows
        ]
        for name, rows in forms().items()
    }
    assert sheets != forms()
    school = the_school(tmp_path, sheets)
    assert ([], EXPECTED) == (school.missing, school.statistics)


def _with(form: str, *rows: list[object]) -> Sheets:
    return {**forms(), form: (*HEAD, *rows)}


@pytest.mark.parametrize(
    "sheets",
    [
        # A box for every digit, and a heading of its own above the stages.
        {**forms(), "教基1001": (["学校（机构）标识码", *CODE], *forms()["教基1001"][1:])},
        _with("教基1102续", ["", "数量"], ["县级及以上骨干教师", ""], ["其中：小学", 11]),
        # Each level alone is another figure.
        _with(
            "教基1102续",
            *(["", "数量"], ["骨干教师", ""], ["省级骨干教师（小学）", 2], ["市级骨干教师（小学）", 5]),
            ["县级及以上骨干教师（小学）", 11],
        ),
        _with(
            "教基3112",
            *(["", "编号", "招生数", "在校生数", ""], ["", "", "", "合计", "其中：女"]),
            *(["总计", "01", 90, 1020, 500], ["其中：女", "02", 40, 500, 500]),
        ),
        _with("教基3112", ["", "上学年在校生数", "在校生数"], ["总计", 990, 1020]),
    ],
)
def test_forms_laid_out_otherwise_give_the_same(tmp_path: Path, sheets: Sheets) -> None:
    school = the_school(tmp_path, sheets)
    assert ([], EXPECTED, "1020") == (school.missing, school.statistics, school.values["primary_pupils"])


@pytest.mark.parametrize(
    ("sheets", "lost"),
    [
        (_with("教基1102续", ["", "数量"], ["省级骨干教师（小学）", 2]), {("primary", "backbone_teachers")}),
        # Owned and not owned, both with a total.
        (
            _with(
                "教基5170",
                *(["", "学校产权", "", "非学校产权"], ["", "计", "其中：危房", "计"]),
                *(["教学及辅助用房", 5000.5, 0, 100], ["室内体育用房", 600.25, 0, 0]),
            ),
            {("school", "teaching_area_m2"), ("school", "sports_area_m2")},
        ),
        # Yuan where the form asks for 万元.
        (
            _with(
                "教基5176",
                *(["", "数量"], ["运动场地面积", 8000], ["网络多媒体教室", 26]),
                ["教学仪器设备资产值", 2_103_700],
            ),
            {("school", "equipment_cny")},
        ),
    ],
)
def test_what_may_be_another_figure_is_told_and_not_taken(
    tmp_path: Path, sheets: Sheets, lost: set[tuple[str, str]]
) -> None:
    school = the_school(tmp_path, sheets)
    left = {key: value for key, value in EXPECTED.items() if key not in lost}
    assert (left, len(lost)) == (school.statistics, len(school.missing))
