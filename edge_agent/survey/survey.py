"""What a survey file came to: its samples, and what is said of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge_agent.files.problems import Kind, Problem, worded
from runtime.language import Text

KINDS: Mapping[str, Kind] = {
    "file": Kind("unread", Text("文件无法读取", "the file cannot be read")),
    "breaks_off": Kind("unread", Text("文件从此处起损坏", "the file is damaged from here on")),
    "columns": Kind(
        "unread",
        Text(
            "缺少列：需要时间、房间、测点、频段和信号强度",
            "columns are missing: time, room, point, band and signal",
        ),
    ),
    "export": Kind(
        "unread",
        Text(
            "是其他工具导出的文件；请先用 campus edge survey import 转换",
            "another tool's export; convert it with campus edge survey import",
        ),
    ),
    "time": Kind("unread", Text("时间无法识别", "the time cannot be read")),
    "future": Kind("unread", Text("时间在将来", "the time lies in the future")),
    "early": Kind("unread", Text("时间早于 2020 年", "the time is before 2020")),
    "room": Kind("unread", Text("没有房间", "no room")),
    "day": Kind(
        "unread",
        Text(
            "表格软件把房间号变成了日期；请把该列设为文本后重新填写",
            "a spreadsheet made a day of the room's code; format the column as text, write it again",
        ),
    ),
    "point": Kind("unread", Text("没有测点", "no measuring point")),
    "band": Kind("unread", Text("频段无法识别（2.4、5、6）", "the band cannot be read (2.4, 5, 6)")),
    "rssi": Kind("unread", Text("信号强度不是负的 dBm 值", "the signal is no negative number of dBm")),
    "zero": Kind("unread", Text("信号强度 0 dBm 不是测量值", "a signal of 0 dBm is no reading")),
    "snr": Kind("dropped", Text("信噪比无法识别", "the signal-to-noise ratio cannot be read")),
    "personal": Kind(
        "unread", Text("房间或测点似为个人信息，未上送", "room or point seems to be about a person")
    ),
    "quote": Kind(
        "unread", Text("引号没有闭合，其后几行连成一格", "an open quotation mark swallows the lines below")
    ),
    "doubled": Kind(
        "unread", Text("两列同名而数值不同，不知取哪一列", "two columns for it that differ; none is taken")
    ),
    "formula": Kind("unread", Text("公式没有保存结果", "a formula without its result")),
    "struck": Kind("unread", Text("已划去的行，未读", "a line that is struck out, left out")),
    "hidden_row": Kind("unread", Text("隐藏的行，未读", "a hidden line, left out")),
    "networks": Kind(
        "unread",
        Text(
            "含多个无线网络，不知哪个是校园网；请只保留校园网的行",
            "several networks, nobody knows which are the campus's; keep its lines alone",
        ),
    ),
    "buildings": Kind(
        "unread",
        Text(
            "不同楼或楼层有同名教室，无法分开；请写成各自的房间名",
            "rooms of one name in several buildings or floors; give each its own",
        ),
    ),
    "merged": Kind(
        "unread", Text("合并单元格不能给出几个测点的信号", "a merged cell gives no signal of several points")
    ),
    "of_several": Kind(
        "unread", Text("平均、合计等行不是测点", "a line of means or sums is no measuring point")
    ),
    "channel": Kind("unread", Text("频段与信道矛盾", "band and channel contradict each other")),
    "blind": Kind(
        "noted",
        Text(
            "此格式的工作簿（.xlsb）看不出哪些行被隐藏或划去，都已计入；请另存为 .xlsx",
            "this kind of workbook (.xlsb) does not show which lines are hidden; save it as .xlsx",
        ),
    ),
    "hidden": Kind("noted", Text("隐藏的表，未读", "a hidden sheet, left out")),
}


@dataclass(slots=True, kw_only=True)
class Survey:
    """What a file gave: the samples of `rows` rows, of several for one point, band and time the strongest."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    why: Text | None = None

    @property
    def unread(self) -> int:
        return sum(problem.number for problem in self.problems if KINDS[problem.kind].weight == "unread")

    def said(self, most: int = 4) -> list[Text]:
        """What is to be told, without a word of what stands in the file."""
        problems = [problem for problem in self.problems if not (self.why and problem.kind == "file")]
        return [*([self.why] if self.why else []), *worded(problems, KINDS, most=most)]
