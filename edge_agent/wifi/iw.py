"""What `iw dev … scan` and `iw dev … survey dump` print (iw 4 to 6), as far as a probe needs it.

Lines that are not understood are counted only where they belong to what is needed; iw prints much else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Band = Literal["2.4", "5", "6"]

_BSS = re.compile(r"^BSS (?P<bssid>[0-9a-f]{2}(?::[0-9a-f]{2}){5})", re.IGNORECASE)
_FREQUENCY = re.compile(r"\s+freq:\s*(?P<mhz>\d{4})(?:\.\d+)?\s*$")
_SIGNAL = re.compile(r"\s+signal:\s*(?P<dbm>-?\d{1,3}(?:\.\d+)?)\s*dBm\s*$")
_SSID = re.compile(r"\s+SSID: ?(?P<ssid>.*)$")
_LOAD = re.compile(r"\s+\* channel utili[sz]ation:\s*(?P<share>\d{1,3})/255")
_SURVEY = re.compile(r"^Survey data from ")
_SURVEY_FREQUENCY = re.compile(r"\s+frequency:\s*(?P<mhz>\d{4}) MHz")
_NOISE = re.compile(r"\s+noise:\s*(?P<dbm>-\d{1,3}) dBm")
_ESCAPED = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bss:
    """One network of one radio, as it was heard. ssid "": hidden."""

    bssid: str
    mhz: int
    dbm: float
    ssid: str

    @property
    def band(self) -> Band | None:
        return band_of(self.mhz)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """unread: networks of which frequency or signal could not be read."""

    heard: tuple[Bss, ...]
    unread: int


def read_scan(text: str) -> Scan:
    """All networks of a scan."""
    heard: list[Bss] = []
    unread = 0
    for block in _blocks(text, _BSS):
        found = _bss(block)
        if found is None:
            unread += 1
        else:
            heard.append(found)
    return Scan(heard=tuple(heard), unread=unread)


def read_noise(text: str) -> dict[int, int]:
    """The noise floor by frequency. Above -50 dBm it is no noise but a driver that does not know it."""
    found: dict[int, int] = {}
    for block in _blocks(text, _SURVEY):
        mhz, dbm = _first(block, _SURVEY_FREQUENCY, "mhz"), _first(block, _NOISE, "dbm")
        if mhz is not None and dbm is not None and -127 <= int(dbm) <= -50:
            found[int(mhz)] = int(dbm)
    return found


def band_of(mhz: int) -> Band | None:
    """The band of a frequency; None where it is none of Wi-Fi's."""
    if 2400 <= mhz <= 2500:
        return "2.4"
    if 5150 <= mhz <= 5925:
        return "5"
    return "6" if 5925 < mhz <= 7125 else None


def _blocks(text: str, head: re.Pattern[str]) -> Iterator[list[str]]:
    """The lines of each block, from its head to the next one."""
    block: list[str] = []
    for line in text.splitlines():
        if head.match(line):
            if block:
                yield block
            block = [line]
        elif block:
            block.append(line)
    if block:
        yield block


def _bss(block: list[str]) -> Bss | None:
    head = _BSS.match(block[0])
    mhz, dbm = _first(block, _FREQUENCY, "mhz"), _first(block, _SIGNAL, "dbm")
    if head is None or mhz is None or dbm is None or not -127 <= float(dbm) < 0 or band_of(int(mhz)) is None:
        return None
    return Bss(
        bssid=head["bssid"].lower(),
        mhz=int(mhz),
        dbm=float(dbm),
        ssid=_plain(_first(block, _SSID, "ssid") or ""),
    )


def _first(block: list[str], pattern: re.Pattern[str], name: str) -> str | None:
    return next((match[name] for line in block if (match := pattern.match(line)) is not None), None)


def _plain(printed: str) -> str:
    r"""A network's name. `iw` prints what is not ASCII as \xe6\xbb\xa8, and a backslash as \\."""
    raw = _ESCAPED.sub(
        lambda match: bytes((int(match[1], 16),)) if match[1] else match[2], printed.encode(errors="replace")
    )
    try:
        return raw.decode("utf-8").strip("\0")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace").strip("\0")
