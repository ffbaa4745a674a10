"""Files of a stock-take, read and checked against a store's lists, ready to be kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from registry import Registry
from registry.problems import Problem
from rules.inventory.counting import count
from rules.inventory.matching import SchoolInventory
from rules.inventory.reading import read_inventory
from rules.inventory.subjects import Subject, Subjects, found_key, subjects_of
from rules.stocktake.checking import Checked, Lists, check
from rules.stocktake.entries import SheetsRead
from rules.stocktake.marks import Cross
from rules.stocktake.reading import read_file
from rules.stored.stocktakes import (
    StockLine,
    Stocktake,
    read_lines,
    read_stocktakes,
    stocktake_points,
)
from runtime.errors import UserError
from runtime.language import Text
from store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be read. school: the only one that it may be about; day: of lines that name none."""

    paths: Sequence[Path]
    now_ms: int
    who: str
    school: str | None = None
    day: date | None = None
    cross: Cross | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What came of it. again: files that were handed in before. problems: what is not taken, and why."""

    takes: tuple[Stocktake, ...]
    lines: tuple[StockLine, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    again: tuple[str, ...]

    def counts_of(self, take: Stocktake) -> Mapping[str, int]:
        """How many lines of a file say what."""
        own = [line for line in self.lines if _of(line, take)]
        counts = Counter[str](line.outcome for line in own)
        counts["moved"] = sum(bool(line.room) and line.outcome == "seen" for line in own)
        counts["broken"] = sum(line.broken for line in own)
        return counts


def _of(line: StockLine, take: Stocktake) -> bool:
    return (line.school, line.file, line.day) == (take.school, take.file, take.day)


def prepare(store: Store, registry: Registry, asked: Asked) -> Import:
    """Read the files and lay them beside the lists; writes nothing. Raises store.Unavailable."""
    files = [read_file(path, cross=asked.cross) for path in asked.paths]
    _refuse_twice(files)
    entries = [entry for file in files for entry in file.entries]
    earlier = read_lines(store, asked.school)
    lists = Lists(
        registry=registry,
        subjects={
            school.school: _with_found(school, earlier.get(school.school, ()))
            for school in read_inventory(store, registry, now_ms=asked.now_ms, school=asked.school)
        },
        school=asked.school,
        day=asked.day,
        today=registry.calendar.day_of(asked.now_ms),
        taken_ms=asked.now_ms,
    )
    checked = check(entries, lists)
    return _import(files, checked, asked, read_stocktakes(store, asked.school), registry)


def keep(store: Store, found: Import) -> None:
    """Store it; the same file again changes nothing. Raises StoreError, UserError."""
    store.prepare()
    points = stocktake_points(found.takes, found.lines)
    for begin in range(0, len(points), _TOGETHER):
        if refused := store.write(points[begin : begin + _TOGETHER]):
            raise UserError(Text(f"未能保存：{refused[0].reason}", f"not kept: {refused[0].reason}"))


_TOGETHER = 5000


def _refuse_twice(files: Sequence[SheetsRead]) -> None:
    """The same content under two names is read once."""
    seen: dict[str, SheetsRead] = {}
    for file in files:
        first = seen.setdefault(file.hash, file)
        if first is not file and file.hash:
            what = Text(
                f"与 {first.path.name} 内容相同；只读一次", f"is the same as {first.path.name}; read once"
            )
            file.notes, file.problems = [Problem(sheet=file.path.name, what=what)], []
            file.entries = []


def _with_found(school: SchoolInventory, earlier: Sequence[StockLine]) -> Subjects:
    """The lists, and what an earlier stock-take found that stands in none."""
    subjects = subjects_of(school)
    for line in count(school, earlier).found:
        subjects.add(Subject(key=found_key(line), found=line))
    return subjects


def _import(
    files: Sequence[SheetsRead],
    checked: Checked,
    asked: Asked,
    before: Sequence[Stocktake],
    registry: Registry,
) -> Import:
    known = {(take.school, take.file, take.day): take for take in before}
    problems = [*(problem for file in files for problem in file.problems), *checked.problems]
    lines, takes, again = [], [], set[str]()
    days = {(line.school, line.file, line.day, line.day_ms) for line in checked.lines}
    names = {file.hash: file.path.name for file in files if file.entries}
    for school, file, day, day_ms in sorted(days):
        first = known.get((school, file, day))
        own = [line for line in checked.lines if (line.school, line.file, line.day) == (school, file, day)]
        take = Stocktake(
            district=registry.schools[school].district,
            school=school,
            file=file,
            day=day,
            day_ms=day_ms,
            file_name=first.file_name if first else names[file],
            who=first.who if first else asked.who,
            # Read again it stays where it stood: a later stock-take of the same day is not outdone by it.
            taken_ms=first.taken_ms if first else asked.now_ms,
            lines=len(own),
            unmarked=checked.unmarked.get((school, file), 0),
            untaken=sum(problem.sheet.startswith(names[file]) for problem in problems),
        )
        takes.append(take)
        lines += own
        if first is not None:
            again.add(names[file])
    return Import(
        takes=tuple(takes),
        lines=tuple(lines),
        problems=tuple(problems),
        notes=(*(note for file in files for note in file.notes), *checked.notes),
        again=tuple(sorted(again)),
    )
