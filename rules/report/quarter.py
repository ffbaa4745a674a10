"""A quarter of the year: its name, its days, and the day that its report stands for."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from runtime import ConfigError
from runtime.language import Text

_NAME = re.compile(r"(20[0-9]{2})Q([1-4])")
_NUMERALS = "一二三四"


class ReportError(ConfigError):
    """A report cannot be made, frozen or believed; the text says what to mend."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Of the calendar year, as the bureau's 季报 counts them."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """`2026Q4`; raises ReportError."""
        found = _NAME.fullmatch(text)
        if not found:
            raise ReportError(
                Text(f"--quarter “{text}”：应写成 2026Q4", f"--quarter {text!r}: write it as 2026Q4")
            )
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def title(self) -> str:
        return f"{self.year}年第{_NUMERALS[self.number - 1]}季度"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        year, month = (self.year, 3 * self.number + 1) if self.number < 4 else (self.year + 1, 1)
        return date(year, month, 1) - timedelta(days=1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def as_of(self, today: date, asked: date | None = None) -> date:
        """The day asked for, else the quarter's last day, or today while the quarter is running."""
        day = asked or min(self.last, today)
        if day > today or today < self.first:
            to_come = max(day, self.first)
            raise ReportError(
                Text(
                    f"--quarter {self}：尚未到 {to_come}，今天是 {today}",
                    f"--quarter {self}: {to_come} is still to come, today is {today}",
                )
            )
        if not self.first <= day <= self.last:
            raise ReportError(
                Text(
                    f"--as-of {day}：不在该季度内（{self.first}～{self.last}）",
                    f"--as-of {day}: is not a day of this quarter ({self.first} to {self.last})",
                )
            )
        return day
