"""A cell of an OpenDocument spreadsheet: its value as Excel's own file would give it, as text."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from tables.number_formats import Style, currency_of
from tables.open_styles import OpenStyles
from tables.sheet_xml import number_text
from tables.xml_stream import Attributes

_NUMBERS = {"float", "currency", "percentage"}
_BREAKS = {"text:tab": "\t", "text:line-break": "\n"}
_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NULL|NUM|N/A)[!?]?")
# LibreOffice's own errors, of formulas that it cannot even begin to work out.
_OWN_ERROR = re.compile(r"(?:Err:|错误:)\s*[0-9]+")
_DURATION = re.compile(r"(-?)PT(\d{1,9})H(\d{1,6})M(\d{1,6})(?:[.,](\d{1,9}))?S")
_DAY_S = 86_400
_MOST_TEXT, _MOST_BLANKS = 4096, 256


@dataclass(slots=True, kw_only=True)
class Cell:
    """gone: what of its text is struck out."""

    attributes: Attributes
    style: Style
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    spans: list[bool] = field(default_factory=list)
    paragraphs: int = 0
    inside: bool = False
    length: int = 0

    @property
    def is_formula(self) -> bool:
        return "table:formula" in self.attributes

    @property
    def is_struck(self) -> bool:
        """Whether all that it shows is struck out."""
        if self.kept or self.gone:
            return bool(self.gone) and not "".join(self.kept).strip()
        return self.style.struck

    def start(self, tag: str, attributes: Attributes, styles: OpenStyles) -> None:
        if tag == "text:p":
            if self.paragraphs:
                self._add("\n")
            self.paragraphs += 1
            self.inside = True
        elif tag == "text:span":
            own = styles.is_struck(attributes.get("text:style-name", ""))
            self.spans.append(self._struck() if own is None else own)
        elif tag == "text:s":
            count = attributes.get("text:c", "1")
            self._add(" " * min(int(count) if count.isdecimal() and len(count) < 6 else 1, _MOST_BLANKS))
        elif tag in _BREAKS:
            self._add(_BREAKS[tag])

    def text(self, data: str) -> None:
        if self.inside:
            self._add(data)

    def end(self, tag: str) -> None:
        if tag == "text:span" and self.spans:
            self.spans.pop()
        elif tag == "text:p":
            self.inside = False

    def words(self) -> str:
        return ("".join(self.kept).strip() or "".join(self.gone).strip())[:_MOST_TEXT]

    def _struck(self) -> bool:
        return self.spans[-1] if self.spans else self.style.struck

    def _add(self, text: str) -> None:
        if self.length < _MOST_TEXT:
            (self.gone if self._struck() else self.kept).append(text)
            self.length += len(text)


def shown(cell: Cell) -> str:
    """The cell as the spreadsheet means it; "" where it is empty."""
    said, words = cell.attributes, cell.words()
    kind = said.get("office:value-type", "")
    if _ERROR.fullmatch(words) and (cell.is_formula or said.get("calcext:value-type") == "error"):
        return words
    if _OWN_ERROR.fullmatch(words) and cell.is_formula:
        return "#VALUE!"
    if kind in _NUMBERS:
        style = replace(_with_currency(cell, words), percent=kind == "percentage")
        return number_text(said.get("office:value", "").strip(), style)
    if kind == "date":
        return _moment(said.get("office:date-value", "")) or words
    if kind == "time":
        return _part_of_a_day(said.get("office:time-value", "")) or words
    if kind == "boolean":
        return "1" if said.get("office:boolean-value") == "true" else "0"
    return words or said.get("office:string-value", "").strip()[:_MOST_TEXT]


def _with_currency(cell: Cell, words: str) -> Style:
    """The style; a currency that it leaves to the computer's own is told by the cell or by what was shown."""
    named = cell.attributes.get("office:currency", "")
    sign = cell.style.before or (currency_of(f"[${named}]") if named else "") or currency_of(words)
    return replace(cell.style, before=sign) if sign else cell.style


def _moment(text: str) -> str:
    """As a workbook of Excel gives it: the day, and the time where it has one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return ""
    # Whatever a sum of times has behind its seconds is noise.
    found = found.replace(microsecond=0)
    return found.date().isoformat() if found.time() == found.min.time() else found.isoformat(" ")


def _part_of_a_day(text: str) -> str:
    found = _DURATION.fullmatch(text)
    if found is None:
        return ""
    seconds = Fraction(int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4]))
    seconds += Fraction(f"0.{found[5] or 0}")
    return number_text(repr(float(seconds / _DAY_S) * (-1 if found[1] else 1)), Style())
