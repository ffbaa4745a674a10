"""The handset of a walking survey: one CSV file a walk, one line a point and band."""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

from firmware_sim.propagation import BANDS
from firmware_sim.world import Campus

HEADER = ("time", "room", "point", "band", "rssi_dbm", "snr_db", "ap")
# From one measuring point to the next, and a moment to measure.
STEP_S = 2


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
    points = list(campus.layout.points())
    found: list[tuple[str, ...]] = []
    for steps_left, point in zip(reversed(range(len(points))), points, strict=True):
        moment = int(time) - steps_left * STEP_S
        for band in BANDS:
            signal = campus.signal(point, band, moment)
            found.append(
                (
                    f"{_utc(moment):%Y-%m-%dT%H:%M:%SZ}",
                    point.room.code,
                    point.name,
                    band,
                    "" if signal.rssi_dbm is None else str(signal.rssi_dbm),
                    "" if signal.snr_db is None else str(signal.snr_db),
                    signal.ap,
                )
            )
    return found


def _utc(time: float) -> datetime:
    return datetime.fromtimestamp(int(time), UTC)
