"""The periods by which a class expires: months or years of UTC, so that dropping one is deleting a file."""

import re
from datetime import UTC, datetime
from functools import lru_cache

from contract import Kept

Period = str
_FORMS: dict[Kept, str] = {"readings": "%Y-%m", "states": "%Y-%m", "days": "%Y"}
# Where these end is one moment; of days a later year may be dropped while an earlier one is held.
IN_ORDER: tuple[Kept, ...] = ("readings", "states")
_NAMED = re.compile(r"(readings|states)-(\d{4})-(0[1-9]|1[0-2])|(days)-(\d{4})")


def period_of(kept: Kept, time_ms: int) -> Period:
    """`readings-2026-11`, `days-2026`: the class and the month or year that a moment is in."""
    return _of_hour(kept, time_ms // 3_600_000)


@lru_cache(4096)  # asked for every point that is written
def _of_hour(kept: Kept, hour: int) -> Period:
    moment = datetime.fromtimestamp(hour * 3600, UTC)
    return f"{kept}-{moment.strftime(_FORMS[kept])}"


def expires(kept: Kept) -> bool:
    """Whether a class is divided into periods at all."""
    return kept in _FORMS


def is_period(name: str) -> bool:
    return _NAMED.fullmatch(name) is not None


def class_of(period: Period) -> Kept:
    kept = period.partition("-")[0]
    return next(known for known in _FORMS if known == kept)


def span_of(period: Period) -> tuple[int, int]:
    """Its begin and its end, ms since 1970, begin <= time < end."""
    year, month, *_ = (int(part) for part in (*period.split("-")[1:], "1"))
    yearly = class_of(period) == "days"
    begin = datetime(year, month, 1, tzinfo=UTC)
    over = yearly or month == 12
    end = datetime(year + 1, 1, 1, tzinfo=UTC) if over else datetime(year, month + 1, 1, tzinfo=UTC)
    return round(begin.timestamp() * 1000), round(end.timestamp() * 1000)
