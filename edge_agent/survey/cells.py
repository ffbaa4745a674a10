"""The cells of a survey: times, signals and bands as handsets, tools and spreadsheets write them.

Each function gives None where the cell says nothing, and raises Odd where it says what cannot be read.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
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
_CLOCK = re.compile(r"([0-9]{1,2})[:：时]([0-9]{1,2})(?:[:：分]([0-9]{1,2})秒?)?(?:[.,]([0-9]{1,9}))?分?")
_HALF = re.compile(r"上午|下午|中午|晚上|凌晨|a\.?m\.?|p\.?m\.?", re.IGNORECASE)
_ZONE = re.compile(r"(?:utc|gmt)?([+-][0-9]{2}:?(?:[0-9]{2})?|z)$", re.IGNORECASE)
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]{1,15})?")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's moment has no zone


def time_ms(cell: str, zone: tzinfo) -> int | None:
    """A moment in ms since 1970 UTC; one without a zone is meant in `zone`."""
    if says_nothing(cell):
        return None
    plain = " ".join(cell.split())
    if plain.isdecimal() and len(plain) in {10, 13}:  # seconds or milliseconds since 1970
        return int(plain) * (1000 if len(plain) == 10 else 1)
    try:
        moment = _iso(plain) or _typed(plain)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        # In whole numbers: a float would round 0.001 s away.
        since = moment.astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise Odd from error
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


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
    zone = _ZONE.search(plain)
    date, clock = _date(plain)
    shown = _CLOCK.search(clock)
    half = _HALF.search(clock)
    hour, minute, second = (int(shown[at] or 0) for at in (1, 2, 3)) if shown else (0, 0, 0)
    if half and half[0].lower()[0] in "下晚p" and hour < 12:
        hour += 12
    elif half and half[0].lower()[0] in "上凌a" and hour == 12:
        hour = 0
    if clock.strip() and not shown:
        raise ValueError(clock)
    text = f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}T{hour:02d}:{minute:02d}:{second:02d}"
    return datetime.fromisoformat(text + (zone[1] if zone and shown else ""))


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
