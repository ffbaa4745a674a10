"""Probes in rooms: how well the campus network is heard there, measured by itself every day.

Of the campus networks the strongest counts, by band. Networks of others are counted in no way and never told.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contract import CollectorRun, Reading, RoomDevice, SignalSample
from edge_agent.collectors.base import Clock, Reads, Round, RunStatus, joined, shorten
from edge_agent.settings import ProbeSettings
from edge_agent.wifi.iw import Band, Bss, Scan, read_noise, read_scan
from edge_agent.wifi.probe_list import ListedProbe
from edge_agent.wifi.running import IwFailed, run_iw
from runtime.language import Text

_BANDS: tuple[Band, ...] = ("2.4", "5", "6")
_AT_ONCE = 8
# iw tells tenths; half a decibel counts to the weaker side.
_MOST_SNR = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The campus network in one band; dbm None: the band was heard, and the campus network not in it."""

    band: Band
    dbm: int | None
    snr_db: int | None = None


class Probe:
    """All probes of a school."""

    reads: Reads = "signal_sample"

    def __init__(self, settings: ProbeSettings, *, probes: Sequence[ListedProbe]) -> None:
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._probes = probes
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def collect(self, clock: Clock) -> Round:
        """Let every probe listen, several times."""
        told = await asyncio.gather(*(self._one(probe, clock) for probe in self._probes))
        return Round(
            runs=tuple(run for run, _, _ in told),
            readings=tuple(reading for _, readings, _ in told for reading in readings),
            words={run.target: why for run, _, why in told if why is not None},
        )

    async def _one(self, probe: ListedProbe, clock: Clock) -> tuple[CollectorRun, list[Reading], Text | None]:
        async with self._slots:
            started, readings = time.monotonic(), list[Reading]()
            status: RunStatus = "ok"
            problems: dict[str, Text] = {}
            done = 0
            for number in range(self._settings.scans):
                if number:
                    await asyncio.sleep(self._settings.pause_s)
                try:
                    samples, remark = await self._listen(probe)
                except IwFailed as error:
                    status, problems["iw"] = error.status, error.text
                    if error.status in {"auth", "config"}:
                        break
                    continue
                done += 1
                now = clock()
                readings += [_reading(probe, sample, now) for sample in samples]
                if remark is not None:
                    problems["scan"] = remark
            if done and problems:
                status = "partial"
            why = joined(list(problems.values())) if problems else None
            now = clock()
            readings.append(_of_probe(probe, now, heard=done > 0))
            run = CollectorRun(
                time=now,
                collector=self.id,
                target=probe.device,
                status=status,
                rows=done,
                expected=self._settings.scans,
                duration_ms=round((time.monotonic() - started) * 1000),
                reason=shorten(why.zh) if why is not None else None,
            )
            return run, readings, why

    async def _listen(self, probe: ListedProbe) -> tuple[list[Sample], Text | None]:
        """One scan. Raises IwFailed."""
        scan = read_scan(await run_iw(probe.command, "dev", probe.interface, "scan"))
        noise: dict[int, int] = {}
        remark = _remark(scan)
        try:
            noise = read_noise(await run_iw(probe.command, "dev", probe.interface, "survey", "dump"))
        except IwFailed as error:
            remark = joined([error.text, _NO_NOISE])
        return samples_of(scan, noise, ssids=frozenset(self._settings.ssids)), remark


_NO_NOISE = Text("底噪不详", "the noise is not known")


def samples_of(scan: Scan, noise: dict[int, int], *, ssids: frozenset[str]) -> list[Sample]:
    """A sample for every band in which anything was heard: a card that has no 5 GHz says nothing of it."""
    samples = []
    for band in _BANDS:
        heard = [bss for bss in scan.heard if bss.band == band]
        if not heard:
            continue
        best = _best(bss for bss in heard if bss.ssid in ssids)
        if best is not None:
            samples.append(_sample(band, best, noise))
        elif not scan.unread:
            samples.append(Sample(band=band, dbm=None))
    return samples


def _best(heard: Iterable[Bss]) -> Bss | None:
    return max(heard, key=lambda bss: bss.dbm, default=None)


def _sample(band: Band, best: Bss, noise: dict[int, int]) -> Sample:
    dbm = int(best.dbm // 1)
    floor = noise.get(best.mhz)
    snr = dbm - floor if floor is not None and 0 <= dbm - floor <= _MOST_SNR else None
    return Sample(band=band, dbm=dbm, snr_db=snr)


def _remark(scan: Scan) -> Text | None:
    if scan.unread:
        return Text(f"{scan.unread} 个网络读不懂", f"{scan.unread} networks could not be read")
    if not scan.heard:
        return Text("一个网络也没有听到：天线或网卡？", "heard no network at all: the aerial, or the card?")
    return None


def _reading(probe: ListedProbe, sample: Sample, now: int) -> SignalSample:
    return SignalSample(
        time=now,
        room=probe.room,
        point=probe.point,
        band=sample.band,
        rssi_dbm=sample.dbm,
        snr_db=sample.snr_db,
    )


def _of_probe(probe: ListedProbe, now: int, *, heard: bool) -> RoomDevice:
    return RoomDevice(time=now, device=probe.device, type="probe", room=probe.room, reachable=heard)
