"""Rooms opened down to their displays, access points and measuring points."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from contract import utc_text
from registry.exact import rounded
from rules.answers import rows
from rules.explain.explanation import Node
from rules.facts.facts import AccessPointFacts, DisplayFacts, Facts, RoomFacts, Sample
from rules.judging.multimedia import MultimediaRoom
from rules.judging.standing_in import role_of
from rules.judging.wireless import SchoolCoverage
from rules.words import NOTHING, Reason, joined, reason

_COVERAGE = ("area_class", "points", "points_covered", "points_required", "ap_samples", "ap_up")


def room_nodes(rooms: Iterable[MultimediaRoom], facts: Facts) -> Iterator[Node]:
    """Rooms of L7: what was declared, what was seen, and the devices that say so."""
    for room in rooms:
        seen = facts.room(room.school_code, room.room)
        yield Node(
            level="room",
            name=room.room,
            answer=room.seen,
            reason=room.reason,
            figures=(("declared", None if room.declared is None else str(int(room.declared))),),
            parts=(*_devices(seen), *_access_points(seen.aps)),
        )


def coverage_nodes(school: SchoolCoverage, facts: Facts | None) -> Iterator[Node]:
    """Rooms of wireless coverage: the points measured in each, and the access points that serve it."""
    for room in school.rooms:
        seen = facts.room(room.room.school_code, room.room.room) if facts else RoomFacts()
        required = room.points_required
        yield Node(
            level="room",
            name=room.room.room,
            answer=room.verdict,
            reason=room.reason,
            completeness=_points_share(room.points, required),
            figures=rows.texts(rows.of_room(room), *_COVERAGE),
            parts=(*(_sample(sample) for sample in seen.samples), *_access_points(seen.aps)),
        )


def lesson_nodes(rooms: Iterable[tuple[str, str]], facts: Facts) -> Iterator[Node]:
    """Rooms of utilisation, the unused first: lessons due, known and used, and the devices behind them."""
    for key in sorted(rooms, key=lambda room: _use(room, facts)):
        use = facts.use.get(key)
        seen = facts.room(*key)
        timetabled = _timetabled(key, facts)
        if use is None:
            why = joined(reason("display.none"), timetabled)
            yield Node(level="room", name=key[1], reason=why, parts=tuple(_devices(seen)))
            continue
        over = facts.lessons_due(*key)
        yield Node(
            level="room",
            name=key[1],
            reason=joined(reason("seen.lessons", used=use.lessons_used, known=use.lessons_known), timetabled),
            completeness=rounded(Fraction(use.lessons_known, over), 4) if over else None,
            figures=(
                ("lessons_over", str(over)),
                ("lessons_known", str(use.lessons_known)),
                ("lessons_used", str(use.lessons_used)),
                ("device_days", str(use.device_days)),
                ("device_days_on", rounded(use.on_days, 4)),
            ),
            parts=tuple(_devices(seen)),
        )


def _use(room: tuple[str, str], facts: Facts) -> int:
    """0: no lesson that is known used it, 1: nothing is known, 2: in use."""
    use = facts.use.get(room)
    if use is None or not use.lessons_known:
        return 1
    return 2 if use.lessons_used else 0


def _timetabled(room: tuple[str, str], facts: Facts) -> Reason:
    """How many lessons the room has by the timetable; nothing where that does not name it."""
    if room not in facts.own:
        return NOTHING
    return reason("seen.timetabled", lessons=facts.lessons_due(*room))


def _devices(seen: RoomFacts) -> Iterator[Node]:
    """Displays, then what may stand in for them."""
    for display in (*seen.displays, *seen.stand_ins):
        yield Node(
            level="device",
            name=reason("seen.device", device=display.device, type=display.type),
            reason=joined(_answers(display), role_of(display, seen)),
            completeness=rounded(Fraction(display.answered, display.polls), 4) if display.polls else None,
            figures=(
                ("polls", str(display.polls)),
                ("answered", str(display.answered)),
                ("working", str(display.working)),
                ("faulty", str(display.faulty)),
                ("days_answered", str(display.days_answered)),
            ),
        )


def _answers(display: DisplayFacts) -> Reason:
    return reason(
        "seen.answers",
        polls=display.polls,
        answered=display.answered,
        working=display.working,
        faulty=display.faulty,
    )


def _access_points(aps: Iterable[AccessPointFacts]) -> Iterator[Node]:
    for ap in aps:
        yield Node(
            level="access_point",
            name=ap.ap,
            answer=ap.last_state,
            reason=reason("seen.states", polls=ap.polls, known=ap.known, up=ap.up),
            completeness=rounded(Fraction(ap.known, ap.polls), 4) if ap.polls else None,
            figures=(("polls", str(ap.polls)), ("known", str(ap.known)), ("up", str(ap.up))),
        )


def _sample(sample: Sample) -> Node:
    silent = sample.rssi_dbm is None
    return Node(
        level="point",
        name=f"{sample.point} {sample.band} GHz",
        reason=reason("seen.silence") if silent else reason("seen.signal", rssi_dbm=str(sample.rssi_dbm)),
        figures=(
            ("time", utc_text(sample.time_ms)),
            ("rssi_dbm", None if sample.rssi_dbm is None else str(sample.rssi_dbm)),
            ("snr_db", None if sample.snr_db is None else str(sample.snr_db)),
            ("ap", sample.ap),
        ),
    )


def _points_share(points: int, required: int | None) -> str | None:
    return rounded(min(Fraction(points, required), Fraction(1)), 4) if required else None
