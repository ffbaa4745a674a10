"""The handset of a walking survey: one CSV file a walk, one line a point and band."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from firmware_sim.layout import Point
from firmware_sim.propagation import BANDS, Band
from firmware_sim.states import Signal
from firmware_sim.world import Campus

HEADER = ("time", "room", "point", "band", "rssi_dbm", "snr_db", "ap")
# From one measuring point to the next, and a moment to measure.
STEP_S = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measurement; `time` in seconds UTC."""

    time: int
    point: Point
    band: Band
    signal: Signal


def write_walk(campus: Campus, folder: Path, *, time: float, keep: int | None = None) -> Path:
    """Write the walk that ends at `time` (seconds UTC); of older walks in `folder`, `keep` files remain.

    The file appears under its name only when it is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"walk-{_utc(time):%Y%m%dT%H%M%SZ}.csv"
    unfinished = file.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(walk(campus, time=time))
    os.replace(unfinished, file)
    if keep is not None:
        for old in sorted(folder.glob("walk-*.csv"))[:-keep]:
            old.unlink()
    return file


def walk(campus: Campus, *, time: float) -> list[tuple[str, ...]]:
    """The lines of the walk that ends at `time`; empty cells where nothing was heard."""
    return [
        (
            f"{_utc(sample.time):%Y-%m-%dT%H:%M:%SZ}",
            sample.point.room.code,
            sample.point.name,
            sample.band,
            "" if sample.signal.rssi_dbm is None else str(sample.signal.rssi_dbm),
            "" if sample.signal.snr_db is None else str(sample.signal.snr_db),
            sample.signal.ap,
        )
        for sample in samples(campus, time=time)
    ]


def samples(campus: Campus, *, time: float) -> Iterator[Sample]:
    """What the handset measures on the walk that ends at `time`, point by point."""
    points = list(campus.layout.points())
    for steps_left, point in zip(reversed(range(len(points))), points, strict=True):
        moment = int(time) - steps_left * STEP_S
        for band in BANDS:
            yield Sample(time=moment, point=point, band=band, signal=campus.signal(point, band, moment))


def _utc(time: float) -> datetime:
    return datetime.fromtimestamp(int(time), UTC)
