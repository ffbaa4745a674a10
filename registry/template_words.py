"""What stands in the template beside empty columns: an explanation, a school as an example, a calendar."""

from runtime.language import Text

EXPLANATION = (
    Text("登记表填写说明", "How to fill in the registry"),
    Text(
        "1. 每张表一行一条，第一行是列名，不要改动。黄色列必填，其他列不详时留空：留空表示不详，0 表示没有。",
        "1. Do not change the titles. Yellow columns must be given. Empty is not known, 0 is none.",
    ),
    Text(
        "2. 学校标识码为 10 位数字，按文本保存；各表用它对应同一所学校。",
        "2. A school's code has ten digits, kept as text; all sheets use it.",
    ),
    Text(
        "3. “统计”表每校一行，数字取自当年教育事业统计报表。教学仪器设备值以元为单位，也可写成 82.5万元。",
        "3. The statistics have a line a school, from the yearly form. Equipment in yuan.",
    ),
    Text(
        "4. 教学及辅助用房面积不含室内体育用房；体育运动场馆面积为运动场地与室内体育用房之和。",
        "4. Teaching area is without indoor sports rooms; sports area is grounds and these rooms together.",
    ),
    Text(
        "5. “校历”表中的日期为示例，请按本区校历改正。",
        "5. The dates of the calendar are an example; put in your own.",
    ),
    Text(
        "6. 不用的表（措施、装备目录、课表、区县）可以留空。本表和“示例”表不读取。",
        "6. Sheets that are not needed may stay empty. This sheet and the example are not read.",
    ),
    Text(
        "7. 填好后运行 campus rules check，会列出每处问题所在的单元格和改法；加 --mark 可得到标红的工作簿。",
        "7. Then run campus rules check: it lists what is wrong by cell, with --mark in a coloured copy.",
    ),
)

_CODE = "2112000001"
EXAMPLE_ROWS: dict[str, tuple[tuple[str | int, ...], ...]] = {
    "schools": (
        ("school_code", "name", "district", "kind", "ownership", "primary_pupils", "primary_classes"),
        (_CODE, "海滨小学", "滨海新区", "小学", "公办", 302, 8),
    ),
    "rooms": (
        ("school_code", "room", "name", "kind", "area_m2", "coverage", "multimedia", "occupied"),
        (_CODE, "101", "一年一班", "普通教室", 68, "重点", "是", "否"),
        (_CODE, "M1", "音乐教室", "音乐教室", 96, "重点", "否", "否"),
    ),
    "statistics": (
        ("school_code", "name", "primary_backbone_teachers", "sports_area_m2", "equipment_cny"),
        (_CODE, "海滨小学", 4, 2400, "82.5万元"),
    ),
}
CALENDAR_ROWS: tuple[tuple[str, ...], ...] = (
    ("学期", "2026-2027-1", "2026-09-01", "2027-01-22"),
    ("放假", "国庆节", "2026-10-01", "2026-10-07"),
    ("补课", "", "2026-10-10", "", ""),
    ("节次", "第1节", "08:00", "08:40"),
    ("节次", "第2节", "08:50", "09:30"),
)
