"""What other tools heard: tables with SSID and signal (WiFi Analyzer, NetSpot, Acrylic, Ekahau), and scans.

A network that a tool heard has no room and no measuring point: whoever imports says where it was.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from edge_agent.survey import cells
from edge_agent.survey.columns import Columns, columns_of
from runtime.errors import os_reason
from runtime.language import Text
from tables.opening import open_sheets
from tables.sheets import Row, Unreadable
from tables.text_table import decode

_HEADER_WITHIN = 40
_IW = re.compile(r"^BSS ([0-9a-f:]{17})", re.IGNORECASE | re.MULTILINE)
_NETSH = re.compile(r"^\s*SSID\s+[0-9]+\s*[:：]", re.MULTILINE)
_NO_EXPORT = Text(
    "不是可识别的导出文件：需要有 SSID 和信号强度的表，或 netsh、iw 的扫描结果",
    "no export that is known: a table of SSID and signal is needed, or a scan of netsh or iw",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One network at one moment. time_ms None: the export does not say when. rssi None: it says no signal."""

    ssid: str
    bssid: str
    band: cells.Band
    rssi_dbm: int | None
    snr_db: int | None = None
    time_ms: int | None = None


_HIDDEN = re.compile(
    r"[<\[({*]*\s*(?:hidden(?: (?:ssid|network))?|隐藏(?:的?(?:网络|SSID))?|无名称)\s*[>\])}*]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds, and the lines of it that could not be read."""

    heard: tuple[Heard, ...]
    unread: tuple[str, ...]


def read_export(path: Path, zone: tzinfo) -> Export:
    """Read any of the forms. Raises Unreadable."""
    text = _text(path)
    if text is not None and _IW.search(text):
        return _iw(text)
    if text is not None and _NETSH.search(text):
        return _netsh(text)
    return _table(path, zone)


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > 4 * 1024**2:
            return None
        raw = path.read_bytes()
        return None if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) else decode(raw)
    except OSError as error:
        raise Unreadable(
            Text(f"无法读取：{os_reason(error).zh}", f"cannot be read: {os_reason(error).en}")
        ) from error


# Tables


def _table(path: Path, zone: tzinfo) -> Export:
    heard: list[Heard] = []
    unread: list[str] = []
    found = False
    for sheet in open_sheets(path):
        columns: Columns = {}
        for at, row in enumerate(sheet.rows):
            if "rssi" in (here := columns_of(row)) and ("ssid" in here or "bssid" in here):
                columns, found = here, True
            elif columns:
                if row.hidden or {columns["rssi"]} & (row.struck | row.unsolved):
                    unread.append(str(row.number))
                    continue
                try:
                    heard.append(_network(row, columns, zone))
                except cells.Odd:
                    unread.append(str(row.number))
            elif at > _HEADER_WITHIN:
                break
    if not found:
        raise Unreadable(_NO_EXPORT)
    return Export(tuple(heard), tuple(unread))


def _network(row: Row, columns: Columns, zone: tzinfo) -> Heard:
    def text(name: str) -> str:
        return next((row.cells.get(at, "") for field, at in columns.items() if field == name), "")

    rssi = cells.signal(text("rssi"))
    snr = _level(text("snr"))
    noise = _level(text("noise"))
    if snr is None and rssi is not None and noise is not None and -127 <= noise < 0:
        snr = rssi - noise
    return Heard(
        ssid=_name(text("ssid")),
        bssid=text("bssid").lower(),
        band=_band(text("band"), text("frequency"), text("channel")),
        rssi_dbm=rssi,
        snr_db=snr,
        time_ms=_time(text("time"), zone),
    )


def _level(text: str) -> int | None:
    try:
        return cells.level(text)
    except cells.Odd:
        return None


def _time(text: str, zone: tzinfo) -> int | None:
    """None for an age (1s ago) as for nothing."""
    try:
        return cells.time_ms(text, zone)
    except cells.Odd:
        return None


def _band(band: str, frequency: str, channel: str) -> cells.Band:
    for read, text in (
        (cells.band, band),
        (cells.band_of_frequency, frequency),
        (cells.band_of_channel, channel),
    ):
        try:
            if (found := read(text)) is not None:
                return found
        except cells.Odd:
            continue
    raise cells.Odd


# iw dev wlan0 scan


def _iw(text: str) -> Export:
    heard: list[Heard] = []
    unread: list[str] = []
    starts = [found.start() for found in _IW.finditer(text)]
    for begin, end in zip(starts, [*starts[1:], len(text)], strict=True):
        block = text[begin:end]
        values = {
            key.strip().lower(): value.strip()
            for key, _, value in _pairs(block.splitlines()[1:])
            if key.strip()
        }
        try:
            heard.append(
                Heard(
                    ssid=_name(_unescaped(values.get("ssid", ""))),
                    bssid=block[4:21].lower(),
                    band=_band("", values.get("freq", ""), ""),
                    rssi_dbm=cells.signal(values.get("signal", "")),
                )
            )
        except cells.Odd:
            unread.append(str(text.count("\n", 0, begin) + 1))
    return Export(tuple(heard), tuple(unread))


def _name(ssid: str) -> str:
    """The network's name; empty for one that hides it, however the tool shows that."""
    plain = ssid.strip(" \x00")
    return "" if _HIDDEN.fullmatch(plain) else plain


def _unescaped(ssid: str) -> str:
    r"""`iw` prints what is not ASCII as \xe6\xbb\xa8."""
    raw = re.sub(
        rb"\\x([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), ssid.encode("utf-8", "replace")
    )
    return raw.decode("utf-8", "replace")


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Key and value of lines like `signal: -61.00 dBm`, of one key the first."""
    seen: set[str] = set()
    for line in lines:
        key, mark, value = line.replace("：", ":").partition(":")
        if mark and key.strip().lower() not in seen:
            seen.add(key.strip().lower())
            yield key, mark, value


# netsh wlan show networks mode=bssid, in English and Chinese

_SIGNAL, _RSSI = ("signal", "信号"), ("rssi",)
_CHANNEL, _BAND = ("channel", "频道", "信道", "通道"), ("band", "波段", "频带", "频段")


def _netsh(text: str) -> Export:
    heard: list[Heard] = []
    unread: list[str] = []
    ssid, bssid, began = "", "", 0
    values: dict[str, str] = {}

    def close() -> None:
        if not bssid:
            return
        try:
            heard.append(_netsh_network(ssid, bssid, values))
        except cells.Odd:
            unread.append(str(began))

    for number, line in enumerate(text.splitlines(), 1):
        key, mark, value = line.replace("：", ":").partition(":")
        name = key.strip().lower()
        if mark and re.fullmatch(r"ssid\s+[0-9]+", name):
            close()
            ssid, bssid, values = value.strip(), "", {}
        elif mark and re.fullmatch(r"bssid\s*[0-9]+", name):
            close()
            bssid, values, began = value.strip().lower(), {}, number
        elif mark and bssid:
            values.setdefault(name, value.strip())
    close()
    return Export(tuple(heard), tuple(unread))


def _netsh_network(ssid: str, bssid: str, values: dict[str, str]) -> Heard:
    def text(names: tuple[str, ...]) -> str:
        return next((values[name] for name in names if name in values), "")

    return Heard(
        ssid=_name(ssid),
        bssid=bssid,
        band=_band(text(_BAND), "", text(_CHANNEL)),
        rssi_dbm=cells.signal(text(_RSSI)) if text(_RSSI) else _of_quality(text(_SIGNAL)),
    )


def _of_quality(text: str) -> int:
    """Windows shows a quality of 0 to 100 % for -100 to -50 dBm, in a straight line; down to the whole."""
    found = re.fullmatch(r"([0-9]{1,3})\s*[%％]", text.strip())
    if not found or int(found[1]) > 100:
        raise cells.Odd
    return int(found[1]) // 2 - 100
