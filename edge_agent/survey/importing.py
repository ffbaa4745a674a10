"""Another tool's export in this project's form: for one room, one point, and the campus network alone."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from edge_agent.survey.exports import Heard
from runtime.errors import UserError
from runtime.language import Text

COLUMNS = ("time", "room", "point", "band", "rssi_dbm", "snr_db", "ap")
_MOST_NAMES = 20


def survey_rows(
    heard: Iterable[Heard], *, room: str, point: str, ssids: Sequence[str], time_ms: int
) -> list[tuple[str, ...]]:
    """One row for every moment and band: the strongest of the campus networks, or that none was heard.

    time_ms: for what the export gives no time. A band in which the tool heard others and not these has no
    signal there. Raises UserError where it heard nothing at all, or none of these networks is named.
    """
    everything = list(heard)
    if not everything:
        raise UserError(Text("文件中没有任何无线网络", "the file holds no network at all"))
    if not ssids:
        raise UserError(_choose(everything))
    rows: list[tuple[str, ...]] = []
    bands = sorted({one.band for one in everything})
    for moment in sorted({one.time_ms or time_ms for one in everything if one.ssid in ssids} or {time_ms}):
        for band in bands:
            ours = [
                one
                for one in everything
                if one.ssid in ssids and one.band == band and (one.time_ms or time_ms) == moment
            ]
            best = max(ours, key=_strength, default=None)
            if best is not None or not any(one.ssid in ssids and one.band == band for one in everything):
                rows.append(_row(moment, room, point, band, best))
    return rows


def written(rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as a file of our form."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


def _strength(one: Heard) -> int:
    return -999 if one.rssi_dbm is None else one.rssi_dbm


def _row(time_ms: int, room: str, point: str, band: str, best: Heard | None) -> tuple[str, ...]:
    time = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    rssi = best.rssi_dbm if best else None
    snr = best.snr_db if best else None
    return (
        time,
        room,
        point,
        band,
        "" if rssi is None else str(rssi),
        "" if snr is None else str(snr),
        best.bssid if best else "",
    )


def _choose(heard: Iterable[Heard]) -> Text:
    names = sorted({one.ssid for one in heard if one.ssid})[:_MOST_NAMES]
    return Text(
        f"请用 --ssid 指明校园网的名称；文件中有：{'、'.join(names) or '（都没有名称）'}",
        f"name the campus network with --ssid; the file has: {', '.join(names) or '(none with a name)'}",
    )
