"""Text as people type it, in one spelling: full-width digits, blanks between characters, marks."""

import re
import unicodedata

_BLANKS = re.compile(r"[\s\u200b\u200e\u200f\ufeff\u00a0]+")
_OUTER_MARKS = re.compile(r"^[*※·•#☆★]+|[*※·•#:☆★]+$")
_NOTHING = {
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "\\",
    "无",
    "暂无",
    "n/a",
    "na",
    "null",
    "none",
    "nan",
    "空",
    ".",
}


def spelling(text: str) -> str:
    """Half-width, without blanks: what is compared with words and numbers."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def title(text: str) -> str:
    """A heading without blanks and the marks of a form: *资产编号： is 资产编号."""
    return _OUTER_MARKS.sub("", spelling(text)).lower().replace("帐", "账")


def tidy(text: str) -> str:
    """A name on one line; otherwise as it was written."""
    return _BLANKS.sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()


def says_nothing(text: str) -> bool:
    """Whether the cell is empty, or says so in one of the usual ways."""
    return spelling(text).lower() in _NOTHING
