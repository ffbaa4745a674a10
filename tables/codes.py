"""Codes and numbers of things, as spreadsheets hand them over: what was meant, or that it is gone."""

import re
import unicodedata

BLANKS = re.compile(r"[\s\u200b\u200e\u200f\ufeff\u00a0]+")
# Excel shows a code that it took for a number like this; the digits behind are gone.
_DESTROYED = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
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
