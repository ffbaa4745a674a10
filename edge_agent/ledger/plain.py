"""Text as people type it, in one spelling: full-width digits, blanks between characters, marks."""

import re

from tables.codes import BLANKS, spelling

_OUTER_MARKS = re.compile(r"^[*※·•#☆★]+|[*※·•#:☆★]+$")
_ERROR = re.compile(r"^#(?:REF!|VALUE!|N/A|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$|^#{3,}$")
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


def title(text: str) -> str:
    """A heading without blanks and the marks of a form: *资产编号： is 资产编号."""
    return _OUTER_MARKS.sub("", spelling(text)).lower().replace("帐", "账")


def tidy(text: str) -> str:
    """A name on one line; otherwise as it was written."""
    return BLANKS.sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()


def says_nothing(text: str) -> bool:
    """Whether the cell is empty, or says so in one of the usual ways."""
    return spelling(text).lower() in _NOTHING


def is_error(text: str) -> bool:
    """Whether the cell shows an error of the spreadsheet: #REF!, or ### where the column is too narrow."""
    return bool(_ERROR.match(text))


def is_number(text: str) -> bool:
    """Digits with points and commas, and nothing else."""
    return bool(re.fullmatch(r"[0-9][0-9.,]*", spelling(text)))
