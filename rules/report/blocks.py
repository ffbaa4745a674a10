"""What the text of the report is made of, before it becomes a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1: 一、 in 黑体; level 2: （一） in 楷体."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption; widths in mm."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One colour of a chart; None leaves a gap. `line` draws a limit over the columns."""

    name: str
    values: Sequence[Fraction | None]
    colour: str
    line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Columns side by side over the same categories. step: of an axis that counts."""

    caption: str
    categories: Sequence[str]
    series: Sequence[Series]
    number_format: str
    maximum: int | None = None
    step: int | None = None


Block = Heading | Paragraph | Table | Chart
