"""Statistics with a column a figure, as bureaus hold them: the same as a line a figure."""

from fractions import Fraction
from pathlib import Path

import pytest

from registry import read_registry
from tests.registry.build import problems, small

CODE = "2112000001"


def with_statistics(tmp_path: Path, *lines: str) -> Path:
    folder = small(tmp_path)
    (folder / "statistics.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_line_a_school_gives_a_figure_for_each_column(tmp_path: Path) -> None:
    folder = with_statistics(
        tmp_path,
        "学校标识码,学校名称,小学骨干教师数,教学及辅助用房面积（平方米）,教学仪器设备值(万元),网络多媒体教室数",
        f"{CODE},海滨小学,4,1500.5,82.5,",
        '3112000004,塘沽九年一贯制,6,68㎡,"1,020元",/',
    )
    assert read_registry(folder).statistics == {
        (CODE, "primary", "backbone_teachers"): 4,
        (CODE, "school", "teaching_area_m2"): Fraction(3001, 2),
        (CODE, "school", "equipment_cny"): 825_000,
        ("3112000004", "primary", "backbone_teachers"): 6,
        ("3112000004", "school", "teaching_area_m2"): 68,
        ("3112000004", "school", "equipment_cny"): 1020,
    }


def test_what_is_counted_by_stage_takes_the_only_stage_of_a_school_and_asks_where_there_are_two(
    tmp_path: Path,
) -> None:
    folder = with_statistics(tmp_path, "学校标识码,骨干教师数", f"{CODE},4", "3112000004,6")
    told = problems(folder)
    (folder / "statistics.csv").write_text(f"学校标识码,骨干教师数\n{CODE},4\n", encoding="utf-8")
    assert (told, read_registry(folder).statistics) == (
        ["statistics.csv B3（骨干教师数）：须按学段填报：请用“小学骨干教师数”和“初中骨干教师数”两列"],
        {(CODE, "primary", "backbone_teachers"): 4},
    )


def test_figures_may_stand_in_the_schools_sheet_and_a_wrong_one_is_told_there(tmp_path: Path) -> None:
    folder = with_statistics(tmp_path, "学校标识码,学段,项目,数值")
    (folder / "schools.csv").write_text(
        "学校标识码,学校名称,区县,办学类型,网络多媒体教室数\n"
        f"{CODE},海滨小学,滨海新区,完小,7\n2112000002,乙小学,滨海新区,小学,7.5\n",
        encoding="utf-8",
    )
    (folder / "rooms.csv").write_text("学校标识码,房间编号,覆盖类别\n", encoding="utf-8")
    assert problems(folder) == ["schools.csv E3（网络多媒体教室数）：“7.5”应为整数"]


def test_a_figure_in_both_forms_is_told(tmp_path: Path) -> None:
    folder = with_statistics(tmp_path, "学校标识码,网络多媒体教室数", f"{CODE},7", f"{CODE},8")
    what = f"{CODE} school multimedia_rooms（第 2 行已有）"
    assert problems(folder) == [f"statistics.csv B3（网络多媒体教室数）：“{what}”重复，请只留一行"]


@pytest.mark.parametrize("said", ["单位：万元", "（金额单位：人、万元）", "金额以万元为单位", "（万元）"])
def test_a_unit_above_the_table_counts_for_sums_whose_title_has_none(tmp_path: Path, said: str) -> None:
    lines = ("学校标识码,教学仪器设备值,网络多媒体教室数", f"{CODE},82.5,7", "3112000004,1020元,8")
    found = read_registry(with_statistics(tmp_path, f"2026年统计表,,{said}", *lines))
    money = {key[0]: value for key, value in found.statistics.items() if key[2] == "equipment_cny"}
    assert {CODE: 825_000, "3112000004": 1020} == money
    assert 7 == found.statistics[CODE, "school", "multimedia_rooms"]
    assert "statistics.csv：金额按表上方所写的单位计" in [note.zh for note in found.notes]


def test_a_title_with_its_own_unit_is_not_changed_by_one_above(tmp_path: Path) -> None:
    lines = ("单位：万元,,", "学校标识码,教学仪器设备值（元）,网络多媒体教室数", f"{CODE},825000,7")
    found = read_registry(with_statistics(tmp_path, *lines))
    assert 825_000 == found.statistics[CODE, "school", "equipment_cny"]


@pytest.mark.parametrize(
    "lines",
    [
        ("学校标识码,教学仪器设备值,网络多媒体教室数", f"{CODE},82.5,7", "注：金额单位为万元,,"),
        ("单位：万元,,,", "学校标识码,学段,项目,数值", f"{CODE},全校,教学仪器设备值,82.5"),
    ],
)
def test_a_unit_that_may_mean_other_figures_is_told(tmp_path: Path, lines: tuple[str, ...]) -> None:
    (told, *_) = problems(with_statistics(tmp_path, *lines))
    assert "无法知道对哪些数字有效" in told
