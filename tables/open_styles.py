"""Styles of an OpenDocument spreadsheet, as far as they change what is read."""

import re
from dataclasses import dataclass, replace

from tables.number_formats import Style, style_of
from tables.xml_stream import Attributes

# Kinds of number formats; what they are made of becomes a format as Excel writes it.
_FORMATS = {
    f"number:{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "text", "boolean")
}
_PARTS = {
    "number:year": "yyyy",
    "number:month": "m",
    "number:day": "d",
    "number:day-of-week": "ddd",
    "number:era": "e",
    "number:hours": "h",
    "number:minutes": "mm",
    "number:seconds": "ss",
    "number:am-pm": "AM/PM",
    "number:scientific-number": "0.00E+00",
    "number:fraction": "# ?/?",
}
_QUOTED = {"number:text": '"{}"', "number:currency-symbol": "[${}]", "number:embedded-text": '"{}"'}
_POINTS = re.compile("[.!．。·]")
_LENGTH = re.compile(r"([0-9.]+)")
_MOST_DIGITS = 40


@dataclass(slots=True, kw_only=True)
class _Named:
    """A style of a cell, a piece of text, a row, a column or a sheet."""

    parent: str = ""
    format: str = ""
    struck: bool | None = None
    hidden: bool = False


class OpenStyles:
    """Gathered while the document is parsed; names are looked up afterwards."""

    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._positive: dict[str, str] = {}  # formats of which another stands for what is not below zero
        self._named: dict[tuple[str, str], _Named] = {}
        self._known: dict[str, Style] = {}
        self._format, self._quoted = "", ""
        self._style = _Named()

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag in _FORMATS:
            self._format = attributes.get("style:name", "")
            self._formats[self._format] = ""
        elif tag == "style:map" and self._format:
            if attributes.get("style:condition", "").replace(" ", "") in {"value()>=0", "value()>0"}:
                self._positive[self._format] = attributes.get("style:apply-style-name", "")
        elif tag in _QUOTED:
            self._quoted = tag
        elif self._format and (tag in _PARTS or tag == "number:number"):
            self._formats[self._format] += _PARTS.get(tag) or _digits(attributes)
        elif tag == "style:style":
            self._style = _Named(
                parent=attributes.get("style:parent-style-name", ""),
                format=attributes.get("style:data-style-name", ""),
            )
            self._named[attributes.get("style:family", ""), attributes.get("style:name", "")] = self._style
        elif tag == "style:text-properties":
            line = attributes.get("style:text-line-through-style") or attributes.get(
                "style:text-line-through-type"
            )
            if line is not None:
                self._style.struck = line != "none"
        elif tag == "style:table-properties":
            self._style.hidden = attributes.get("table:display") == "false"
        elif tag in {"style:table-row-properties", "style:table-column-properties"}:
            size = attributes.get("style:row-height") or attributes.get("style:column-width") or "1"
            found = _LENGTH.match(size)
            self._style.hidden = found is not None and not found[1].strip("0.")

    def text(self, data: str) -> None:
        if self._quoted and self._format:
            shown = data.replace('"', "")
            if self._quoted == "number:embedded-text":
                # Within the digits: a point there moves the number's own.
                shown = _POINTS.sub(".", shown)
            self._formats[self._format] += _QUOTED[self._quoted].format(shown)

    def end(self, tag: str) -> None:
        if tag == self._quoted:
            self._quoted = ""
        elif tag in _FORMATS:
            if tag == "number:percentage-style":
                self._formats[self._format] += "%"
            self._format = ""
        elif tag == "style:style":
            self._style = _Named()

    def of_cell(self, name: str) -> Style:
        if name not in self._known:
            styles = self._with_parents(name)
            format_name = next((style.format for style in styles if style.format), "")
            code = self._formats.get(self._positive.get(format_name, format_name), "")
            struck = next((style.struck for style in styles if style.struck is not None), False)
            self._known[name] = replace(style_of(0, code), struck=struck)
        return self._known[name]

    def is_struck(self, span: str) -> bool | None:
        """Whether a piece of text is; None where it says nothing of its own."""
        named = self._named.get(("text", span))
        return named.struck if named is not None else None

    def is_hidden(self, family: str, name: str) -> bool:
        """Of a sheet, a row or a column."""
        named = self._named.get((family, name))
        return named is not None and named.hidden

    def _with_parents(self, name: str) -> list[_Named]:
        """A cell's style, and those that it builds on."""
        found: list[_Named] = []
        while (named := self._named.get(("table-cell", name))) is not None and named not in found:
            found.append(named)
            name = named.parent
        return found


def _digits(attributes: Attributes) -> str:
    whole = min(_count(attributes.get("number:min-integer-digits")), _MOST_DIGITS)
    places = min(_count(attributes.get("number:decimal-places")), _MOST_DIGITS)
    grouped = attributes.get("number:grouping") == "true"
    code = "#,##0" if grouped else "0" * whole or "#"
    code += "." + "0" * places if places else ""
    factor = attributes.get("number:display-factor", "1")
    return code + "," * (factor.strip("0.").strip("1") == "" and (len(factor.split(".")[0]) - 1) // 3)


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else 0
