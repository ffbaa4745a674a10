"""What an evaluation rests on, school by school: what counts, and what was left out and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from registry import Registry, School
from rules.answers.terminal import titled
from rules.facts.evidence import STANDING_IN
from rules.facts.facts import AccessPointFacts, DisplayFacts, Facts, LedgerFacts, RoomFacts
from rules.judging.equipment import AssetUse
from rules.judging.evaluate import Evaluation
from rules.judging.matching import Unmatched
from rules.judging.multimedia import may_be_multimedia
from rules.judging.standing_in import is_needed, role_of, stands_for
from rules.standards.standard import Evidence
from rules.stored.late import LateDay
from rules.words import NOTHING, Reason, name, worded
from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInput:
    """A device in one room: since when it was seen in the window, and whether it counts.

    evidence: by what it speaks, at its weakest; None where it said nothing, and of access points. stands_for:
    the displays of the room that a class PC or plug speaks for. role: both in words.
    """

    room: str
    device: str
    type: str
    first_day: date | None
    last_ms: int
    asked: int
    answered: int
    counts: bool
    evidence: Evidence | None = None
    stands_for: tuple[str, ...] = ()
    role: Reason = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerInput:
    """A school's asset ledger: lines it has, lines read, and how many count or do not, by reason."""

    told_ms: int
    lines: int
    read: int
    counted: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolInputs:
    """Everything of one school. marks: its rooms by mark (yes, no, empty); figures: items of the form."""

    school: School
    basis: str
    figures: int
    marks: Counter[str]
    devices: tuple[DeviceInput, ...]
    surveyed: int
    ledger: LedgerInput | None
    left_out: tuple[Unmatched, ...]
    late: tuple[LateDay, ...] = ()

    @property
    def reasons(self) -> list[Reason]:
        """Why something was left out, one each."""
        return [*(found.reason for found in self.left_out), *(found.reason for found in self.late)]


def inputs_of(
    evaluation: Evaluation, registry: Registry, late: Iterable[LateDay] = ()
) -> Iterator[SchoolInputs]:
    """Every school in the registry's order; late: what came too late, whenever that was."""
    late_of: dict[str, list[LateDay]] = defaultdict(list)
    for day in late:
        late_of[day.school].append(day)
    facts = evaluation.facts
    for school in registry.schools.values():
        code = school.school_code
        rooms = registry.rooms_of[code]
        yield SchoolInputs(
            school=school,
            basis=evaluation.basis_of(code),
            figures=sum(key[0] == code for key in registry.statistics),
            marks=Counter(_MARKS[room.multimedia] for room in rooms),
            devices=() if facts is None else tuple(_devices(registry, code, evaluation, facts)),
            surveyed=0 if facts is None else sum(bool(facts.room(code, room.room).samples) for room in rooms),
            ledger=None if facts is None else _ledger(facts.ledgers.get(code), code, evaluation.assets),
            left_out=tuple(found for found in evaluation.unmatched if found.school == code),
            late=tuple(late_of[code]),
        )


def strangers_of(evaluation: Evaluation, registry: Registry) -> list[Unmatched]:
    """Schools of which readings came and which the registry does not name."""
    return [found for found in evaluation.unmatched if found.school not in registry.schools]


_COUNTS = Text("是", "yes")
_COUNTS_NOT = Text("否", "no")
_WHY_NOT = Text(
    "  不计入：已移走、停用、无此房间、非多媒体教室，或见“依据”",
    "  what does not count: moved, retired, no such room, no classroom, or as said under By",
)
_MARKS = {True: "yes", False: "no", None: "empty"}


def _devices(registry: Registry, code: str, evaluation: Evaluation, facts: Facts) -> Iterator[DeviceInput]:
    rooms, rule = {room.room: room for room in registry.rooms_of[code]}, evaluation.standard.observation
    for (school, number), seen in sorted(facts.rooms.items()):
        if school == code:
            room = rooms.get(number)
            multimedia = room is not None and may_be_multimedia(room, seen, rule)
            yield from (_display(number, one, seen, counts=multimedia) for one in seen.displays)
            needed = multimedia and is_needed(seen)
            yield from (_display(number, one, seen, counts=needed) for one in seen.stand_ins)
            yield from (_access_point(number, ap, known=room is not None) for ap in seen.aps)


def _display(room: str, display: DisplayFacts, seen: RoomFacts, *, counts: bool) -> DeviceInput:
    speaks = display.type not in STANDING_IN or display.answered > 0
    return DeviceInput(
        room=room,
        device=display.device,
        type=display.type,
        first_day=display.first_day,
        last_ms=display.last_ms,
        asked=display.polls,
        answered=display.answered,
        counts=display.here and counts and speaks,
        evidence=display.evidence if display.answered else None,
        stands_for=stands_for(display, seen),
        role=role_of(display, seen),
    )


def _access_point(room: str, ap: AccessPointFacts, *, known: bool) -> DeviceInput:
    return DeviceInput(
        room=room,
        device=ap.ap,
        type="access_point",
        first_day=ap.first_day,
        last_ms=ap.last_ms,
        asked=ap.polls,
        answered=ap.known,
        counts=ap.here and known,
    )


def _ledger(ledger: LedgerFacts | None, code: str, assets: Iterable[AssetUse]) -> LedgerInput | None:
    if ledger is None:
        return None
    return LedgerInput(
        told_ms=ledger.time_ms,
        lines=ledger.lines,
        read=len(ledger.assets),
        counted=Counter(use.counted for use in assets if use.school_code == code),
    )


def inputs_table(
    found: Iterable[SchoolInputs], registry: Registry, strangers: Iterable[Unmatched] = ()
) -> RenderableType:
    """A heading, a table of devices and what was left out, for every school; then schools nobody knows."""
    zone = registry.calendar.zone
    return Group(
        *(part for inputs in found for part in _school(inputs, zone)),
        *(Styled(f"! {worded(stranger.reason)}") for stranger in strangers),
    )


def _school(inputs: SchoolInputs, zone: ZoneInfo) -> Iterator[RenderableType]:
    school, marks = inputs.school, inputs.marks
    basis = name("bases", inputs.basis)
    rooms = Text(
        f"房间：是 {marks['yes']}，否 {marks['no']}，空白 {marks['empty']}；有测点 {inputs.surveyed} 间",
        f"rooms: yes {marks['yes']}, no {marks['no']}, empty {marks['empty']}; {inputs.surveyed} surveyed",
    )
    figures = Text(f"报表数 {inputs.figures} 项", f"{inputs.figures} figures of the form")
    yield Styled(f"{school.name} {school.school_code} · {basis}", style="bold")
    yield Styled(f"  {figures} · {rooms}")
    yield Styled(f"  {_ledger_text(inputs.ledger, zone)}")
    if inputs.devices:
        yield _device_table(inputs.devices, zone)
        if not all(device.counts for device in inputs.devices):
            yield Styled(str(_WHY_NOT), style="dim")
    for why in inputs.reasons:
        yield Styled(f"  ! {worded(why)}")


def _ledger_text(ledger: LedgerInput | None, zone: ZoneInfo) -> str:
    if ledger is None:
        return str(Text("资产台账：无", "asset ledger: none"))
    parts = ", ".join(f"{name('counted', what)} {number}" for what, number in sorted(ledger.counted.items()))
    told = _minute(ledger.told_ms, zone)
    return str(
        Text(
            f"资产台账（{told}）：{ledger.lines} 行，读取 {ledger.read} 行（{parts}）",
            f"asset ledger ({told}): {ledger.lines} lines, {ledger.read} read ({parts})",
        )
    )


def _device_table(devices: Iterable[DeviceInput], zone: ZoneInfo) -> Table:
    table = titled("")
    for title in (
        Text("房间", "Room"),
        Text("设备", "Device"),
        Text("类型", "Type"),
        Text("首次", "First"),
        Text("最近", "Last"),
        Text("应答/询问", "Answered/asked"),
        Text("是否计入", "Counts"),
    ):
        table.add_column(str(title), no_wrap=True)
    table.add_column(str(Text("依据", "By")))
    for device in devices:
        table.add_row(
            device.room or str(Text("（无房间）", "(no room)")),
            device.device,
            name("device_types", device.type),
            "–" if device.first_day is None else device.first_day.isoformat(),
            _minute(device.last_ms, zone),
            f"{device.answered}/{device.asked}",
            str(_COUNTS if device.counts else _COUNTS_NOT),
            worded(device.role),
        )
    return table


def _minute(ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def inputs_dicts(
    found: Iterable[SchoolInputs], strangers: Iterable[Unmatched] = ()
) -> list[dict[str, object]]:
    """The same for JSON; a school that the registry does not name has no name."""
    known = [_dict(inputs) for inputs in found]
    return known + [
        {"school_code": stranger.school, "name": None, "left_out": [worded(stranger.reason)]}
        for stranger in strangers
    ]


def _dict(inputs: SchoolInputs) -> dict[str, object]:
    return {
        "school_code": inputs.school.school_code,
        "name": inputs.school.name,
        "basis": inputs.basis,
        "figures": inputs.figures,
        "rooms": {mark: inputs.marks[mark] for mark in _MARKS.values()},
        "rooms_surveyed": inputs.surveyed,
        "ledger": None
        if (ledger := inputs.ledger) is None
        else {
            "told_ms": ledger.told_ms,
            "lines": ledger.lines,
            "read": ledger.read,
            "counted": dict(ledger.counted),
        },
        "devices": [
            {
                "room": device.room or None,
                "device": device.device,
                "type": device.type,
                "first_day": None if device.first_day is None else device.first_day.isoformat(),
                "last_ms": device.last_ms,
                "asked": device.asked,
                "answered": device.answered,
                "counts": device.counts,
                "evidence": device.evidence,
                "stands_for": list(device.stands_for),
                "role": worded(device.role) or None,
            }
            for device in inputs.devices
        ],
        "left_out": [worded(why) for why in inputs.reasons],
    }
