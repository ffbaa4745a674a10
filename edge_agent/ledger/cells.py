"""The cells of an asset ledger: money, quantities, dates and words as offices write them. Pure and exact.

Each function gives None where the cell says nothing, and raises Odd where it says what cannot be read.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from edge_agent.ledger.plain import says_nothing
from tables.codes import spelling

Status = Literal["in_use", "idle", "to_scrap", "scrapped"]


class Odd(ValueError):
    """A cell that cannot be read."""


_FEN = Decimal(100)
_CURRENCY = re.compile(r"^(?:人民币|rmb|cny|¥|￥)+|(?:人民币|rmb|cny)$", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_PLAIN = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]{1,15})?e\+?-?[0-9]{1,2}", re.IGNORECASE)
_MONEY = re.compile(r"(.*?)(元|圆|块|万元|万|千元|千|仟元|仟|百元|百|亿元|)(?:整|正)?")
_FACTORS: Mapping[str, int] = {
    "元": 1,
    "圆": 1,
    "块": 1,
    "百元": 100,
    "百": 100,
    "千元": 1000,
    "千": 1000,
    "仟元": 1000,
    "仟": 1000,
    "万元": 10_000,
    "万": 10_000,
    "亿元": 10**8,
}
_DIGITS: Mapping[str, int] = {
    digit: number
    for digits in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "○壹貳參肆伍陸柒捌玖")
    for number, digit in enumerate(digits)
} | {"两": 2}
_TENS = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "万": 10_000,
    "萬": 10_000,
    "亿": 10**8,
}
_CAPITALS = re.compile(
    r"([^元圆角分整正]+)(?:元|圆)?(?:([壹贰叁肆伍陆柒捌玖一二三四五六七八九零])角)?(?:([壹贰叁肆伍陆柒捌玖一二三四五六七八九])分)?(?:整|正)?"
)
# 1打 are twelve, 3百 three hundred, 50余台 more than fifty, 2批 some: no number that stands there.
_ABOUT = r"[百千万亿佰仟打余多批+~?]|左右|以上|以下|上下"
_QUANTITY = re.compile(
    rf"([0-9]{{1,7}}|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.0+)?(?!{_ABOUT})[^0-9.,\-+~]{{0,6}}"
)
_ABOUT_SO_MANY = re.compile(rf"约?[0-9]+(?:{_ABOUT}).{{0,4}}|约[0-9]+[^0-9]{{0,4}}")
_SPOKEN = re.compile(r"([一二三四五六七八九十两百]+)(?:台|套|件|个|只|块|张|部|组|架|把|副)?")
# A word for some things without a number.
_SOME = re.compile(
    r"若干|[一二三四五六七八九十两]?批|台|套|件|个|只|块|张|部|组|架|把|副|项|米|m|台/套|件/套", re.IGNORECASE
)
MAX_QUANTITY = 10**6

_TIME = re.compile(r"[T ]?[0-9]{1,2}[:：时][0-9]{1,2}.*$|(?:星期|周).$|T?00:00:00.*$")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2}))?[日号月]?")
_SHORT_YEAR = re.compile(r"([0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_DIGITS_ONLY = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])?([0-3][0-9])?年?")
_MONTHS = {"十": "10", "十一": "11", "十二": "12"}
# Day 1 of a spreadsheet is 1900-01-01, and it believes in a 29th of February 1900.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954 to 2119
_YEARS = range(1900, 2101)

# GB/T 14885-2022: A and digits; earlier editions: seven digits. A name may follow the code.
_CATEGORY = re.compile(r"^(A[0-9]{2,8}|[0-9]{7})(?![0-9])")
_CODE_IN_WORDS = re.compile(r"(?<![0-9A-Z])(A[0-9]{4,8})(?![0-9])")

_STATUS: Mapping[Status, str] = {
    "in_use": """
        在用 使用 使用中 正在使用 自用 正常 正常使用 正常在用 良好 完好 优 好 可用 能用 已使用 启用
        已启用 在使用 教学使用 维修 在修 维修中 待修 送修 新 全新
    """,
    "idle": """
        闲置 未使用 封存 不需用 未启用 库存 在库 备用 停用 待用 暂存 闲置中 未用
    """,
    "to_scrap": """
        待报废 待处置 拟报废 拟处置 申请报废 报废中 报废审批中 毁损 损毁 损坏 丢失 遗失 被盗 盘亏
        待核销 待报损 报损 无法使用 不能使用 坏
    """,
    "scrapped": """
        报废 已报废 已处置 处置 核销 已核销 注销 已注销 调出 已调出 转出 划出 已调拨 调拨 捐出 出售
        已出售 下账 已下账 销账 已销账 减少 已减少 退库
    """,
}
STATUS_WORDS: Mapping[str, Status] = {
    word: meaning for meaning, words in _STATUS.items() for word in words.split()
}
_YES, _NO = {"是", "√", "有", "y", "yes"}, {"否", "×", "x", "无", "n", "no"}


def fen(cell: str, unit: int = 1) -> Decimal | None:
    """An amount in fen, not rounded: `¥1,234.50`, `1234.5元`, `1.2万元`, `5仟`, `5000元整`, `壹万元整`.

    `unit` is the heading's, in yuan; a unit in the cell goes before it. Below 0 for `-5` and `(5)`.
    """
    if says_nothing(cell):
        return None
    plain = _unmarked(cell)
    bracketed = (plain.startswith("("), plain.endswith(")"))
    if any(bracketed) and not all(bracketed):
        raise Odd  # the other half of what says that it is negative got lost
    negative = plain.startswith(("-", "−", "－")) or all(bracketed)
    # 2500.- is a round amount; 2500- is less than nothing to some and a round amount to others.
    plain = _CURRENCY.sub("", plain.strip("()").lstrip("-−－")).removesuffix(".-")
    found = _MONEY.fullmatch(plain)
    if found is None:
        raise Odd
    factor = _FACTORS.get(found[2], unit)
    amount = _number(_CURRENCY.sub("", found[1]))
    if amount is None:
        amount, factor = _capitals(plain), 1
    if amount is None or amount >= 10**13:
        raise Odd
    return (-amount if negative else amount) * factor * _FEN


def _unmarked(cell: str) -> str:
    """Without the sign that makes a spreadsheet keep a number as text, or a plus. Raises Odd for a number
    with a note behind it: 5000① and 50² read as plain digits would be other numbers."""
    if any(unicodedata.category(sign) == "No" for sign in cell):
        raise Odd
    return spelling(cell).lstrip("'`‘’").removeprefix("+")


def whole_fen(amount: Decimal) -> int:
    """To the fen, as accounts are kept."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def half_a_digit(cell: str, unit: int = 1) -> Decimal:
    """Half of the last digit that an amount is written with, in fen: what rounding it may have done."""
    plain = spelling(cell)
    found = _MONEY.fullmatch(_CURRENCY.sub("", plain))
    factor = _FACTORS.get(found[2], unit) if found else unit
    digits = re.search(r"\.([0-9]+)", plain)
    return Decimal(factor) * _FEN / 2 / Decimal(10) ** (len(digits[1]) if digits else 0)


def _number(text: str) -> Decimal | None:
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    return Decimal(text) if _SCIENTIFIC.fullmatch(text) else None


def _capitals(text: str) -> Decimal | None:
    """壹万贰仟元伍角整."""
    found = _CAPITALS.fullmatch(text)
    if not found or (yuan := spoken_number(found[1])) is None:
        return None
    tenths = _DIGITS[found[2]] if found[2] else 0
    return Decimal(yuan) + Decimal(tenths) / 10 + Decimal(_DIGITS[found[3]] if found[3] else 0) / 100


def spoken_number(text: str) -> int | None:
    """十二, 两百, 壹万贰仟; None where it is no number."""
    total, below, digit = 0, 0, 0
    if not text or any(character not in _DIGITS and character not in _TENS for character in text):
        return None
    if re.search(r"[百佰千仟万萬亿][一二三四五六七八九]$", text):
        return None  # 一万二 is said for 12,000 and for 10,002
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif _TENS[character] >= 10_000:
            total, below, digit = (total + below + digit) * _TENS[character], 0, 0
        else:
            below, digit = below + (digit or 1) * _TENS[character], 0
    return total + below + digit


def quantity(cell: str) -> int | None:
    """Pieces: `30`, `30台`, `1,020`, `一台`. Below 0 for `-1`."""
    if says_nothing(cell):
        return None
    plain = _unmarked(cell) or "?"
    sign = -1 if plain[0] in "-−" else 1
    plain = plain.lstrip("-−")
    if found := _QUANTITY.fullmatch(plain):
        pieces = int(found[1].replace(",", ""))
        if pieces > MAX_QUANTITY:
            raise Odd
        return sign * pieces
    if (spoken := _SPOKEN.fullmatch(plain)) and (pieces := spoken_number(spoken[1]) or 0):
        return sign * pieces
    raise Odd


def is_some(cell: str) -> bool:
    """Whether a quantity says some, about so many, or a measure: 若干, 一批, 50余台, 12.5米."""
    plain = spelling(cell)
    if _SOME.fullmatch(plain) or _ABOUT_SO_MANY.fullmatch(plain):
        return True
    return bool(re.fullmatch(r"[0-9]+\.[0-9]+[^0-9.]{0,3}", plain))


def acquired(cell: str) -> str | None:
    """2019-09-01 from `2019.9.1`, `2019年9月`, `201909`, `43709`, `2019-09-01 10:23:11`, `二〇一九年九月`.

    A month stands for its first day, a year for its first.
    """
    if says_nothing(cell):
        return None
    plain = _spoken_date(_TIME.sub("", " ".join(cell.split())).strip())
    plain = spelling(plain)
    if plain.isdecimal() and int(plain[:9]) in _SERIALS and len(plain) == 5:
        return (_SERIAL_ZERO + timedelta(days=int(plain))).isoformat()
    found = _DAY.fullmatch(plain) or _DIGITS_ONLY.fullmatch(plain)
    if found:
        return _day(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    if short := _SHORT_YEAR.fullmatch(plain):
        return _day(2000 + int(short[1]), int(short[2]), int(short[3]))
    raise Odd


def _spoken_date(text: str) -> str:
    if not any(character in _DIGITS or character == "十" for character in text):
        return text
    year, mark, rest = text.partition("年")
    digits = "".join(str(_DIGITS.get(character, character)) for character in year)
    spoken = re.sub(r"[〇零一二三四五六七八九十]+", lambda found: str(spoken_number(found[0])), rest)
    return digits + mark + spoken


def _day(year: int, month: int, day: int) -> str:
    if year not in _YEARS:
        raise Odd
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise Odd from error


def category(cell: str) -> str | None:
    """A classification code, old or new, with or without its name; raises Odd where there is only a name."""
    if says_nothing(cell):
        return None
    plain = spelling(cell).upper().lstrip("([【")
    dotted = plain.replace(".", "") if re.match(r"^A?[0-9]{2}\.", plain) else plain
    if found := _CATEGORY.match(dotted) or _CODE_IN_WORDS.search(plain):
        return found[1]
    raise Odd


def status(cell: str, *, asks: bool = False) -> Status | None:
    """The state of use; `asks`: the heading is a question (是否在用). Raises Odd for a word not known."""
    plain = re.sub(r"[(\[【].*", "", spelling(cell)).strip("-_.、,;:")
    if asks and plain.lower() in _YES | _NO:
        return "in_use" if plain.lower() in _YES else "idle"
    if says_nothing(cell):
        return None
    plain = re.sub(r"^[0-9]{1,2}[-_.、:]?(?=[^0-9])", "", plain)
    words = [word for word in re.split(r"[/、,;|+]", plain) if word]
    meanings = {STATUS_WORDS.get(word) for word in words}
    if len(meanings) != 1 or None in meanings:
        raise Odd
    return meanings.pop()


_PIECES = re.compile(
    r"(?:[(*×xX]|共|各|^)([0-9]{1,4})(?:台套|[台套件个只张把块部组支盒本付副条])|[*×][0-9]{1,4}\)?$"
)
# A size: 1800*850*390, 600×400. A number below a hundred behind another may be how many there are.
_SIZE = re.compile(
    r"(?<![0-9.])(?:[0-9.]+(?:[*×xX][0-9.]+){2,}|[0-9]{3,}[*×xX][0-9]{3,})(?![0-9.]*(?:台套|[台套件个只张把块部组支盒本付副条]))"
)
_RANGE = re.compile(r"(.*?)([0-9]{2,})(?:-|—|~|～|至|到)(.*?)([0-9]{2,})")


def says_pieces(text: str) -> bool:
    """Whether a name speaks of several pieces: 电脑(30台), 课桌*30. A size does not: 1800*850*390."""
    found = _PIECES.search(_SIZE.sub(" ", spelling(text)))
    return found is not None and (found[1] is None or int(found[1]) > 1)


def names_several(text: str) -> bool:
    """Whether a number is a list or a range of numbers: ZC001、ZC002, ZC001-ZC030."""
    parts = [part for part in re.split(r"[、,，;；\n]+", text.strip()) if re.search("[0-9]", part)]
    if len(parts) > 1:
        return True
    found = _RANGE.fullmatch(spelling(text))
    if not found or found[3] not in {"", found[1]}:
        return False
    same_length = len(found[2]) == len(found[4]) and (bool(found[1]) or len(found[2]) > 4)
    return same_length and int(found[2]) < int(found[4])
