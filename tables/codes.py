"""Codes and numbers of things, as spreadsheets hand them over: what was meant, or that it is gone."""

import re
import unicodedata

BLANKS = re.compile(r"[\s\u200b\u200e\u200f\ufeff\u00a0]+")
# Excel shows a code that it took for a number like this; the digits behind are gone.
_DESTROYED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
# 3-12 typed into a cell is a day to a spreadsheet: in a workbook, and as it writes it into a text.
_DAY = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9:]{8})?|[0-9]{1,2}月[0-9]{1,2}日"
    r"|[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{2}"
)
# So many digits a spreadsheet keeps of a number.
_KEPT = 15


def spelling(text: str) -> str:
    """Half-width, without blanks: what is compared with words and numbers."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", text))


def code(cell: str) -> str:
    """A code as it was meant: ="0001", '0002 and a tab behind are what people do to keep its zeros."""
    plain = cell.strip()
    if found := re.fullmatch(r'=\s*"(.*)"', plain):
        plain = found[1]
    return spelling(plain.lstrip("'`‘’")).strip("\"'")


def is_destroyed(plain: str) -> bool:
    """Whether Excel has made a number of the code: 3.20102E+17, or all digits after the fifteenth zero."""
    if _DESTROYED.fullmatch(plain):
        return True
    return plain.isdecimal() and len(plain) > _KEPT and not plain[_KEPT:].strip("0")


def is_day(text: str) -> bool:
    """Whether a spreadsheet has made a day of a room's code."""
    return _DAY.fullmatch(spelling(text)) is not None or _DAY.fullmatch(text.strip()) is not None
