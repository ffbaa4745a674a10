"""Entries of a stock-take laid beside registry and lists: what is taken, and what is told instead. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property

from registry import Registry
from registry.problems import Problem
from rules.inventory.subjects import Subject, Subjects, exact, found_key
from rules.stocktake.entries import Entry
from rules.stocktake.marks import contradicts
from rules.stocktake.titles import Field
from rules.stored.stocktakes import Outcome, StockLine
from runtime.language import Text

_ALIKE = 0.6
_MOST_LIKELY = 3
_OLDEST = date(2000, 1, 1)
# What a scanner may put around a number, and what a code of several parts has between them.
_LABELS = ("SN:", "S/N:", "SN=", "MAC:", "MAC=")
_BETWEEN = str.maketrans(dict.fromkeys(";,|=\n\t", " "))


@dataclass(frozen=True, kw_only=True)
class Lists:
    """What entries are laid beside. subjects: of each school. school: the only one that is told of."""

    registry: Registry
    subjects: Mapping[str, Subjects]
    school: str | None
    day: date | None
    today: date
    taken_ms: int

    @cached_property
    def called(self) -> Mapping[str, list[str]]:
        """The codes of schools by their name."""
        found: dict[str, list[str]] = defaultdict(list)
        for school in self.registry.schools.values():
            found[_plain(school.name)].append(school.school_code)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    entry: Entry
    line: StockLine
    subject: str


@dataclass(slots=True)
class Checked:
    """What came of it. unmarked: lines of the sheets without a mark, by school and file."""

    lines: list[StockLine] = field(default_factory=list)
    unmarked: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


class _Not(Exception):
    """An entry is not taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def check(entries: Sequence[Entry], lists: Lists) -> Checked:
    """Everything that is sure; what is not is in `problems`, each with its cell."""
    checked = Checked()
    sole = lists.school or _sole_school(entries, lists.registry)
    taken: list[_Taken] = []
    for entry in entries:
        try:
            found = _taken(entry, lists, sole, checked)
        except _Not as error:
            checked.problems.append(error.problem)
            continue
        if found is not None:
            taken.append(found)
    checked.lines = list(_without_twice(taken, checked))
    _tell_remarks(taken, checked)
    return checked


def _tell_remarks(taken: Sequence[_Taken], checked: Checked) -> None:
    """A remark may name a person: it stays where it was written, and that is said once a sheet."""
    sheets: dict[str, list[Entry]] = defaultdict(list)
    for found in taken:
        if found.entry.note:
            sheets[found.entry.sheet].append(found.entry)
    for entries in sheets.values():
        number = len(entries)
        what = Text(
            f"自此起共 {number} 行有备注；备注可能写到个人，不入库，请保存原文件",
            f"from here on {number} lines have a remark; it may name a person and is not kept: keep the file",
        )
        checked.notes.append(entries[0].problem(what, "note"))


def _sole_school(entries: Iterable[Entry], registry: Registry) -> str | None:
    """The school of lines that name none: the registry's only one, else the only one that any line names."""
    if len(registry.schools) == 1:
        return next(iter(registry.schools))
    named = {entry.school for entry in entries if entry.school}
    return next(iter(named)) if len(named) == 1 and named <= set(registry.schools) else None


def _taken(entry: Entry, lists: Lists, sole: str | None, checked: Checked) -> _Taken | None:
    if not any((entry.asset, entry.device, entry.serial, entry.mark.says_something)):
        if entry.name:
            what = Text("未读：没有编号，盘点也未填", "is not read: it has no number, and nothing is marked")
            checked.notes.append(entry.problem(what, "name", entry.name))
        return None  # a signature, a sum
    code = _school(entry, lists, sole)
    subjects = lists.subjects.get(code, Subjects())
    serial, meant = _meant(entry, subjects)
    if len(meant) > 1:
        raise _Not(entry.problem(_several(meant), "scan" if entry.scanned else None, entry.serial))
    subject = meant[0] if meant else None
    if not entry.mark.says_something and (subject is not None or not _is_new(entry)):
        _unmarked(entry, code, checked)
        return None
    if subject is None:
        _check_unlisted(entry, subjects)
    if subject is not None and entry.mark.there is False and _seen_elsewhere(entry, subject):
        what = Text(
            f"后来在 {subject.devices[0].room} 见到；此行不计",
            f"was seen in {subject.devices[0].room} since; this line does not count",
        )
        checked.notes.append(entry.problem(what, "room", entry.room))
        return None
    if contradicts(entry.mark, entry.note):
        what = Text(
            "备注与盘点不一致；请在盘点列写明", "the remark says otherwise; say it in the result column"
        )
        raise _Not(entry.problem(what, "note", entry.note))
    day, day_ms = _day_of(entry, lists)
    outcome: Outcome = "absent" if entry.mark.there is False else "seen" if subject else "found"
    line = StockLine(
        district=lists.registry.schools[code].district,
        school=code,
        file=entry.file,
        place=entry.place,
        day=day,
        day_ms=day_ms,
        taken_ms=lists.taken_ms,
        outcome=outcome,
        cell=entry.cell,
        asset=entry.asset,
        device=entry.device,
        serial=serial,
        name=entry.name,
        room=_room(entry, lists.registry, code, subject),
        broken=entry.mark.broken,
    )
    return _Taken(entry=entry, line=line, subject=f"{code} {subject.key if subject else found_key(line)}")


def _school(entry: Entry, lists: Lists, sole: str | None) -> str:
    schools = lists.registry.schools
    called = lists.called.get(_plain(entry.school_name), [])
    if entry.school:
        if entry.school not in schools:
            close = get_close_matches(entry.school, list(schools), n=1, cutoff=0.85)
            likely = [code for code in called if code not in close] + close
            raise _Not(entry.problem(_unknown_school(likely, lists.registry), "school", entry.school))
        if called and entry.school not in called:
            what = Text(
                "学校名称与标识码不是同一所学校；请改正其一",
                "the school's name is not that of its code; mend one of them",
            )
            raise _Not(entry.problem(what, "school_name", entry.school_name))
        code = entry.school
    elif len(called) == 1:
        code = called[0]
    elif sole is not None and not entry.school_name:
        code = sole
    else:
        what = Text(
            "不知道是哪所学校；请填写学校标识码，或用 --school 指定",
            "which school is not known; write its code, or name it with --school",
        )
        raise _Not(entry.problem(what, "school", entry.school_name))
    if lists.school is not None and code != lists.school:
        name = schools[code].name
        what = Text(f"是另一所学校（{name}）的行；未读入", f"is a line of another school ({name}); not taken")
        raise _Not(entry.problem(what, "school", code))
    return code


def _unknown_school(likely: Sequence[str], registry: Registry) -> Text:
    if not likely:
        return Text("登记表中没有此学校", "the registry has no such school")
    meant = likely[0]
    name = registry.schools[meant].name
    return Text(
        f"登记表中没有此学校；是否为 {meant} {name}？",
        f"the registry has no such school; is {meant} {name} meant?",
    )


def _meant(entry: Entry, subjects: Subjects) -> tuple[str, list[Subject]]:
    """What the entry's numbers name, and its serial number without what a scanner put around it."""
    serial = _bare(entry.serial)
    found = subjects.find(asset=entry.asset, device=entry.device, serial=serial)
    earlier = f"found {exact(entry.room)} {exact(entry.name)}"
    if not (entry.asset or entry.device or serial) and earlier in subjects.by_key:
        return serial, [subjects.by_key[earlier]]
    if not found and entry.scanned:
        parts = [_bare(part) for part in entry.serial.translate(_BETWEEN).split()]
        named = {subject.key: (part, subject) for part in parts for subject in subjects.find(serial=part)}
        if len(named) == 1:
            ((part, subject),) = named.values()
            return part, [subject]
    return serial, found


def _seen_elsewhere(entry: Entry, subject: Subject) -> bool:
    """Whether the line is one of several of a device, and not of the room in which it was seen last."""
    rooms = [device.room for device in subject.devices]
    return any(_same(entry.room, room) for room in rooms[1:]) and not _same(entry.room, rooms[0])


def _bare(serial: str) -> str:
    plain = serial.strip("*")
    for label in _LABELS:
        if plain.upper().replace("：", ":").startswith(label):
            return plain[len(label) :].strip()
    return plain


def _several(meant: Sequence[Subject]) -> Text:
    names = "、".join(_called(subject) for subject in meant[:_MOST_LIKELY])
    return Text(
        f"可能指几样东西（{names}）；请核对编号，只留对的",
        f"may mean several things ({names}); check the numbers, keep the right one",
    )


def _called(subject: Subject) -> str:
    if subject.asset is not None:
        return subject.asset.asset
    if subject.devices:
        return subject.devices[0].device
    return subject.key.partition(" ")[2]


def _is_new(entry: Entry) -> bool:
    """A line that was written in by hand: in a printed sheet it has no state. A scanned number is there."""
    return entry.printed and not entry.listed and bool(entry.asset or entry.device or entry.serial)


def _unmarked(entry: Entry, code: str, checked: Checked) -> None:
    checked.unmarked[code, entry.file] += 1
    if entry.note:
        what = Text(
            "写了备注而没有盘点；请在盘点列写明，否则算作未盘",
            "has a remark and no result; say it in the result column, else it counts as not looked at",
        )
        checked.notes.append(entry.problem(what, "note", entry.note))


def _check_unlisted(entry: Entry, subjects: Subjects) -> None:
    """A thing that stands in no list: new, or a number that does not hold any more."""
    numbers: tuple[tuple[Field, str], ...] = (
        ("asset", entry.asset),
        ("device", entry.device),
        ("serial", entry.serial),
    )
    for name, number in numbers:
        if number and (likely := subjects.alike(number)):
            what = Text(
                f"清单中没有；是否为 {likely}（表格软件可能去掉了前导零）？",
                f"is in no list; is {likely} meant (a spreadsheet may have dropped noughts)?",
            )
            raise _Not(entry.problem(what, name, number))
    number = next(filter(None, (entry.asset, entry.device, entry.serial)), "")
    if entry.listed and entry.listed not in _FOUND_BEFORE:
        what = Text(
            "这一行已不在清单中；请核对编号，或按新发现另写一行",
            "this line is in no list any more; check its numbers, or write it as a new line",
        )
        raise _Not(entry.problem(what, "asset" if entry.asset else "device", number))
    if entry.mark.there is False:
        what = Text("清单中没有，不能记为不在；请核对编号", "is in no list and cannot be missing; check it")
        raise _Not(entry.problem(what, None, number))
    if not number and not entry.name:
        what = Text("没有编号也没有名称；请填写其一", "has neither a number nor a name; write one of them")
        raise _Not(entry.problem(what))


_FOUND_BEFORE = ("盘点发现", "found")


def _room(entry: Entry, registry: Registry, code: str, subject: Subject | None) -> str:
    """Where it was found, as the registry calls the room; "" where the list has it."""
    mark = entry.mark
    if mark.there is False or (subject and subject.found and not mark.room):
        # What stands in no list and has no number is known by its room.
        return subject.found.room if subject and subject.found else ""
    if mark.room:
        return _registered(entry, mark.room, registry, code, "moved_to")
    if mark.moved:
        what = Text("写了移位，没有写移到哪间房", "is moved; say to which room")
        raise _Not(entry.problem(what, "moved_to"))
    if not entry.room:
        return ""
    listed = subject is not None and any(_same(entry.room, room) for room in subject.rooms)
    if subject is not None and listed and not _seen_elsewhere(entry, subject):
        return ""
    return _registered(entry, entry.room, registry, code, "room")


def _registered(entry: Entry, written: str, registry: Registry, code: str, column: Field) -> str:
    rooms = registry.rooms_of.get(code, ())
    same = [room.room for room in rooms if _same(written, room.room)]
    same = same or [room.room for room in rooms if _same(written, room.name)]
    if len(same) == 1:
        return same[0]
    names = {exact(name): room.room for room in rooms for name in (room.room, room.name) if name}
    close = get_close_matches(exact(written), list(names), n=_MOST_LIKELY, cutoff=_ALIKE)
    likely = same or list(dict.fromkeys(names[name] for name in close))
    listed = "、".join(likely[:_MOST_LIKELY])
    what = Text(
        "登记表中没有这间房" + (f"；是否为 {listed}？" if listed else ""),
        "the registry has no such room" + (f"; is {listed} meant?" if listed else ""),
    )
    at: Field = column if column in entry.columns else "result"
    raise _Not(entry.problem(what, at, written))


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and _plain(one or "") == _plain(other or "")


def _plain(text: str) -> str:
    return exact(text).casefold()


def _day_of(entry: Entry, lists: Lists) -> tuple[date, int]:
    """The day, and the moment at which it begins."""
    day = entry.day or lists.day
    if day is None:
        what = Text(
            "不知道是哪一天盘点的；请填写盘点日期，或用 --date 指定",
            "the day of the stock-take is not known; write it above the table, or give --date",
        )
        raise _Not(entry.problem(what))
    if not _OLDEST <= day <= lists.today:
        what = Text(f"盘点日期 {day} 不可能；请改正", f"the day {day} cannot be right; mend it")
        raise _Not(entry.problem(what, "day"))
    return day, lists.registry.calendar.end_of(day - timedelta(days=1))


def _without_twice(taken: Sequence[_Taken], checked: Checked) -> Iterable[StockLine]:
    """Each thing once a day: what is said twice alike is said once; what is denied is not taken."""
    groups: dict[tuple[str, date], list[_Taken]] = defaultdict(list)
    for found in taken:
        groups[found.subject, found.line.day].append(found)
    for group in groups.values():
        first = group[0]
        absent = {found.line.outcome == "absent" for found in group}
        rooms = {found.line.room for found in group if found.line.room}
        if len(absent) > 1 or len(rooms) > 1:
            places = "、".join(f"{found.entry.sheet} {found.entry.row}" for found in group[:4])
            what = Text(
                f"同一样东西有不同的结果（{places}）；请只留一个",
                f"one thing has several results ({places}); keep one",
            )
            checked.problems += [found.entry.problem(what) for found in group]
            continue
        if len(group) > 1 and not all(found.entry.scanned for found in group[1:]):
            what = Text(
                f"与第 {first.entry.row} 行是同一样；算一次",
                f"the same as line {first.entry.row}; counts once",
            )
            checked.notes.append(group[-1].entry.problem(what))
        broken = any(found.line.broken for found in group)
        yield replace(first.line, room=next(iter(rooms), ""), broken=broken)
