"""The cells of a survey: times, signals and bands as handsets, tools and spreadsheets write them.

Each function gives None where the cell says nothing, and raises Odd where it says what cannot be read.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from edge_agent.ledger.plain import says_nothing
from tables.codes import spelling

Band = Literal["2.4", "5", "6"]


class Odd(ValueError):
    """A cell that cannot be read."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"([+\-−–]?[0-9]{1,4}(?:\.[0-9]{1,6})?)(?:dbm?|分贝毫瓦|分贝)?", re.IGNORECASE)
_BAND = re.compile(r"(2\.4|5|6)(?:\.0)?(?:ghz|g)?", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_HALF = "上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|a\\.?m\\.?|p\\.?m\\.?"
# All that stands behind a date: a word that is none of these may say another hour.
_CLOCK = re.compile(
    r"(?:(?:星期|周)[一二三四五六日天] ?)?"
    rf"(?P<before>{_HALF})? ?"
    r"(?P<hour>[0-9]{1,2})[:：时点](?P<minute>[0-9]{1,2})(?:[:：分](?P<second>[0-9]{1,2})秒?)?"
    r"(?:[.,][0-9]{1,9})?分? ?"
    rf"(?P<behind>{_HALF})? ?"
    r"(?P<zone>z|utc|gmt|(?:utc|gmt)? ?(?P<east>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?)?",
    re.IGNORECASE,
)
# From 8:00 to 8:40, which a zone 8:40 west of Greenwich would look like.
_FROM_TO = re.compile(r"[^T]*?([0-9]{1,2}):([0-9]{2}) ?[-~–] ?([0-9]{1,2}):([0-9]{2})")
_LONGEST_WALK_MINUTES = 240
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]{1,15})?")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's moment has no zone


def time_ms(cell: str, zone: tzinfo) -> int | None:
    """A moment in ms since 1970 UTC; one without a zone is meant in `zone`."""
    if says_nothing(cell):
        return None
    plain = " ".join(cell.split())
    if plain.isdecimal() and len(plain) in {10, 13}:  # seconds or milliseconds since 1970
        return int(plain) * (1000 if len(plain) == 10 else 1)
    if _is_from_to(plain):
        raise Odd
    try:
        moment = _iso(plain) or _typed(plain)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        # In whole numbers: a float would round 0.001 s away.
        since = moment.astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise Odd from error
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _is_from_to(plain: str) -> bool:
    found = _FROM_TO.fullmatch(plain)
    if not found:
        return False
    hour, minute, last_hour, last_minute = map(int, found.groups())
    return 0 < (last_hour - hour) * 60 + last_minute - minute <= _LONGEST_WALK_MINUTES


def _iso(plain: str) -> datetime | None:
    # A blank before the zone is a habit of databases.
    try:
        return datetime.fromisoformat(re.sub(r"\s+(?=[+-][0-9:]+$)", "", plain))
    except ValueError:
        return None


def _typed(plain: str) -> datetime:
    """2026/11/20 8:00, 20.11.2026 8:00, 2026年11月20日 下午3:00, 46346.3333."""
    if _SERIAL.fullmatch(plain):
        seconds = (Decimal(plain) * 86_400).to_integral_value()
        return _SERIAL_ZERO + timedelta(seconds=int(seconds))
    day, clock = _date(plain)
    if not clock.strip():
        return datetime(*day)  # noqa: DTZ001 - the caller gives it the survey's zone
    shown = _CLOCK.fullmatch(clock.strip())
    if not shown or (shown["before"] and shown["behind"]):
        raise ValueError(clock)
    hour = _hour(int(shown["hour"]), (shown["before"] or shown["behind"] or "").lower())
    return datetime(*day, hour, int(shown["minute"]), int(shown["second"] or 0), tzinfo=_zone(shown))


def _hour(hour: int, half: str) -> int:
    """By 24 hours. Raises ValueError where hour and half of the day do not go together."""
    if half.startswith(("下", "傍", "晚", "p")):
        if hour == 12 and half.startswith(("傍", "晚")):
            raise ValueError(half)  # midnight, of the one day or of the next
        return hour + 12 if hour < 12 else hour
    if half.startswith("中"):
        return hour + 12 if hour < 3 else hour
    if half and hour > 12:
        raise ValueError(half)
    return 0 if half and hour == 12 else hour


def _zone(shown: re.Match[str]) -> tzinfo | None:
    if not shown["zone"]:
        return None
    if not shown["east"]:
        return UTC
    span = timedelta(hours=int(shown["hours"]), minutes=int(shown["minutes"] or 0))
    return timezone(span if shown["east"] == "+" else -span)


def _date(plain: str) -> tuple[tuple[int, int, int], str]:
    if found := _DATE.match(plain):
        return (int(found[1]), int(found[2]), int(found[3])), plain[found.end() :].lstrip("-T ")
    if found := _DAY_FIRST.match(plain):
        first, second, year = (int(found[at]) for at in (1, 2, 3))
        if (first > 12) == (second > 12) and first != second:
            raise ValueError(plain)  # the 3rd of April, or the 4th of March
        month, day = (second, first) if first > 12 else (first, second)
        return (year, month, day), plain[found.end() :].lstrip("-T ")
    raise ValueError(plain)


def signal(cell: str) -> int | None:
    """-61 from `-61`, `-61.0`, `-61dBm`; of -61.5 the weaker, -62, so that no limit is met by rounding.

    0 and above are no signal strength in dBm.
    """
    number = level(cell)
    if number is not None and not -127 <= number < 0:
        raise Odd
    return number


def level(cell: str) -> int | None:
    """A number of dB or dBm, down to the whole."""
    if says_nothing(cell):
        return None
    found = _NUMBER.fullmatch(spelling(cell))
    if not found:
        raise Odd
    number = Decimal(found[1].replace("−", "-").replace("–", "-"))
    return int(number.to_integral_value(rounding=ROUND_FLOOR))


def band(cell: str) -> Band | None:
    """`5`, `5GHz`, `2.4G`."""
    if says_nothing(cell):
        return None
    found = _BAND.fullmatch(spelling(cell).lower().replace("band", ""))
    if not found:
        raise Odd
    return found[1]  # type: ignore[return-value]  # one of the pattern's three


def band_of_frequency(cell: str) -> Band | None:
    """Of 5180, 5180MHz, 5.18GHz."""
    if says_nothing(cell):
        return None
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(mhz|ghz)?", spelling(cell).lower())
    if not found:
        raise Odd
    number = Decimal(found[1]) * (1000 if found[2] == "ghz" or Decimal(found[1]) < 10 else 1)
    bands: tuple[tuple[int, int, Band], ...] = ((2400, 2500, "2.4"), (4900, 5900, "5"), (5925, 7125, "6"))
    for low, high, name in bands:
        if low <= number <= high:
            return name
    raise Odd


def band_of_channel(cell: str) -> Band | None:
    """1 to 14 are 2.4 GHz, 32 to 177 are 5 GHz; 6 GHz counts anew and cannot be told by a channel."""
    if says_nothing(cell):
        return None
    found = re.match(r"([0-9]{1,3})(?![0-9])", spelling(cell))
    if found and 1 <= int(found[1]) <= 14:
        return "2.4"
    if found and 32 <= int(found[1]) <= 177:
        return "5"
    raise Odd
