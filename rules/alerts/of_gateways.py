"""What a gateway says of itself, as numbers and reasons: silence, clock, spool, certificate, settings."""

from contract import certificate_days_left, renewal_due, spool_taken_pct, utc_ms
from rules.alerts.certificates import NOT_DUE, certificate_reason
from rules.words import NOTHING, Reason, clock_reason, joined, reason, stored
from store import Row

_MB = 1_000_000

SETTINGS = (
    *("online", "settings_version", "settings_wanted", "settings_master"),
    *("settings_not_taken", "settings_outcome", "settings_reason"),
)


def silence(row: Row, instant_ms: int) -> int:
    return (instant_ms - (row.time or 0)) // 1000


def silent_for(row: Row, instant_ms: int) -> Reason:
    return reason("alert.silent", minutes=silence(row, instant_ms) // 60)


def clock_wrong(row: Row, _: int) -> int | None:
    offset_ms = row.values["clock_offset_ms"]
    return None if offset_ms is None else abs(int(offset_ms)) // 1000


def clock(row: Row, _: int) -> Reason:
    return clock_reason(int(row.values["clock_offset_ms"] or 0))


def waiting(row: Row, _: int) -> int | None:
    """How long the oldest batch had waited when the gateway said so, by the server's clock."""
    oldest, waits = _text(row, "oldest_pending"), (row.values["pending"], row.values["inherited"])
    if oldest is None:
        # The account comes whole: nothing is the oldest where nothing waits.
        return 0 if waits[0] is not None and not any(waits) else None
    offset_ms = int(row.values["clock_offset_ms"] or 0)
    return max(0, (row.time or 0) - utc_ms(oldest) - offset_ms) // 1000


def waiting_for(row: Row, instant_ms: int) -> Reason:
    number = int(row.values["pending"] or 0) + int(row.values["inherited"] or 0)
    return reason("alert.waiting", number=number, hours=(waiting(row, instant_ms) or 0) // 3600)


def spool_full(row: Row, _: int) -> int | None:
    most, room = row.values["spool_max_bytes"], row.values["spool_room_bytes"]
    return spool_taken_pct(None if most is None else int(most), None if room is None else int(room))


def room_left(row: Row, _: int) -> Reason:
    most, room = row.values["spool_max_bytes"], row.values["spool_room_bytes"]
    return reason("alert.room_left", room=int(room or 0) // _MB, most=-(-int(most or 0) // _MB))


def certificate_ended(row: Row, instant_ms: int) -> int | None:
    """Days since its certificate ended; below 0 those that are left."""
    until = _text(row, "certificate_until")
    if until is None:
        return None
    if not renewal_due(_text(row, "certificate_renews"), instant_ms):
        return NOT_DUE
    return -certificate_days_left(until, instant_ms)


def certificate_ends(row: Row, instant_ms: int) -> Reason:
    """In how many days it ends, and why it was not renewed where that is known."""
    until, trouble = _text(row, "certificate_until"), _text(row, "certificate_trouble")
    if until is None:
        return NOTHING
    ends = certificate_reason(certificate_days_left(until, instant_ms))
    return joined(ends, reason(f"alert.renewal_{trouble}") if trouble else NOTHING)


def settings_behind(row: Row, _: int) -> int | None:
    """1 where other settings run than those it heard to be wanted, or the school keeps its own."""
    running, heard = row.values["settings_version"], row.values["settings_wanted"]
    if running is None:
        return None
    keeps_its_own = row.values["settings_master"] == "school" and row.values["settings_not_taken"] is not None
    return int(keeps_its_own or (heard is not None and heard != running))


def settings_taken_back(row: Row, _: int) -> int | None:
    """1 from the moment that a version was taken back until a later one runs."""
    running, left = row.values["settings_version"], row.values["settings_not_taken"]
    if running is None:
        return None
    taken_back = row.values["settings_outcome"] == "rolled_back" and left is not None
    return int(taken_back and int(running) < int(left or 0))


def settings_told(row: Row, _: int) -> Reason:
    running, heard = row.values["settings_version"], row.values["settings_wanted"]
    versions = reason("alert.settings", running=int(running or 0), wanted=int(heard or 0))
    return joined(versions, stored(_text(row, "settings_reason"), None))


def _text(row: Row, name: str) -> str | None:
    value = row.values[name]
    return None if value is None else str(value)
