"""What the columns of a ledger are called, and which unit of money a heading names."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from edge_agent.ledger.plain import title
from runtime.language import Text

Field = Literal[
    "asset",
    "name",
    "category",
    "model",
    "unit_value",
    "value",
    "quantity",
    "counted",
    "acquired",
    "room",
    "serial",
    "status",
    "gone",
    "remark",
    "person",
    "net",
    "ignore",
]

MONEY: tuple[Field, ...] = ("value", "unit_value")
NUMBERS: tuple[Field, ...] = (*MONEY, "quantity")

# Field → the headings under which it is accepted, the best first.
TITLES: Mapping[Field, tuple[str, ...]] = {
    name: tuple(words.split())  # type: ignore[misc]  # the file's keys are the fields
    for name, words in tomllib.loads(
        Path(__file__).with_name("headings.toml").read_text(encoding="utf-8")
    ).items()
}

# Such words may stand in front of a heading, the longest first.
_PREFIXES = (
    *("教学仪器设备", "固定资产", "仪器设备", "教学仪器", "教学设备", "教学装备", "实验仪器"),
    *(
        "仪器",
        "设备",
        "资产",
        "财产",
        "物品",
        "物资",
        "实物",
        "产品",
        "商品",
        "装备",
        "器材",
        "校产",
        "账面",
        "入账",
    ),
)
# Such headings as these mean another thing with a word in front: 产品编号 is the maker's.
_NO_PREFIX = {"号", "名", "数", "单位", "日期", "价格", "账面"}
_FIELDS: Mapping[str, tuple[tuple[Field, int], ...]] = {
    name: tuple((field, names.index(name)) for field, names in TITLES.items() if name in names)
    for names in TITLES.values()
    for name in names
}

# Headings that are in no table, by the words in them; and words with which they mean something else.
_ROUGHLY: tuple[tuple[Field, re.Pattern[str]], ...] = (
    ("person", re.compile("使用人|保管人|领用人|责任人|管理人|借用人|负责人|姓名|电话|手机|身份证")),
    ("net", re.compile("净值|净额")),
    ("unit_value", re.compile("单价|单位价值|单台价")),
    ("value", re.compile("原值|总价|总值|总额|金额|价值")),
    ("quantity", re.compile("数量|件数|台数|套数")),
    ("category", re.compile("分类|类别|大类")),
    ("asset", re.compile("(资产|设备|卡片|财产|仪器|物品|校产|标签|国资).*(编号|编码|代码|条码)")),
    ("name", re.compile("(资产|设备|财产|仪器|物品|器材|用品).*名称$")),
    ("serial", re.compile("序列号|出厂编号|机身")),
    ("model", re.compile("型号|规格")),
    ("acquired", re.compile("(购|取得|入账|启用|入库|验收).*(日期|时间|年月|年份)")),
    ("room", re.compile("地点|位置|存放")),
    ("status", re.compile("(使用|资产|设备|完好|技术).*(状况|状态)")),
)
_ANOTHER = re.compile(
    "预算|合同|发票|拨款|处置|维修|折旧|报废|借出|损坏|盘|评估|残值|减值|差异|计划|申请|批复|租|保险|变动|调整"
    "|减少|增加|期初|年初|上期|上年|本期|项目|凭证|单位名称|供应|厂|编制|限额|标准|应配|需求|缺|年限|产权|权证"
)
_LONGEST, _ROUGH_RANK = 20, 500

UNITS: Mapping[str, int] = {
    "": 1,
    "元": 1,
    "人民币": 1,
    "人民币元": 1,
    "rmb": 1,
    "cny": 1,
    "¥": 1,
    "百元": 100,
    "千元": 1000,
    "万元": 10_000,
    "万": 10_000,
    "万元人民币": 10_000,
    "人民币万元": 10_000,
}
_FOREIGN = re.compile(r"美元|港元|港币|欧元|日元|英镑|美金|usd|hkd|eur|jpy|gbp|\$|€|£|亿")
_PARENTHESES = re.compile(r"[(\[{【〔]([^()\[\]{}】〕]*)[)\]}】〕]")
_PER_PIECE = re.compile(r"^(.*?)[/每].{1,3}$")
_TAIL = re.compile(r"^(.+?)[/:_,，\-]?((?:人民币)?(?:百|千|万)?元|万|rmb|cny)$")
_SHEET_UNIT = re.compile(
    r"单位[均统一]*[:：为是(（]*((?:人民币)?(?:百|千|万)?元|万)(?![^)）\s]*[台套件])|以((?:人民币)?[百千万]?元)为单位"
)
# Above a table a unit may stand alone, at the right; 元 alone says nothing that would not hold without it.
_UNIT_ALONE = re.compile(r"[(（]?(?:金额|币种|人民币)*[:：]?(?:人民币)?([百千万]元)[)）]?")


class Heading(NamedTuple):
    """One heading understood: for which fields it may stand, with its rank in each, and its unit of money.

    unit: yuan per unit; None where the heading names none. foreign: it names one that is no Chinese money.
    """

    fields: tuple[tuple[Field, int], ...]
    unit: int | None = None
    foreign: bool = False


def heading(text: str, own: Mapping[str, Field] | None = None) -> Heading | None:
    """What a heading means; None where it is not known. `own` are the school's own headings."""
    plain = title(text)
    if own and plain in own:
        return Heading(((own[plain], -1),), unit=_unit_in(plain)[0])
    bare = title(_PARENTHESES.sub("", plain))
    unit, foreign = _unit_in(plain)
    foreign = foreign or (unit is None and bool(_FOREIGN.search(bare)))
    if own and bare in own:
        return Heading(((own[bare], -1),), unit=unit, foreign=foreign)
    candidates = _candidates(bare)
    # Roughly known is what is left without its unit, before what has it: 采购金额万元 is in 万元.
    for known, order in ((_known, candidates), (_roughly_known, candidates[::-1])):
        for candidate, named in order:
            if fields := known(candidate):
                return Heading(fields, unit=unit if unit is not None else named, foreign=foreign)
    return None


def own_headings(columns: Mapping[str, str | Sequence[str]]) -> dict[str, Field]:
    """A school's own headings: `quantity = "件"`, or `"件" = "数量"`. Raises ValueError for another."""
    found: dict[str, Field] = {}
    for left, right in columns.items():
        several = [right] if isinstance(right, str) else list(right)
        if (named := _field(left)) is not None and left in TITLES:
            found |= {title(text): named for text in several}
        elif len(several) == 1 and (named := _field(several[0])) is not None:
            found[title(left)] = named
        else:
            raise ValueError(str(_no_field(left, right)))
    return found


def _no_field(left: object, right: object) -> Text:
    return Text(
        f"{left!r} 和 {right!r} 都不是栏目；可用：{'、'.join(TITLES)}",
        f"neither {left!r} nor {right!r} is a field; fields are {', '.join(TITLES)}",
    )


def _field(text: str) -> Field | None:
    if text in TITLES:
        return text  # type: ignore[return-value]  # a key of the table
    known = heading(text)
    return known.fields[0][0] if known else None


def _candidates(bare: str) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = [(bare, None)]
    if tail := _TAIL.match(bare):
        found.append((tail[1], UNITS.get(tail[2])))
    numbered = re.sub(r"^[0-9]{1,2}[.、]?", "", bare)
    if numbered != bare:
        found.append((numbered, None))
    return found


def _known(name: str) -> tuple[tuple[Field, int], ...]:
    if name in _FIELDS:
        return _FIELDS[name]
    for prefix in _PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest in _FIELDS and rest not in _NO_PREFIX:
            return _FIELDS[rest]
    return ()


def _roughly_known(name: str) -> tuple[tuple[Field, int], ...]:
    if len(name) <= _LONGEST and not _ANOTHER.search(name):
        for field, pattern in _ROUGHLY:
            if pattern.search(name):
                return ((field, _ROUGH_RANK),)
    return ()


def _unit_in(plain: str) -> tuple[int | None, bool]:
    """The unit in a heading's parentheses; 元/台 is yuan, 必填 is none."""
    for inner in _PARENTHESES.findall(plain):
        word = inner.replace("单位", "").strip(":： ")
        if per := _PER_PIECE.match(word):
            word = per[1]
        if word and word in UNITS:
            return UNITS[word], False
        if _FOREIGN.search(word):
            return None, True
    return None, False


def sheet_unit(text: str) -> int | None:
    """The unit of money that a title above the table names: 单位：万元."""
    plain = title(text)
    if found := _SHEET_UNIT.search(plain):
        return UNITS.get(found[1] or found[2])
    alone = _UNIT_ALONE.fullmatch(plain)
    return UNITS.get(alone[1]) if alone else None


def unit_of_group(text: str) -> int | None:
    """The unit that a group's name above several headings holds somewhere: 金额：万元 above 单价 and 原值."""
    found = re.search(r"[百千万]元", title(text))
    return UNITS[found[0]] if found else None


def is_unit_row(texts: list[str]) -> bool:
    """A row below the headings that holds nothing but units: 台, 元, 万元."""
    plain = [title(text).strip("()") for text in texts]
    return bool(plain) and all(
        word in UNITS or word in {"台", "套", "件", "个", "台/套", "年", "年月日"} for word in plain
    )
