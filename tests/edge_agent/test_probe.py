"""Probes: what `iw` prints, a simulated one in a room, and the ways in which it fails."""

import asyncio
import sys
from pathlib import Path

import pytest

from contract import RoomDevice, SignalSample
from edge_agent.collectors.base import Round
from edge_agent.collectors.probe import Probe, Sample, samples_of
from edge_agent.settings import ProbeSettings
from edge_agent.wifi.iw import Bss, Scan, read_noise, read_scan
from edge_agent.wifi.probe_list import read_probes
from firmware_sim import World, load_scenario
from firmware_sim.propagation import BAND_FACTS
from runtime import ConfigError
from tests.firmware_sim.conftest import CASES, LESSON

SCENARIO = CASES / "rooms" / "scenario.toml"
SCHOOL = "0112000004"

# iw 5.19's own format.
SCAN = """BSS a4:39:b3:00:00:01(on wlan1) -- associated
\tlast seen: 12.345s [boottime]
\tTSF: 123456789 usec (0d, 00:02:03)
\tfreq: 5180.0
\tbeacon interval: 100 TUs
\tsignal: -61.50 dBm
\tlast seen: 40 ms ago
\tInformation elements from Probe Response frame:
\tSSID: \\xe6\\xbb\\xa8\\xe6\\xb5\\xb7\\\\1
\tBSS Load:
\t\t * channel utilisation: 61/255
BSS a4:39:b3:00:00:02(on wlan1)
\tfreq: 2437
\tsignal: -77.00 dBm
\tSSID:{blank}
""".replace("{blank}", " ")


def test_a_scan_is_read_name_by_name() -> None:
    found = read_scan(SCAN)
    assert (found.unread, [(bss.band, bss.dbm, bss.ssid) for bss in found.heard]) == (
        0,
        [("5", -61.5, "滨海\\1"), ("2.4", -77.0, "")],
    )


@pytest.mark.parametrize(
    "line",
    [
        "\tsignal: 0.00 dBm",
        "\tsignal: -61.50",
        "\tsignal: 12 dBm",
        "",
        "\tSignal : -61 dBm",
    ],
)
def test_a_network_without_a_level_is_counted_as_unread(line: str) -> None:
    assert read_scan(SCAN.replace("\tsignal: -61.50 dBm", line)).unread == 1


def test_the_noise_is_told_by_frequency_and_no_noise_is_none() -> None:
    text = (
        "Survey data from wlan1\n\tfrequency:\t\t\t5180 MHz [in use]\n\tnoise:\t\t\t\t-95 dBm\n"
        "Survey data from wlan1\n\tfrequency:\t\t\t2412 MHz\n\tnoise:\t\t\t\t0 dBm\n"
        "Survey data from wlan1\n\tfrequency:\t\t\t2437 MHz\n"
    )
    assert read_noise(text) == {5180: -95}


def bss(mhz: int, dbm: float, ssid: str) -> Bss:
    return Bss(bssid="a4:39:b3:00:00:01", mhz=mhz, dbm=dbm, ssid=ssid)


@pytest.mark.parametrize(
    ("heard", "unread", "expected"),
    [
        ([bss(5180, -61.5, "C"), bss(5200, -50, "other")], 0, [Sample(band="5", dbm=-62, snr_db=33)]),
        ([bss(5180, -61.5, "C"), bss(5200, -58, "C")], 0, [Sample(band="5", dbm=-58)]),
        # The campus network is not heard in a band in which others are.
        ([bss(2412, -50, "other")], 0, [Sample(band="2.4", dbm=None)]),
        # One of those that could not be read may be it.
        ([bss(2412, -50, "other")], 1, []),
        ([], 0, []),
    ],
)
def test_of_the_campus_networks_the_strongest_counts(
    heard: list[Bss], unread: int, expected: list[Sample]
) -> None:
    scan = Scan(heard=tuple(heard), unread=unread)
    assert samples_of(scan, {5180: -95}, ssids=frozenset({"C"})) == expected


def collect(folder: Path, command: str, *, scans: int = 1) -> Round:
    (folder / "probes.csv").write_text(f'room,interface,command\n101,wlan1,"{command}"\n', encoding="utf-8")
    settings = ProbeSettings.model_validate(
        {"id": "p", "probes": "probes.csv", "ssids": ["Campus"], "scans": scans, "pause_s": 0.01},
        context={"folder": folder},
    )
    return asyncio.run(
        Probe(settings, probes=read_probes(settings.probes)).collect(lambda: int(LESSON * 1000))
    )


def simulated(*options: str) -> str:
    words = (sys.executable, "-m", "firmware_sim.rooms.iw", str(SCENARIO), SCHOOL, "101", *options, "--")
    return " ".join(words)


def test_a_simulated_probe_hears_what_its_room_has(tmp_path: Path) -> None:
    result = collect(tmp_path, simulated("--at", str(LESSON)))
    campus = World(load_scenario(str(SCENARIO))).campus(SCHOOL)
    point = next(one for one in campus.layout.points() if one.room.code == "101")
    true = {band: campus.signal(point, band, LESSON).rssi_dbm for band in BAND_FACTS}
    heard = {one.band: one.rssi_dbm for one in result.readings if isinstance(one, SignalSample)}
    assert (heard, result.runs[0].status) == (true, "ok")
    assert {one.snr_db for one in result.readings if isinstance(one, SignalSample)} == {
        dbm - BAND_FACTS[band].noise_dbm for band, dbm in true.items() if dbm is not None
    }


def test_networks_of_others_are_not_told(tmp_path: Path) -> None:
    said = repr(collect(tmp_path, simulated("--at", str(LESSON))))
    assert [word for word in ("a4:39:b3", "02:51:00", "家里", "Campus-Guest") if word in said] == []


@pytest.mark.parametrize(
    ("script", "status", "word"),
    [
        ("echo 'command failed: Operation not permitted (-1)' >&2; exit 255", "auth", "CAP_NET_ADMIN"),
        ("echo 'command failed: No such device (-19)' >&2; exit 237", "config", "没有这个无线网卡"),
        ("echo 'command failed: Device or resource busy (-16)' >&2; exit 240", "timeout", "正忙"),
        ("echo 'zhangsan@probe: Permission denied' >&2; exit 255", "refused", "退出码 255"),
        ("exit 0", "partial", "一个网络也没有听到"),
        ("yes 'BSS a4:39:b3:00:00:01(on wlan1)' | head -c 3000000", "decode", "输出过多"),
        ("case $3 in scan) printf 'BSS a4:39:b3:00:00:01\\n\\tfreq: 5180\\n';; esac", "partial", "读不懂"),
    ],
)
def test_what_fails_is_told_and_makes_no_sample(tmp_path: Path, script: str, status: str, word: str) -> None:
    tool = tmp_path / "iw"
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)
    result = collect(tmp_path, str(tool))
    samples = [one for one in result.readings if isinstance(one, SignalSample)]
    assert (samples, result.runs[0].status, word in (result.runs[0].reason or "")) == ([], status, True)
    assert "zhangsan" not in repr(result)


def test_a_probe_without_its_program_is_a_mistake_and_unreachable(tmp_path: Path) -> None:
    result = collect(tmp_path, "/no/such/iw", scans=3)
    (probe,) = (one for one in result.readings if isinstance(one, RoomDevice))
    assert (result.runs[0].status, probe.reachable, probe.type) == ("config", False, "probe")


def test_a_wrong_line_of_the_list_is_named(tmp_path: Path) -> None:
    file = tmp_path / "probes.csv"
    for row, problem in (("101,wlan1,ssh 'x", "引号"), ("101,wlan1,\n101,wlan2,", "出现两次")):
        file.write_text(f"room,interface,command\n{row}\n", encoding="utf-8")
        with pytest.raises(ConfigError, match=problem):
            read_probes(file)
