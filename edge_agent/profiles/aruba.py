"""Aruba controllers (WLSX-WLAN-MIB) and Aruba Instant (AI-AP-MIB), whose virtual controller is one of its
access points. The controller's own count covers other things than its table, and Instant has none: an access
point that is not in the table is unknown.
"""

from edge_agent.profiles.shape import ApState, Field, Fields, Profile, Table, by_mac, oids, rows
from edge_agent.profiles.values import (
    channel,
    channel_in_text,
    choice,
    clients,
    dbm_without_sign,
    number,
    percent,
    power_dbm,
    text,
    ticks,
    width_in_text,
)
from edge_agent.snmp.asking import Index

_WLSX = "1.3.6.1.4.1.14823.2.2.1.5.2.1"
_AP, _RADIO = f"{_WLSX}.4.1", f"{_WLSX}.5.1"
_STATES: dict[int, ApState] = {1: "up", 2: "down"}
_WIDTHS = {2: 20, 3: 40, 4: 20, 5: 40, 6: 80, 7: 160, 8: 160, 9: 20, 10: 40, 11: 80, 12: 160, 13: 160}

ARUBA = Profile(
    name="aruba",
    objects=(
        *oids("1.3.6.1.4.1.14823.1.1", "1.3.6.1.4.1.6486.800.1.1.2.2.2"),
        # As Dell sold them.
        *oids(*(f"1.3.6.1.4.1.674.10895.{number}" for number in range(5000, 5100))),
    ),
    probes=oids("1.3.6.1.4.1.14823.2.2.1.1.3.1.0", "1.3.6.1.4.1.14823.2.2.1.5.2.1.1.0"),
    split=by_mac,
    aps=Table(
        columns=(
            *rows(
                _AP,
                (19, "state", choice(_STATES)),
                (6, "serial", text),
                (3, "name", text),
                (13, "model", text),
                (34, "firmware", text),
            ),
            *rows(_AP, (12, "uptime_s", ticks), gauge=True),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                _RADIO,
                (2, "band", choice({1: "5", 2: "2.4", 3: "2.4"})),
                (3, "channel", channel),
                (13, "width_mhz", choice(_WIDTHS)),
            ),
            *rows(
                _RADIO,
                (17, "tx_power_dbm", number(-10, 36, scale=10)),
                (4, "tx_power_dbm", number(-10, 36, scale=2)),
                (6, "utilisation_pct", percent),
                (7, "clients", clients),
                gauge=True,
            ),
        ),
    ),
    # By access point, radio and BSSID.
    networks=Table(follows=7, columns=rows(f"{_WLSX}.7.1", (2, "ssid", text))),
)

_INSTANT = "1.3.6.1.4.1.14823.2.3.3.1.2"
_BANDS = {0: "5", 1: "2.4", 2: "6"}


def _band_by_number(fields: Fields, rest: Index) -> Fields:
    """Instant names no band: it is known by the radio's number, and must not contradict the channel."""
    band: Field = _BANDS.get(rest[0])
    told = fields.get("channel")
    if isinstance(told, int) and ((band == "2.4") != (told <= 14)) and band != "6":
        band = "2.4" if told <= 14 else "5"
    return {**fields, "band": band}


INSTANT = Profile(
    name="aruba-instant",
    objects=oids("1.3.6.1.4.1.14823.1.2"),
    probes=oids("1.3.6.1.4.1.14823.2.3.3.1.1.4.0"),
    split=by_mac,
    aps=Table(
        columns=(
            *rows(
                f"{_INSTANT}.1.1",
                (11, "state", choice(_STATES)),
                (4, "serial", text),
                (2, "name", text),
                (6, "model", text),
            ),
            *rows(f"{_INSTANT}.1.1", (9, "uptime_s", ticks), (7, "cpu_pct", percent), gauge=True),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                f"{_INSTANT}.2.1",
                (20, "up", choice({1: True, 2: False})),
                (4, "channel", channel_in_text),
                (4, "width_mhz", width_in_text),
            ),
            *rows(
                f"{_INSTANT}.2.1",
                (5, "tx_power_dbm", power_dbm),
                (8, "utilisation_pct", percent),
                (6, "noise_dbm", dbm_without_sign),
                (21, "clients", clients),
                gauge=True,
            ),
        ),
        finish=_band_by_number,
    ),
)
