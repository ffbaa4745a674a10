"""Cisco AireOS and Catalyst 9800: AIRESPACE-WIRELESS-MIB, CISCO-LWAPP-AP-MIB.

Rows are indexed by the six octets of the access point's radio MAC; radios also by their slot, from 0. An
access point that is down has no row. A slot that the load table does not have is none that works: 9800
list slots of other hardware.
"""

from edge_agent.profiles.shape import ApState, ColumnRow, Fields, Profile, Table, by_mac, oids, rows
from edge_agent.profiles.values import (
    channel,
    choice,
    clients,
    dbm,
    mac,
    number,
    percent,
    text,
)
from edge_agent.snmp.asking import Index, oid_of

_AP, _LWAPP = "1.3.6.1.4.1.14179.2.2.1.1", "1.3.6.1.4.1.9.9.513.1.1.1.1"
_RADIO, _LOAD = "1.3.6.1.4.1.14179.2.2.2.1", "1.3.6.1.4.1.14179.2.2.13.1"
_STATES: dict[int, ApState] = {
    1: "up",
    2: "starting",
    3: "starting",
}  # associated, disassociating, downloading
_WIDTHS = {3: 20, 4: 40, 5: 80, 6: 160, 7: 160}
_PRODUCTS = (
    *(828, 1069, 1279, 1295, 1615, 1631, 1926, 1927, 2170, 2171, 2427, 2825, 2958),  # AireOS
    *(2391, 2530, 2531, 2669, 2860, 2861, 3323, 3324, 3325),  # Catalyst 9800
)


def _power_of_level(fields: Fields, rest: Index) -> Fields:
    """The power is told as a level, and the dBm of each level as a list."""
    level, levels = fields.pop("level", None), fields.pop("levels", None)
    if isinstance(level, int) and isinstance(levels, str):
        listed = levels.split(",")
        found = listed[level - 1].strip() if 1 <= level <= len(listed) else ""
        fields["tx_power_dbm"] = int(found) if found.isdecimal() and int(found) <= 36 else None
    return fields


CISCO = Profile(
    name="cisco",
    objects=(
        *oids(*(f"1.3.6.1.4.1.9.1.{number}" for number in _PRODUCTS)),
        *oids("1.3.6.1.4.1.14179.1.1.4", "1.3.6.1.4.1.9.6.1.37.240"),
    ),
    # Those that are joined: 9800, then AireOS.
    counts=oids("1.3.6.1.4.1.9.9.513.1.3.35.0", "1.3.6.1.4.1.9.9.618.1.8.4.0"),
    joined=oids("1.3.6.1.4.1.9.9.513.1.3.35.0", "1.3.6.1.4.1.9.9.618.1.8.4.0"),
    split=by_mac,
    aps=Table(
        columns=(
            *rows(
                _AP,
                (6, "state", choice(_STATES)),
                (17, "serial", text),
                (3, "name", text),
                (16, "model", text),
                (8, "firmware", text),
                (33, "mac", mac),
            ),
            *rows(_LWAPP, (5, "name", text)),
            *rows(_LWAPP, (54, "clients", clients), gauge=True),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                _RADIO,
                (12, "up", choice({1: False, 2: True})),
                (2, "band", choice({1: "2.4", 2: "5", 3: "2.4", 6: "6"})),
                (4, "channel", channel),
            ),
            *rows("1.3.6.1.4.1.9.9.513.1.2.1.1", (23, "width_mhz", choice(_WIDTHS))),
            *rows(
                _RADIO, (6, "level", number(1, 8)), (22, "levels", text), (15, "clients", clients), gauge=True
            ),
            *rows(_LOAD, (4, "clients", clients), gauge=True),
            ColumnRow(
                oid=oid_of(f"{_LOAD}.3"), field="utilisation_pct", read=percent, gauge=True, proves=True
            ),
            ColumnRow(
                oid=oid_of("1.3.6.1.4.1.14179.2.2.15.1.21"),
                field="noise_dbm",
                read=dbm,
                gauge=True,
                by_channel=True,
            ),
        ),
        finish=_power_of_level,
    ),
)
