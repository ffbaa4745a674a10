"""Which columns of a filled sheet hold what, by their headings in any usual wording."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tables.codes import spelling
from tables.sheets import Row

Field = Literal[
    "school",
    "school_name",
    "state",
    "room",
    "device",
    "serial",
    "asset",
    "name",
    "result",
    "there",
    "absent",
    "moved",
    "broken",
    "moved_to",
    "scan",
    "day",
    "note",
    "aside",
]
# What a person says about the thing of a line, each in a column of its own.
MARKS: tuple[Field, ...] = ("result", "there", "absent", "moved", "broken", "moved_to")
# What names the thing.
NAMES: tuple[Field, ...] = ("asset", "device", "serial")
# What tells things apart.
_TELLING: frozenset[Field] = frozenset(
    {"school", "school_name", "room", "device", "serial", "asset", "scan", "day"}
)
_TITLES: Mapping[Field, str] = {
    "school": "学校标识码 学校代码 学校编码 标识码 学校(机构)标识码 school_code school",
    "school_name": "学校 学校名称 校名 单位 单位名称 使用单位 name",
    "state": "状态 台账状态 登记状态 state",
    "room": """
        房间 教室 房间号 教室号 存放地点 存放位置 地点 位置 所在房间 所在位置 所在地点 使用地点 场所 放置地点
        原房间 原位置 room
    """,
    "device": "设备 设备标识 设备编号 设备号 设备地址 ip ip地址 mac mac地址 ip/mac 网络地址 device",
    "serial": "序列号 序列号码 设备序列号 出厂序列号 出厂编号 出厂号 机身号 机身编号 sn s/n sn号 serial",
    "asset": "资产编号 资产编码 资产号 资产代码 固定资产编号 固定资产编码 卡片编号 资产卡片号 asset",
    "name": "资产名称 名称 设备名称 品名 物品名称 asset_name",
    "result": """
        盘点 盘点结果 盘点情况 盘点状态 盘点记录 结果 实物 实物情况 实物状态 核对 核对结果 清点 清点结果
        清查结果 是否在 在否 在不在 是否存在 是否在位 有无 有无实物 result stocktake
    """,
    "there": "在 在位 有 存在 实有 已见 there seen",
    "absent": "不在 不在位 缺失 缺 无 未见 未找到 没找到 盘亏 丢失 missing not_there absent",
    "moved": "移位 移动 已移 已移动 换房间 搬动 moved",
    "broken": "损坏 坏 故障 已损坏 是否损坏 是否故障 破损 broken",
    "moved_to": """
        移到房间 移到 移至 移至房间 移入房间 移到哪里 新房间 新位置 新地点 现房间 现位置 现在房间 现在位置
        现存放地点 现存放位置 实际房间 实际位置 实际地点 实际存放地点 搬到 moved_to
    """,
    "scan": "扫码 扫描 扫码枪 扫码结果 扫描结果 扫码序列号 条码 条形码 二维码 barcode scan scanned",
    "day": "盘点日期 盘点时间 盘点日 清查日期 清点日期 日期 stocktake_day date",
    "note": "备注 说明 备注说明 盘点备注 note remarks",
    # Known, and of no use here. Who counted is nobody's business but the school's.
    "aside": """
        序号 行号 编号 种类 类别 设备种类 型号 规格型号 品牌 首次见到 最近见到 盘点人 清点人 复核人 签字 签名
        负责人 上次盘点 上次盘点日期 上次盘点房间 kind model first_seen last_seen last_stocktake
        last_stocktake_day last_stocktake_room 数量 单价 原值 金额 价值
        购置日期 取得日期 使用人 保管人 分类 国标分类
    """,
}
_MEANING: Mapping[str, Field] = {
    title: meaning for meaning, titles in _TITLES.items() for title in titles.split()
}
_OUTER = re.compile(r"^[*※]+|[*※:]+$")
# 盘点（在/不在）, 移到房间(编号): what stands in brackets explains.
_EXPLAINED = re.compile(r"\(.*\)$|\[.*\]$|【.*】$")
# A title, remarks and a date may stand above the headings.
LOOKED_AT = 30
_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The headings of a sheet: the columns of each field, from the left; and what nobody knows."""

    row: int
    columns: Mapping[Field, tuple[int, ...]]
    titles: Mapping[int, str]
    unknown: tuple[int, ...] = field(default_factory=tuple)

    def has(self, *fields: Field) -> bool:
        return any(name in self.columns for name in fields)

    @property
    def is_of_a_stock_take(self) -> bool:
        """Whether things are named below it, and somebody says how they stand; or they are scanned."""
        return self.has("scan") or (self.has(*MARKS) and self.has(*NAMES, "name"))


def meaning(title: str) -> Field | None:
    """What a heading means; this program's own files have both languages in one: 资产编号 asset."""
    for text in (title, *title.split(" ")):
        plain = _plain(text)
        for wording in (plain, _EXPLAINED.sub("", plain)):
            if (found := _MEANING.get(wording)) is not None:
                return found
    return None


def find_heading(rows: Sequence[Row]) -> Heading | None:
    """The row among the first with most headings in it; None where no row is one."""
    best = max(rows[:LOOKED_AT], key=_known, default=None)
    return None if best is None or not _is_heading(best) else _read(best)


def heading_again(row: Row, heading: Heading) -> Heading | None:
    """The headings that begin a further part of a sheet: the same, or those of a table below with others.

    A line may hold such words too: 在 and 损坏 are marks, 设备 may be a name. Two columns that tell things
    apart are never named in one.
    """
    titles = {column: text for column, text in row.cells.items() if column not in row.joined}
    if titles and all(heading.titles.get(column) == text for column, text in titles.items()):
        return heading if len(titles) >= _LEAST or len(heading.titles) == 1 else None
    telling = {found for text in titles.values() if (found := meaning(text)) in _TELLING}
    return _read(row) if len(telling) >= _LEAST else None


def _is_heading(row: Row) -> bool:
    """Whether a row is headings: several, or the one of a list that was only scanned."""
    known = _known(row)
    texts = [text for column, text in row.cells.items() if column not in row.joined]
    return known >= _LEAST or (known == 1 and len(texts) == 1 and meaning(texts[0]) == "scan")


def _known(row: Row) -> int:
    found = {
        (meaning(text), text if meaning(text) == "aside" else "")
        for column, text in row.cells.items()
        if column not in row.joined and meaning(text) is not None
    }
    return len(found)


def _read(row: Row) -> Heading:
    columns: dict[Field, list[int]] = {}
    unknown: list[int] = []
    for column, text in sorted(row.cells.items()):
        found = meaning(text)
        if found is None:
            unknown.append(column)
        else:
            columns.setdefault(found, []).append(column)
    return Heading(
        row=row.number,
        columns={name: tuple(places) for name, places in columns.items()},
        titles=dict(row.cells),
        unknown=tuple(unknown),
    )


def _plain(title: str) -> str:
    return _OUTER.sub("", spelling(title)).lower().replace("帐", "账").replace("（", "(").replace("）", ")")
