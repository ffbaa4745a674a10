"""A list of devices that a school has already, in whatever form: names, addresses, MACs and rooms.

What a row says is not believed where it can be read in two ways; every row that is of no use says why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from edge_agent.device_list import DeviceType, type_of
from edge_agent.discovery.matching import ListedRoom, Match, match, word_in
from edge_agent.tables import spelling
from runtime.errors import ConfigError
from runtime.hosts import is_address
from runtime.language import Text
from tables.codes import code, is_day, is_destroyed
from tables.codes import spelling as half
from tables.opening import open_sheets
from tables.sheets import Row, Sheet, Unreadable, column_letters

Field = Literal["name", "host", "mac", "serial", "asset", "room", "type"]
ListedType = DeviceType | Literal["access_point", "other", ""]
MOST_ROWS = 20_000
_LOOKED_AT = 20
_TITLES: Mapping[Field, str] = {
    "name": "名称 设备名称 设备名 设备 主机名 计算机名 别名 ap名称 name device hostname devicename",
    "host": "ip ip地址 ipv4 ipv4地址 地址 网络地址 管理地址 管理ip host address ipaddress ip/域名",
    "mac": "mac mac地址 物理地址 网卡地址 硬件地址 有线mac macaddress mac码",
    "serial": "序列号 设备序列号 出厂编号 机身号 sn s/n sn号 serial serialnumber",
    "asset": "资产编号 资产编码 资产号 固定资产编号 asset",
    "room": """
        房间 房间号 教室 教室号 所在房间 所在教室 位置 安装位置 安装地点 存放地点 地点 场所 使用地点
        room location
    """,
    "type": "类型 种类 设备类型 设备种类 类别 设备类别 type kind",
}
_MEANING: Mapping[str, Field] = {
    title: meaning for meaning, titles in _TITLES.items() for title in titles.split()
}
_NOTHING = frozenset({"", "-", "--", "—", "/", "无", "暂无", "n/a", "na"})
_ACCESS_POINTS = frozenset(
    {"ap", "无线ap", "接入点", "无线接入点", "面板ap", "accesspoint", "access_point", "wifi"}
)
# What schools list beside these, and no room is judged by.
_OTHER_WORDS = """
    交换机 switch 控制器 无线控制器 ac 路由器 router 网关 防火墙 服务器 server 打印机 复印机 printer 摄像头
    摄像机 监控 录像机 nvr 电话 ip电话 门禁 考勤机 广播 音箱 手机 笔记本 笔记本电脑 办公电脑 ups 其他 其它
"""
_OTHERS = frozenset(_OTHER_WORDS.split())
_MAC_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One device of the list. room: by what stands there as its room, else by its name. cell: its place."""

    cell: str
    type: ListedType = ""
    name: str = ""
    host: str = ""
    mac: str = ""
    serial: str = ""
    asset: str = ""
    room: Match = field(default_factory=Match)
    written: str = ""

    @property
    def called(self) -> str:
        return self.name or self.asset or self.host or self.mac or self.serial


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A row that is of no use, and why."""

    cell: str
    called: str
    why: Text


@dataclass(slots=True, kw_only=True)
class DeviceTable:
    """The list. Look-ups give nothing where two rows of one device name different rooms."""

    devices: list[Listed] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)

    def find(self, *, host: str = "", names: Iterable[str | None] = ()) -> Listed | None:
        """The device at an address, or of one of these names: serial number, MAC, name."""
        asked = {spelling(name) for name in names if name}
        found = [
            device
            for device in self.devices
            if (host and device.host == host)
            or asked & {spelling(own) for own in (device.mac, device.serial, device.name) if own}
        ]
        return found[0] if len({device.room.room for device in found}) == 1 else None


def read_device_table(path: Path, rooms: Sequence[ListedRoom]) -> DeviceTable:
    """Raises ConfigError where the file cannot be read, or is no such list."""
    table = DeviceTable()
    headed = False
    try:
        for sheet in open_sheets(path):
            headed |= _sheet(table, sheet, rooms)
    except Unreadable as error:
        raise ConfigError(f"--devices {path}: {error.text}") from error
    if not headed:
        wrong = Text(
            "没有找到表头：须有 IP 或 MAC 或 序列号，以及 房间 或 名称",
            "has no headings: an IP, MAC or serial number, and a room or name",
        )
        raise ConfigError(f"--devices {path}: {wrong}")
    table.devices = list(_without_twice(table))
    return table


def _sheet(table: DeviceTable, sheet: Sheet, rooms: Sequence[ListedRoom]) -> bool:
    rows = iter(sheet.rows)
    first = list(islice(rows, _LOOKED_AT))
    head = max(first, key=lambda row: len(_columns(row)), default=None)
    columns = {} if head is None else _columns(head)
    if (
        head is None
        or not columns.keys() & {"host", "mac", "serial"}
        or not columns.keys() & {"room", "name"}
    ):
        return False
    if sheet.hidden:
        why = Text(f"{sheet.name}：隐藏的工作表，未读", f"{sheet.name}: is hidden; not read")
        table.odd.append(Odd(cell=sheet.name, called="", why=why))
        return True
    for row in chain(first, rows):
        if row.number <= head.number:
            continue
        if len(table.devices) + len(table.odd) >= MOST_ROWS:
            raise Unreadable(Text(f"超过 {MOST_ROWS} 行", f"has more than {MOST_ROWS} rows"))
        found = _row(sheet, row, columns, rooms)
        if isinstance(found, Odd):
            table.odd.append(found)
        elif found is not None:
            table.devices.append(found)
    return True


def _columns(row: Row) -> dict[Field, int]:
    found: dict[Field, int] = {}
    for column, text in sorted(row.cells.items()):
        plain = half(text).lower().strip("*:").partition("(")[0]
        if (meaning := _MEANING.get(plain)) is not None and column not in row.joined:
            found.setdefault(meaning, column)
    return found


def _row(
    sheet: Sheet, row: Row, columns: Mapping[Field, int], rooms: Sequence[ListedRoom]
) -> Listed | Odd | None:
    def text(name: Field) -> str:
        cell = row.cells.get(columns[name], "").strip() if name in columns else ""
        return "" if half(cell).lower() in _NOTHING else cell

    def odd(name: Field, zh: str, en: str) -> Odd:
        place = f"{sheet.name} {column_letters(columns[name])}{row.number}".strip()
        called = text("name") or text("asset") or text("host") or text("mac")
        return Odd(cell=place, called=called[:64], why=Text(f"{place}：{zh}", f"{place}: {en}"))

    if row.rest:
        place = _line(sheet, row)
        why = Text("引号没有闭合，后面的行未读", "an unclosed quotation mark swallows the rows behind")
        return Odd(cell=place, called="", why=Text(f"{place}：{why.zh}", f"{place}: {why.en}"))
    used = [column for column in columns.values() if column in row.cells]
    if used and (row.hidden or row.struck.intersection(used)):
        return odd("name" if "name" in columns else "room", "被隐藏或划去，未读", "is hidden or struck out")
    if is_day(text("room")):
        return odd("room", "表格软件把房间号变成了日期", "a spreadsheet made a day of the room's code")
    host, mac = half(text("host")), _mac(text("mac"))
    serial = code(text("serial"))
    if not (host or text("mac") or serial):
        return (
            odd("name", "没有地址、MAC 或序列号", "has no address, MAC or serial number")
            if text("name")
            else None
        )
    if host and not is_address(host):
        return odd("host", "不是一个地址", "is no address")
    if text("mac") and mac is None:
        return odd("mac", "不是 MAC 地址", "is no MAC")
    if serial and is_destroyed(serial):
        if not (host or mac):
            return odd(
                "serial", "表格软件把编号改成了数字，位数已丢失", "a spreadsheet has destroyed this number"
            )
        serial = ""
    kind = _type(text("type"), text("name"))
    if kind is None:
        return odd("type", "不知道是哪种设备", "is no type of device that is known")
    written = text("room")
    return Listed(
        cell=_line(sheet, row),
        type=kind,
        name=text("name")[:64],
        host=host,
        mac=mac or "",
        serial=serial[:64],
        asset=code(text("asset"))[:64],
        room=_room(written, text("name"), rooms),
        written=written or text("name"),
    )


def _line(sheet: Sheet, row: Row) -> str:
    return str(Text(f"{sheet.name} 第 {row.number} 行", f"{sheet.name} row {row.number}")).strip()


def _room(written: str, name: str, rooms: Sequence[ListedRoom]) -> Match:
    """Where the column says one room and the name another, both are likely."""
    by_name = match(name, rooms)
    if not written:
        return by_name
    found = match(written, rooms)
    if found.room and by_name.room and found.room != by_name.room:
        return Match(likely=(found.room, by_name.room))
    return found


def _mac(text: str) -> str | None:
    """In one spelling; None where it is none."""
    found = spelling(text)
    return found if len(found.replace(":", "")) == _MAC_DIGITS and found.count(":") == 5 else None


def _type(word: str, name: str) -> ListedType | None:
    """By its column; without one by the one word for a device in its name. None: a word that nobody knows."""
    plain = half(word).lower()
    if not plain:
        return word_in(name) or ""
    if plain in _ACCESS_POINTS:
        return "access_point"
    if plain in _OTHERS:
        return "other"
    return type_of(plain) or word_in(plain)


def _without_twice(table: DeviceTable) -> Iterator[Listed]:
    """One address or MAC in two rows is one device, if both say the same of it."""
    kept: dict[tuple[str, str], Listed] = {}
    for device in table.devices:
        keys = [(name, value) for name in ("host", "mac") if (value := getattr(device, name))]
        twin = next((kept[key] for key in keys if key in kept), None)
        if twin is None:
            kept |= dict.fromkeys(keys, device)
            yield device
        elif (twin.room, twin.type) != (device.room, device.type) or twin.mac != device.mac:
            why = Text(
                f"{device.cell}：与 {twin.cell} 是同一地址或 MAC，内容不同",
                f"{device.cell}: the address or MAC of {twin.cell}, and says something else",
            )
            table.odd.append(Odd(cell=device.cell, called=device.called, why=why))
