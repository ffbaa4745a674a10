"""What people write into a stock-take's cells: there, not there, moved, broken; or what may be either."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from runtime.language import Text
from tables.codes import spelling

# What an x stands for is the school's habit: a tick on one form, a crossing-out on the other.
Cross = Literal["there", "absent"]
_Word = Literal["there", "absent", "moved", "broken", "found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a line says of its thing. there None: nothing. moved: it is in another room; `room` says which."""

    there: bool | None = None
    broken: bool = False
    moved: bool = False
    found: bool = False
    room: str = ""

    @property
    def says_something(self) -> bool:
        return self.there is not None or self.broken or self.moved or self.found or bool(self.room)


class Unclear(ValueError):
    """A mark that may mean one thing or another. `what` says how to write it instead."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


_WORDS: Mapping[_Word, str] = {
    "there": """
        √ ✓ ✔ ☑ ✅ v 是 有 在 1 y yes true t ok 在位 在用 在库 在的 还在 有的 存在 实有 见到 已见 已找到
        找到 找到了 看到 完好 正常 良好 对 相符 账实相符 一致 已盘 已盘点 there seen present
    """,
    "absent": """
        × ✗ ✘ ❌ ✖ 否 没有 不在 不在位 0 n no false f 缺 缺失 丢失 已丢失 遗失 未见 未找到 找不到 没找到
        不见 不见了 没见到 没看到 盘亏 无实物 不存在 未盘到 absent missing notthere not_there gone lost
    """,
    "moved": "移位 移动 已移 已移位 已移动 移走 已移走 搬走 已搬走 搬走了 换房间 调走 不在本室 moved",
    "broken": """
        坏 损坏 坏了 已坏 已损坏 坏的 有故障 故障 破损 已破损 不能用 用不了 无法使用 待修 待维修 在修 维修中
        待报废 broken damaged defective
    """,
    "found": "盘盈 新增 新发现 多出 未登记 盘点发现 found",
}
_MEANING: Mapping[str, _Word] = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_TICKS = frozenset({"√", "✓", "✔", "☑", "✅", "v", "是", "1", "y", "yes", "true", "t"})
_CROSSES = frozenset({"x", "☒"})
_NOTHING = frozenset({"", "-", "--", "---", "—", "——", "/", "\\", "n/a", "□", "☐"})
_MOVED_TO = re.compile(
    r"(?:已|现已|被)?(?:移动?|搬|调|转|挪|放|借)(?:到|至|往|去|给|在|入)了?(?P<room>.+)"
    r"|(?:moved? to|now in|现?在)(?P<stands>.{2,})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[、,，;；/+&|\n]+|但|且|并")
# Words of a remark that a tick beside it would deny.
_LEAVING = re.compile(
    r"不在|没有|没找|未见|未找|找不到|丢|遗失|移|搬|调|换|借|坏|损|故障|报废|missing|moved|broken", re.I
)
_SAY = Text(
    "请写 在、不在、移到 房间、损坏 之一",
    "write one of: there, not there, moved to ROOM, broken",
)


def result(cell: str, *, cross: Cross | None = None, asks: bool = False) -> Mark:
    """A cell that says how it stands; asks: its heading is a question (有无). Raises Unclear."""
    whole = spelling(cell).lower()
    if whole in _NOTHING:
        return Mark()
    if whole in {"无", "没"}:
        if asks:
            return Mark(there=False)
        raise Unclear(
            Text(f"可能是“不在”，也可能是“无异常”；{_SAY.zh}", f"may mean several things; {_SAY.en}")
        )
    mark = Mark()
    for part in filter(None, map(str.strip, _BETWEEN.split(cell))):
        mark = _with(mark, _part(part, cross))
    return mark


def ticked(cell: str) -> bool | None:
    """Whether a column of its own (不在, 损坏) is ticked; None where it says nothing. Raises Unclear.

    There an x can only be a tick; a × may be one or its contrary.
    """
    plain = spelling(cell).lower()
    if plain in _NOTHING:
        return None
    if plain in {"×", "✗", "✘", "❌", "✖"}:
        raise Unclear(
            Text(
                "× 在此列可能是勾选，也可能是否；请写 √，或留空",
                "may be a tick or its contrary; write √ or leave empty",
            )
        )
    if plain in {"0", "否", "n", "no", "f", "false", "无", "没有", "未", "不"}:
        return False
    if plain in _TICKS or plain in _CROSSES:
        return True
    raise Unclear(Text("请写 √，或留空", "write √, or leave it empty"))


def contradicts(mark: Mark, note: str) -> bool:
    """Whether a remark speaks of what the mark does not say."""
    plain = mark.there is True and not (mark.moved or mark.broken or mark.room)
    return plain and _LEAVING.search(spelling(note)) is not None


def joined(marks: list[Mark]) -> Mark:
    """What the columns of a line say together. Raises Unclear where they deny one another."""
    whole = Mark()
    for mark in marks:
        whole = _with(whole, mark)
    if whole.room or whole.moved or whole.broken:
        whole = _with(whole, Mark(there=True))
    return whole


def _part(text: str, cross: Cross | None) -> Mark:
    plain = spelling(text).lower()
    if plain in _NOTHING:
        return Mark()
    if plain in _CROSSES:
        if cross is None:
            raise Unclear(
                Text(
                    "x 可能是“在”，也可能是“不在”；请改写，或用 --cross 说明",
                    "an x may mean there or not there; write it out, or say which with --cross",
                )
            )
        return Mark(there=cross == "there")
    word = _MEANING.get(plain)
    if word is not None:
        return Mark(
            there=word != "absent", broken=word == "broken", moved=word == "moved", found=word == "found"
        )
    moved = _MOVED_TO.fullmatch(" ".join(text.split()))
    if moved is None:
        raise Unclear(Text(f"不明白；{_SAY.zh}", f"is not understood; {_SAY.en}"))
    return Mark(
        there=True, moved=True, room=(moved["room"] or moved["stands"]).strip(" :：").removesuffix("了")
    )


def _with(one: Mark, other: Mark) -> Mark:
    if one.there is not None and other.there is not None and one.there != other.there:
        raise Unclear(Text("同时写了在与不在；请只留一个", "says both there and not there; keep one"))
    if one.room and other.room and spelling(one.room) != spelling(other.room):
        raise Unclear(Text("写了两间房；请只留一间", "names two rooms; keep one"))
    return replace(
        one,
        there=other.there if one.there is None else one.there,
        broken=one.broken or other.broken,
        moved=one.moved or other.moved,
        found=one.found or other.found,
        room=one.room or other.room,
    )
