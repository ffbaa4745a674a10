"""Rounds over the school's papers: walking surveys and the asset ledger, as its gateway tells them."""

import datetime as dt
from collections.abc import Iterator

from contract import LEDGER_RUN
from firmware_sim.history.span import LEDGER, SURVEY, Told
from firmware_sim.ledger import lines
from firmware_sim.survey import samples
from firmware_sim.world import Campus

FOLDER = "folder"
# Nothing of a school's ledger is told by its words: what they mean is.
_STATUS = {"在用": "in_use", "报废": "scrapped"}


def survey_round(campus: Campus, *, walk: float | None, interval_s: int, told_ms: int) -> Iterator[Told]:
    """What lies in the survey's folder: the walk that ended at `walk`, or nothing new."""
    number = 0
    if walk is not None:
        for sample in samples(campus, time=walk):
            number += 1
            yield {
                "kind": "signal_sample",
                "time": sample.time * 1000,
                "room": sample.point.room.code,
                "point": sample.point.name,
                "band": sample.band,
                "rssi_dbm": sample.signal.rssi_dbm,
                "snr_db": sample.signal.snr_db,
                "ap": sample.signal.ap or None,
            }
    yield {
        "kind": "collector_run",
        "time": told_ms,
        "collector": SURVEY,
        "target": FOLDER,
        "status": "ok",
        "rows": number,
        "expected": number,
        "unread": 0,
        "duration_ms": 1,
        "reads": "signal_sample",
        "interval_s": interval_s,
    }


def ledger_round(campus: Campus, *, time: float, tell: bool, interval_s: int, told_ms: int) -> Iterator[Told]:
    """The whole ledger where it is due, else that nothing has changed."""
    run: Told = {
        "kind": "collector_run",
        "time": told_ms,
        "collector": LEDGER,
        "status": "ok",
        "reads": "asset",
        "interval_s": interval_s,
    }
    found = list(lines(campus, time=time)) if tell else []
    for line in found:
        entry = line.entry
        yield {
            "kind": "asset",
            "time": told_ms,
            "asset": entry.asset,
            "name": entry.name,
            "category": entry.code,
            "room": line.room or None,
            "serial": entry.serial or None,
            "model": line.model,
            "quantity": entry.pieces,
            "value_fen": entry.fen,
            "acquired": dt.date(*line.acquired).isoformat(),
            "status": _STATUS[entry.status],
        }
    if not found:
        why = None if campus.school.ledger_cny is not None else "文件夹中没有台账"
        yield run | {"target": FOLDER, "duration_ms": 1, "reason": why}
        return
    counts = {"rows": len(found), "expected": len(found), "unread": 0, "left_out": 0, "duration_ms": 900}
    for target in ("file-1/sheet-1", LEDGER_RUN):
        yield run | counts | {"target": target}
