"""How a workbook shows its numbers, as far as that changes what is read: dates, codes with leading zeros."""

import re
import zipfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tables.xml_stream import Attributes, read_xml

# Formats that every spreadsheet knows by number: dates of the standard, and those of Chinese Excel.
_DATES = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)}
_TIMES = {*range(18, 22), 32, 33, *range(45, 48)}
# What is not shown as written: texts in quotation marks, escaped characters, colours and conditions.
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day has no zone
_ZERO_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
_LAST_SERIAL = 2_958_465  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Style:
    """date: shown as a date. digits: padded with zeros to so many digits. struck: struck out."""

    date: bool = False
    digits: int = 0
    struck: bool = False


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
        return Style(date=number in _DATES)
    first = re.sub("general", "", _ASIDE.sub("", code.partition(";")[0]), flags=re.IGNORECASE)
    if first and not first.strip("0"):
        return Style(digits=len(first))
    return Style(date=bool(re.search(r"[yYdDeE年日]", first)) and not re.search(r"[#0?]", first))


def moment(serial: float, *, from_1904: bool) -> str | None:
    """A day number as text, with the time where it has one; None where it is none."""
    if not 0 <= serial <= _LAST_SERIAL:
        return None
    whole = (_ZERO_1904 if from_1904 else _ZERO) + timedelta(seconds=round(serial * 86_400))
    return whole.date().isoformat() if whole.time() == whole.min.time() else whole.isoformat(" ")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else -1
