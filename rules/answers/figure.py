"""A figure on its way to a page or a cell."""

from dataclasses import dataclass
from fractions import Fraction

from registry.exact import rounded


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is printed. value: where it is one number, so that a cell can hold it as one."""

    text: str
    value: Fraction | None = None
    places: int = 0
    around: tuple[str, str] = ("", "")
    sign: bool = False

    @classmethod
    def of(
        cls, value: Fraction, places: int, *, before: str = "", after: str = "", sign: bool = False
    ) -> "Figure":
        plus = "+" if sign and value > 0 else ""
        text = f"{before}{plus}{rounded(value, places)}{after}"
        return cls(text, value, places, (before, after), sign)
