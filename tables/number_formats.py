"""How a workbook shows its numbers, as far as that changes what is read: dates, codes with leading zeros."""

import re
import zipfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tables.xml_stream import Attributes, read_xml

# Formats that every spreadsheet knows by number: dates of the standard, and those of Chinese Excel.
_PERCENTS = {9, 10}
_DATES = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)}
_TIMES = {*range(18, 22), 32, 33, *range(45, 48)}
# What is not shown as written: texts in quotation marks, escaped characters, colours and conditions.
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
# A code's letters before its zeros: "ZC"00000. Fewer digits are a count with a word.
_LETTERS, _CODE_DIGITS = re.compile(r'(?:\[[^\]]*\])*"([A-Za-z][A-Za-z0-9./_-]{0,11})"'), 3
# So many at once, or an area of another size than a square metre: what is shown is not the number alone.
_UNIT = re.compile(
    r"亿元?|[百千万]?元(?:/[\u4e00-\u9fff])?|[百千万](?:人|名|间|台|套|件|个|平方米|平米|㎡|m²|m2)|万"
    r"|亩|公顷|平方公里|平方千米|批|打|箱|组"
)
_QUOTES, _BRACKETS = re.compile(r'["\\]'), re.compile(r"\[[^\]]*\]")
# A comma behind the last digit divides by a thousand, a point that is written moves the number's own.
_SCALED, _POINT = re.compile(r"[0#?],+(?![0#?,.])"), re.compile(r'[!\\]\.|"\."')
_CURRENCY = re.compile(r"\[\$([^\]\-]+)")
_SIGN = re.compile(r"(US\$|HK\$|USD|HKD|EUR|[$€£])")
_YUAN = {"", "¥", "￥", "CN¥", "CNY", "RMB", "元", "人民币"}
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day has no zone
_ZERO_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
_LAST_SERIAL = 2_958_465  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Style:
    """date: shown as a date. digits: padded with zeros to so many digits. struck: struck out.

    percent: shown a hundred times as large, with a sign behind.
    before, behind: what is shown beside the number and changes what it says: the letters of a code, a
    currency that is not ours, a unit.
    """

    date: bool = False
    digits: int = 0
    struck: bool = False
    percent: bool = False
    before: str = ""
    behind: str = ""


def read_styles(archive: zipfile.ZipFile) -> list[Style]:
    """The styles that cells refer to by number."""
    name = next((name for name in archive.namelist() if name.lower().endswith("xl/styles.xml")), None)
    if name is None:
        return []
    codes: dict[int, str] = {}
    struck: list[bool] = []  # of every font
    found: list[Style] = []
    inside = False

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal inside
        if tag == "font":
            struck.append(False)
        elif tag == "strike" and struck and not inside:
            struck[-1] = attributes.get("val", "1") not in {"0", "false"}
        elif tag == "numFmt":
            codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            number = _whole(attributes.get("numFmtId"))
            font = _whole(attributes.get("fontId"))
            style = style_of(number, codes.get(number, ""))
            found.append(replace(style, struck=struck[font]) if 0 <= font < len(struck) else style)

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag != "cellXfs"

    with archive.open(name) as file:
        read_xml(file, start=start, end=end)
    return found


def style_of(number: int, code: str) -> Style:
    """What a format means; `code` is empty for those known by number."""
    if not code:
        return Style(date=number in _DATES, percent=number in _PERCENTS)
    first = re.sub("general", "", _ASIDE.sub("", code.partition(";")[0]), flags=re.IGNORECASE)
    shown = code.partition(";")[0]
    if first and not first.strip("0"):
        letters = _LETTERS.match(shown) if len(first) >= _CODE_DIGITS else None
        return Style(digits=len(first), before=letters[1] if letters else "", behind=_unit(shown))
    if not re.search(r"[#0?]", first):
        return Style(date=bool(re.search(r"[yYdDeE年日]", first)))
    return Style(percent="%" in first, before=currency_of(shown), behind=_unit(shown))


def _unit(shown: str) -> str:
    """The unit that a format writes behind the number as it is; "" where it scales it first."""
    found = _UNIT.search(_QUOTES.sub("", shown))
    return "" if found is None or _SCALED.search(_ASIDE.sub("", shown)) or _POINT.search(shown) else found[0]


def currency_of(shown: str) -> str:
    """A currency's sign where it is not the yuan's."""
    found = _CURRENCY.search(shown) or _SIGN.search(_QUOTES.sub("", _BRACKETS.sub("", shown)))
    sign = (found[1] if found else "").strip()
    return "" if sign.upper() in _YUAN else sign


def moment(serial: float, *, from_1904: bool) -> str | None:
    """A day number as text, with the time where it has one; None where it is none."""
    if not 0 <= serial <= _LAST_SERIAL:
        return None
    whole = (_ZERO_1904 if from_1904 else _ZERO) + timedelta(seconds=round(serial * 86_400))
    return whole.date().isoformat() if whole.time() == whole.min.time() else whole.isoformat(" ")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else -1
