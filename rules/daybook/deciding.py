"""What has to be done about one school's day, from what its record says it was made from. Pure."""

from typing import Literal

from rules.daybook.basis import OUTLIVED
from rules.daybook.questions import DaySpans
from rules.daybook.records import Record

# look: count for this look alone, and write nothing. later: count, but not at once.
Wanted = Literal["count", "later", "look", "derive", "nothing"]
# A share that is at work counts today in a tenth of the time, every few minutes.
_BEHIND_MS = 3_600_000


def counted_further(record: Record, spans: DaySpans) -> bool:
    """Whether the entry knows more of the day than there is now: a clock was set back since, or another
    program's is ahead. What is counted now would be less, and no reading is gone."""
    return min(record.until_ms, spans.whole.end_ms) > spans.until_ms


def due_until(record: Record, spans: DaySpans) -> int:
    """Up to when readings were due of a day that another share counts: as far as that has counted it.

    Where it is away, what it has not counted was due all the same, and is not known.
    """
    behind_ms = min(spans.until_ms, spans.hours.end_ms) - record.until_ms
    away = behind_ms > _BEHIND_MS or spans.whole.end_ms <= spans.until_ms
    return spans.until_ms if away else record.until_ms


def wanted(
    spans: DaySpans,
    record: Record | None,
    *,
    covers: str,
    counted_by: str,
    derived_by: str,
    resting: bool,
    revise: bool,
) -> Wanted:
    """covers: what touched the day by now. resting: today was counted a moment ago."""
    if record is None:
        return "count"
    # What touched a day is never taken back; it expires with the readings.
    touched = record.covers != covers and covers != ""
    if record.counted_by not in {counted_by, counted_by + OUTLIVED}:
        return "count" if revise and not counted_further(record, spans) else "look"
    if spans.until_ms < spans.hours.end_ms:
        if counted_further(record, spans):
            return "look"
        if record.until_ms < spans.until_ms or touched:
            return "later" if resting else "count"
    elif record.until_ms < spans.hours.end_ms or touched:
        return "look" if counted_further(record, spans) else "count"
    elif record.until_ms < spans.whole.end_ms <= spans.until_ms:
        return "count"  # for good: clocks that run ahead may have told of an hour before it was there
    return "nothing" if record.derived_by == derived_by or not revise else "derive"
