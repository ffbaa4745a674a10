"""`iw` on a simulated probe: python -m firmware_sim.rooms.iw SCENARIO SCHOOL ROOM dev wlan1 scan

It prints what iw 5.19 prints: the campus networks as the room's first measuring point hears them, the
neighbours' own, a hidden one, and lines that only some cards have. --at sets the moment, --fault what fails.
"""

import argparse
import sys
import time
from collections.abc import Iterator

from firmware_sim.chance import between
from firmware_sim.propagation import BAND_FACTS, BANDS, Band
from firmware_sim.scenario_file import load_scenario
from firmware_sim.world import Campus, World

NETWORK = "Campus"
_MHZ: dict[Band, int] = {"2.4": 2412, "5": 5180}
_REFUSALS = {
    "denied": "command failed: Operation not permitted (-1)",
    "missing": "command failed: No such device (-19)",
    "busy": "command failed: Device or resource busy (-16)",
}


def scan(campus: Campus, room: str, now: float) -> Iterator[str]:
    """The lines of `iw dev wlan1 scan`."""
    point = next(one for one in campus.layout.points() if one.room.code == room)
    for number, band in enumerate(BANDS):
        signal = campus.signal(point, band, now)
        if signal.rssi_dbm is not None:
            for guest, name in enumerate((NETWORK, f"{NETWORK}-Guest")):
                yield from _bss(f"02:51:00:00:{number:02x}:{guest:02x}", _MHZ[band], signal.rssi_dbm, name)
        strength = -between(62, 88, campus.school.code, room, band, int(now // 600))
        yield from _bss(
            f"a4:39:b3:00:00:{number:02x}", _MHZ[band] + 20, strength, r"\xe5\xae\xb6\xe9\x87\x8c"
        )
        yield from _bss(f"a4:39:b3:00:01:{number:02x}", _MHZ[band], strength - 3, "")


def survey(campus: Campus) -> Iterator[str]:
    """The lines of `iw dev wlan1 survey dump`."""
    for band in BANDS:
        yield "Survey data from wlan1"
        yield f"\tfrequency:\t\t\t{_MHZ[band]} MHz{' [in use]' if band == '5' else ''}"
        yield f"\tnoise:\t\t\t\t{BAND_FACTS[band].noise_dbm} dBm"
        yield "\tchannel active time:\t\t1280 ms"
        yield "\tchannel busy time:\t\t311 ms"


def _bss(bssid: str, mhz: int, dbm: float, ssid: str) -> Iterator[str]:
    yield f"BSS {bssid}(on wlan1)"
    yield "\tlast seen: 1234.567s [boottime]"
    yield "\tTSF: 123456789 usec (0d, 00:02:03)"
    yield f"\tfreq: {mhz}"
    yield "\tbeacon interval: 100 TUs"
    yield "\tcapability: ESS Privacy (0x0011)"
    yield f"\tsignal: {dbm:.2f} dBm"
    yield "\tlast seen: 40 ms ago"
    yield f"\tSSID: {ssid}"
    yield "\tBSS Load:"
    yield "\t\t * station count: 7"
    yield "\t\t * channel utilisation: 61/255"


def main() -> None:
    """Be `iw`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario")
    parser.add_argument("school")
    parser.add_argument("room")
    parser.add_argument("--at", type=float, default=None)
    parser.add_argument("--fault", choices=sorted(_REFUSALS), default=None)
    parser.add_argument("words", nargs="+")
    given = parser.parse_args()
    if given.fault is not None:
        print(_REFUSALS[given.fault], file=sys.stderr)  # noqa: T201 - iw's own complaint
        sys.exit(240)
    campus = World(load_scenario(given.scenario)).campus(given.school)
    now = time.time() if given.at is None else given.at
    lines = survey(campus) if given.words[2:3] == ["survey"] else scan(campus, given.room, now)
    print("\n".join(lines))  # noqa: T201 - a program's output


if __name__ == "__main__":
    main()
