"""Ruijie RG-WS: RUIJIE-AC-MGMT-MIB, RUIJIE-RRM-MIB, RUIJIE-WLAN-FIT-AP-CF-MIB.

Rows are indexed by the access point's six MAC octets; radios also by the radio's number. RUIJIE-AP-MIB is
about aggregate ports, not about access points.
"""

from edge_agent.profiles.shape import ApState, ColumnRow, Profile, Table, by_mac, oids, rows
from edge_agent.profiles.values import (
    band_of_channel,
    channel,
    choice,
    clients,
    dbm,
    percent,
    text,
    ticks,
)
from edge_agent.snmp.asking import oid_of

_RJ = "1.3.6.1.4.1.4881.1.1.10.2"
_AP, _GENERAL = f"{_RJ}.56.2.1.1.1", f"{_RJ}.56.2.1.8.1"
_RADIO, _LOAD = f"{_RJ}.56.2.1.2.1", f"{_RJ}.63.1.4.4.1"
_STATES: dict[int, ApState] = {1: "up", 2: "down"}

RUIJIE = Profile(
    name="ruijie",
    objects=oids("1.3.6.1.4.1.4881.1.3.1.1"),
    # All, and those that are online; the kind of controller is what only a controller has.
    counts=oids(f"{_RJ}.56.1.1.81.0", f"{_RJ}.56.1.1.11.0"),
    joined=oids(f"{_RJ}.56.1.1.11.0"),
    probes=oids(f"{_RJ}.56.1.1.31.0"),
    split=by_mac,
    aps=Table(
        columns=(
            # The general table has every access point; the other's state only those that are online.
            *rows(_GENERAL, (3, "state", choice(_STATES))),
            *rows(
                _AP,
                (48, "state", choice(_STATES)),
                (32, "serial", text),
                (2, "name", text),
                (39, "model", text),
                (37, "firmware", text),
            ),
            *rows(_AP, (34, "clients", clients), (52, "uptime_s", ticks), gauge=True),
            *rows(_GENERAL, (11, "cpu_pct", percent), (13, "memory_pct", percent), gauge=True),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(f"{_RJ}.81.2.3.1.1", (7, "up", choice({0: True, 1: False, 2: False}))),
            *rows(_RADIO, (11, "channel", channel), (11, "band", band_of_channel)),
            # Column 17 of the radio table is dBm on some models and percent on others: it is not read.
            *rows(_LOAD, (3, "utilisation_pct", percent), (4, "clients", clients), gauge=True),
            ColumnRow(
                oid=oid_of(f"{_RJ}.63.1.4.6.1.2"), field="noise_dbm", read=dbm, gauge=True, by_channel=True
            ),
        ),
    ),
)
