"""Another tool's export in this project's form: for one room, one point, and the campus network alone."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from edge_agent.survey.exports import Heard
from runtime.errors import UserError
from runtime.language import Text

COLUMNS = ("time", "room", "point", "band", "rssi_dbm", "snr_db", "ap")
_MOST_NAMES = 20


def survey_rows(
    heard: Iterable[Heard], *, room: str, point: str, ssids: Sequence[str], time_ms: int, whole: bool
) -> list[tuple[str, ...]]:
    """One row for every moment and band: the strongest of the campus networks, or that none was heard.

    time_ms: for what the export gives no time. A band in which the tool heard others and not these has no
    signal there, unless a line of the export could not be read (`whole` is false) or a network has no name:
    it may have been one of these. Raises UserError where it heard nothing at all, none of these networks is
    named, or the file has nearly such a name.
    """
    everything = list(heard)
    if not everything:
        nothing = Text("文件中没有任何无线网络", "the file holds no network at all")
        unread = Text("没有一行能读出信号（应为 dBm）", "no line has a signal that can be read (in dBm)")
        raise UserError(nothing if whole else unread)
    if not ssids:
        raise UserError(_choose(everything))
    ours = [cell for cell in everything if cell.ssid in ssids]
    best: dict[tuple[int, str], Heard | None] = {}
    for cell in ours:
        key = (cell.time_ms or time_ms, cell.band)
        known = best.get(key)
        if known is None or _strength(cell) > _strength(known):
            best[key] = cell
    if not ours and (meant := _nearly(everything, ssids)):
        raise UserError(meant)
    if whole:
        first = min((moment for moment, _ in best), default=time_ms)
        for band in (
            {cell.band for cell in everything} - {cell.band for cell in ours} - nameless_bands(everything)
        ):
            best[first, band] = None
    return [_row(moment, room, point, band, best[moment, band]) for moment, band in sorted(best)]


def nameless_bands(heard: Iterable[Heard]) -> set[str]:
    """Where a network that hides its name was heard."""
    return {cell.band for cell in heard if not cell.ssid}


def not_heard(heard: Sequence[Heard], ssids: Sequence[str]) -> Text | None:
    """What to say where none of the campus networks is in the file: it is written as no signal."""
    if {cell.ssid for cell in heard} & set(ssids):
        return None
    asked, names = "、".join(ssids), "、".join(_names(heard)) or "—"
    return Text(
        f"没有听到 {asked}，按无信号写出；文件中有：{names}",
        f"{asked} was not heard and is written as no signal; the file has: {names}",
    )


def _nearly(heard: Iterable[Heard], ssids: Sequence[str]) -> Text | None:
    """A name is what it is to the last letter: one that differs in case, width or blanks alone is a slip."""
    plain = {_plain(name): name for name in _names(heard)}
    for ssid in ssids:
        if meant := plain.get(_plain(ssid)):
            return Text(
                f"文件中没有 {ssid}，是否应为 {meant}？", f"the file has no {ssid}; is {meant} meant?"
            )
    return None


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _names(heard: Iterable[Heard]) -> list[str]:
    return sorted({cell.ssid for cell in heard if cell.ssid})[:_MOST_NAMES]


def written(rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as a file of our form."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


def _strength(cell: Heard) -> int:
    return -999 if cell.rssi_dbm is None else cell.rssi_dbm


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
    names = _names(heard)
    return Text(
        f"请用 --ssid 指明校园网的名称；文件中有：{'、'.join(names) or '（都没有名称）'}",
        f"name the campus network with --ssid; the file has: {', '.join(names) or '(none with a name)'}",
    )
