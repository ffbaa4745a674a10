"""What is wrong in the registry: where, what, and how to mend it. The same thing many times is one line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from runtime import UserError
from runtime.language import Text
from tables.sheets import column_letters

_PLACES_SHOWN = 8
_VALUES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `what` says how to mend it and never holds the value, which is `found`.

    sheet: as its tab or its file is called. row: from 1, 0 for the sheet as a whole. column: from 0, None for
    the row as a whole. header: what stands above it. order: where its sheet stands in the registry.
    """

    sheet: str
    what: Text
    row: int = 0
    column: int | None = None
    header: str = ""
    found: str = ""
    order: int = 99

    @property
    def cell(self) -> str:
        """`C7`; a row or a column alone is said to be one."""
        if self.column is None:
            return str(Text(f"第 {self.row} 行", f"row {self.row}")) if self.row else ""
        letters = column_letters(self.column)
        return f"{letters}{self.row}" if self.row else letters

    def __str__(self) -> str:
        return _line([self])


class RegistryError(UserError):
    """The registry cannot be used. `problems` is all that is wrong with it; nothing was loaded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(lines(self.problems)))


def lines(problems: Iterable[Problem]) -> list[str]:
    """One line for each thing that is wrong, in the order of the sheets, and a summary of several."""
    groups: dict[tuple[str, str, Text], list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: (problem.order, problem.row, problem.column or 0)):
        groups.setdefault((problem.sheet, problem.header, problem.what), []).append(problem)
    found = [_line(group) for group in groups.values()]
    count = sum(map(len, groups.values()))
    if count > 1:
        summary = Text(f"共 {count} 处，请改正后重新检查", f"{count} in all; mend them and check again")
        found.append(str(summary))
    return found


def _line(group: list[Problem]) -> str:
    first = group[0]
    header, english = (f"（{first.header}）", f" ({first.header})") if first.header else ("", "")
    values = list(dict.fromkeys(problem.found for problem in group if problem.found))
    if len(group) == 1:
        place = f" {first.cell}" if first.cell else ""
        value = f"“{values[0]}”" if values else ""
        return str(
            Text(
                f"{first.sheet}{place}{header}：{value}{first.what.zh}",
                f"{first.sheet}{place}{english}: {value and value + ' '}{first.what.en}",
            )
        )
    shown = "、".join(f"“{value}”" for value in values[:_VALUES_SHOWN])
    more_zh = f"；现为 {shown}{' 等' if len(values) > _VALUES_SHOWN else ''}" if shown else ""
    more_en = f"; found {shown}{' and others' if len(values) > _VALUES_SHOWN else ''}" if shown else ""
    places, count = list(_places(group)), len(group)
    cells, rest = ", ".join(places[:_PLACES_SHOWN]), len(places) > _PLACES_SHOWN
    return str(
        Text(
            f"{first.sheet} {cells}{' 等' if rest else ''}{header}共 {count} 处：{first.what.zh}{more_zh}",
            f"{first.sheet} {cells}{' …' if rest else ''}{english}, {count} times: {first.what.en}{more_en}",
        )
    )


def _places(group: list[Problem]) -> Iterator[str]:
    """The cells, rows that follow one another as a range: F2, F5–F9."""
    begun = before = group[0]
    for problem in [*group[1:], None]:
        if problem is not None and problem.column == before.column and problem.row == before.row + 1:
            before = problem
            continue
        yield begun.cell if begun is before else f"{begun.cell}–{before.cell}"
        if problem is not None:
            begun = before = problem
