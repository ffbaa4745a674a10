"""Several sheets and files as one ledger: what stands in two of them counts once, what is old does not count.

A part is one sheet of one file. Nothing is dropped without being named, and where nobody can tell whether
two parts are two halves or two states of a ledger, the lines that differ are doubtful.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from edge_agent.files.problems import Problem
from edge_agent.ledger import words
from edge_agent.ledger.line import Doubt, Line, one_case
from edge_agent.ledger.table import Table

# A title longer than this is a note, and may speak of anything.
_TITLE_LENGTH = 40
# Two parts with so much in common are two states of one ledger, or one is made from the other.
_OVERLAP = 2
# Running numbers (1, 2, 3 …) begin anew in every sheet and say nothing of a thing.
_RUNNING_DIGITS = 4
# More lines with one number are a batch; each with each would take too long.
_MOST_COMPARED = 200


@dataclass(slots=True, kw_only=True)
class Part:
    """A sheet of a file, numbered as they are told; `left` says why none of it counts."""

    file: int
    file_name: str
    table: Table
    left: str = ""
    when: tuple[int, int, int] | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def sheet(self) -> int:
        return self.table.sheet

    @property
    def counted(self) -> list[Line]:
        return [] if self.left else [line for line in self.table.lines if not line.out]

    def tell(self, kind: str, line: Line | None = None, *, number: int = 1) -> None:
        cell = "" if line is None else line.cell
        self.problems.append(Problem(kind=kind, sheet=self.sheet, cell=cell, number=number))

    def leave(self, kind: str) -> None:
        """None of it counts, for this reason."""
        if not self.left:
            self.left = kind
            self.table.left_out += len(self.table.lines)
            # What could not be read of it would not have counted either.
            self.table.unread = 0
            self.problems = [problem for problem in self.problems if problem.kind == kind]
            self.table.problems = []
            self.tell(kind, number=max(1, len(self.table.lines)))

    def drop(self, line: Line) -> None:
        line.out = True
        self.table.left_out += 1


def settle(parts: Sequence[Part]) -> None:
    """Decide what of the parts counts; changes them."""
    for part in parts:
        _by_name(part)
    _spares(parts)
    _years(_counting(parts))
    for part in _counting(parts):
        _within(part)
    _between(_counting(parts))


def _counting(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if not part.left and part.table.lines]


def _by_name(part: Part) -> None:
    """Hidden sheets, samples, and sheets whose own name or title says that their things are gone."""
    table = part.table
    titles = table.titles if len(table.titles) <= _TITLE_LENGTH else ""
    names = [name for name in (table.name, part.file_name, titles) if name]
    if table.hidden:
        part.leave("left_hidden")
    elif any(words.is_sample(name) for name in names[:1]):
        part.leave("left_sample")
    elif any(words.is_of_things_gone(name) for name in names if not (table.mixed and name == titles)):
        part.leave("left_gone")
    elif table.mixed or any(words.is_mixed(name) for name in (table.name, part.file_name)):
        part.tell("mixed_sheet", number=len(table.lines))
        _doubt_all(part, "status")
    dates = (words.date_in(table.name), words.date_in(part.file_name), words.date_in(titles))
    part.when = next((when for when in dates if when), None)


def _spares(parts: Sequence[Part]) -> None:
    """Copies and old states do not count, as long as something else does."""
    spare = [part for part in parts if words.is_spare(part.table.name) or words.is_spare(part.file_name)]
    others = [part for part in _counting(parts) if part not in spare]
    for part in spare:
        if others:
            part.leave("left_spare")
        elif not part.left and part.table.lines:
            part.tell("version", number=len(part.table.lines))
            _doubt_all(part, "version")


def _years(parts: Sequence[Part]) -> None:
    """Of ledgers of several years the newest counts, unless each holds what was bought in its year."""
    dated = [part for part in parts if part.when]
    newest = max((part.when for part in dated if part.when), default=(0, 0, 0))
    now = [part for part in dated if part.when and _within_one(part.when, newest)]
    if len(now) == len(dated) or all(_bought_in(part) for part in dated):
        return
    for part in dated:
        if part in now:
            continue
        if any(_overlap(part, other) for other in now):
            part.leave("left_year")
        else:
            part.tell("version", number=len(part.table.lines))
            _doubt_all(part, "version")


def _within_one(when: tuple[int, int, int], newest: tuple[int, int, int]) -> bool:
    """Whether both may be one day: 2026 beside 2026-08-31 says less, and nothing else."""
    return all(not one or not two or one == two for one, two in zip(when, newest, strict=True))


def _bought_in(part: Part) -> bool:
    years = {line.acquired[:4] for line in part.table.lines if line.acquired}
    return bool(part.when) and years == {str(part.when[0])} if part.when else False


def _within(part: Part) -> None:
    """Lines of one part with one number: things of a batch, the same line twice, or a contradiction."""
    _blank_twice(part)
    for lines in _by_number(part.table.lines).values():
        if len(lines) == 1:
            continue
        seen: set[tuple[object, ...]] = set()
        for line in lines:
            if line.content() in seen:
                _doubt(line, "repeated")
                part.tell("repeated", line)
            seen.add(line.content())
        _less_said(part, lines)
        for alike in _groups(lines, _same_thing).values():
            if len({line.content() for line in alike}) > 1:
                for line in alike:
                    _doubt(line, "conflict")
                part.tell("conflict", alike[0], number=len(alike))


def _blank_twice(part: Part) -> None:
    """Lines that alone have no number, where others do, and say what another says: perhaps one line twice."""
    if sum(line.number is None for line in part.table.lines) * 2 > len(part.table.lines):
        return
    for alike in _groups(part.table.lines, lambda line: line.content()[1:]).values():
        numbered = [line for line in alike if line.number is not None]
        blank = [line for line in alike if line.number is None]
        for line in blank if numbered else blank[1:]:
            _doubt(line, "repeated")
            part.tell("repeated", line)


def _less_said(part: Part, lines: Sequence[Line]) -> None:
    """Of lines with one number, one that says less and nothing else than another may be the same."""
    if len(lines) > _MOST_COMPARED:
        return
    for at, line in enumerate(lines):
        said = line.content()[1:]
        if any(_compatible(said, other.content()[1:]) for other in lines[:at]):
            _doubt(line, "repeated")
            part.tell("repeated", line)


def _compatible(one: tuple[object, ...], two: tuple[object, ...]) -> bool:
    """Equal, but for details that one of them does not have."""
    return one != two and all(
        left == right or not left or not right for left, right in zip(one, two, strict=True)
    )


def _same_thing(line: Line) -> tuple[object, ...]:
    """Lines that agree in this are one thing, whatever value or state they give it."""
    return (*line.thing(), line.category, line.quantity, line.acquired)


def _between(parts: Sequence[Part]) -> None:
    """Numbers that several parts have."""
    holders: dict[str, list[tuple[Part, Line]]] = defaultdict(list)
    for part in parts:
        for number, lines in _by_number(part.table.lines).items():
            holders[number] += [(part, line) for line in lines]
    overlapping = _overlapping(parts)
    for number, held in holders.items():
        if len({id(part) for part, _ in held}) > 1:
            _shared(number, held)
        elif held[0][0] in overlapping:
            for part, line in held:
                _doubt(line, "version")
                part.tell("version", line)
    _without_numbers([part for part in parts if part in overlapping])


def _without_numbers(parts: Sequence[Part]) -> None:
    """Lines without a number in parts that overlap: as many as every part has of a kind are sure."""
    kinds: dict[tuple[object, ...], dict[int, list[tuple[Part, Line]]]] = defaultdict(dict)
    for at, part in enumerate(parts):
        for line in part.table.lines:
            if line.number is None:
                kinds[line.content()].setdefault(at, []).append((part, line))
    for holders in kinds.values():
        sure = min(len(lines) for lines in holders.values()) if len(holders) > 1 else 0
        first, *others = holders.values()
        for part, line in (*first[sure:], *(pair for pairs in others for pair in pairs)):
            _doubt(line, "version")
            part.tell("version", line)


def _shared(number: str, held: Sequence[tuple[Part, Line]]) -> None:
    """One number in several parts: the same line counts once; another one for the same thing is a doubt."""
    running = number.isdecimal() and len(number) <= _RUNNING_DIGITS
    first: dict[tuple[object, ...], Part] = {}
    for part, line in held:
        content = line.content()
        if content not in first or first[content] is part:
            first.setdefault(content, part)
        elif running:
            _doubt(line, "repeated")
            part.tell("repeated", line)
        else:
            part.drop(line)
            part.tell("copies", line)
    if running:
        return
    things: dict[tuple[object, ...], list[tuple[Part, Line]]] = defaultdict(list)
    for part, line in held:
        if not line.out:
            things[line.name, line.model, line.serial].append((part, line))
    for alike in things.values():
        if len({id(part) for part, _ in alike}) > 1:
            for part, line in alike:
                _doubt(line, "conflict")
                part.tell("conflict", line)


def _overlapping(parts: Sequence[Part]) -> list[Part]:
    """Parts of which at least half stands in another, or half of another in them."""
    return [part for part in parts if any(other is not part and _overlap(part, other) for other in parts)]


def _overlap(one: Part, two: Part) -> bool:
    left, right = _identities(one), _identities(two)
    shared = sum((left & right).values())
    return shared > 0 and shared * _OVERLAP >= min(sum(left.values()), sum(right.values()))


def _identities(part: Part) -> Counter[object]:
    """Lines by number; where numbers are missing, destroyed or only run on, by what is said of the thing."""
    return Counter(
        one_case(line.number)
        if line.number is not None and not _is_running(line.number)
        else (line.name, line.model, line.room, line.quantity, line.value_fen, line.acquired)
        for line in part.table.lines
    )


def _is_running(number: str) -> bool:
    return number.isdecimal() and len(number) <= _RUNNING_DIGITS


def _by_number(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if (number := one_case(line.number)) is not None:
            found[number].append(line)
    return found


def _groups(
    lines: Iterable[Line], key: Callable[[Line], tuple[object, ...]]
) -> dict[tuple[object, ...], list[Line]]:
    found: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return found


def _doubt(line: Line, doubt: Doubt) -> None:
    line.doubt = line.doubt or doubt


def _doubt_all(part: Part, doubt: Doubt) -> None:
    for line in part.table.lines:
        _doubt(line, doubt)
