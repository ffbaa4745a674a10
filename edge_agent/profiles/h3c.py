"""H3C AC (Comware): HH3C-DOT11-APMT-MIB, HH3C-DOT11-ACMT-MIB.

Rows are indexed by the serial number as a counted text, radios also by the radio's number, from 1. The
table of running access points has those that have joined; the status table has those that are configured.
"""

from edge_agent.profiles.shape import ApState, Profile, Table, by_counted, oids, rows
from edge_agent.profiles.values import (
    band_of_channel,
    celsius,
    channel,
    choice,
    clients,
    mac,
    percent,
    power_dbm,
    text,
    ticks,
)
from edge_agent.snmp.ber import Value

_DOT11 = "1.3.6.1.4.1.25506.2.75"
_STATUS, _RUNNING, _RADIO = f"{_DOT11}.2.1.1.1", f"{_DOT11}.2.1.2.1", f"{_DOT11}.2.1.3.1"
_SYSTEM = f"{_DOT11}.2.1.10.1"
_STATES: dict[int, ApState] = {
    1: "starting",  # join
    2: "starting",  # joinConfirm
    3: "starting",  # download
    4: "starting",  # config
    5: "up",  # run
}


def _is_there(value: Value) -> ApState | None:
    return "up" if mac(value) else None


H3C = Profile(
    name="h3c",
    objects=oids("1.3.6.1.4.1.25506"),
    # Those that are connected: that is what the table of running ones has.
    counts=oids(f"{_DOT11}.1.1.2.1.0"),
    joined=oids(f"{_DOT11}.1.1.2.1.0"),
    split=by_counted,
    serial_is_index=True,
    aps=Table(
        columns=(
            *rows(_STATUS, (4, "state", choice(_STATES))),
            *rows(
                _RUNNING,
                # Whatever is in this table runs, also where the status table is not there.
                (3, "state", _is_there),
                (3, "mac", mac),
                (8, "name", text),
                (9, "model", text),
                (11, "firmware", text),
            ),
            *rows(_RUNNING, (7, "clients", clients), gauge=True),
            *rows(
                _SYSTEM,
                (1, "uptime_s", ticks),
                (2, "cpu_pct", percent),
                (4, "memory_pct", percent),
                (10, "temperature_c", celsius),
                gauge=True,
            ),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                _RADIO,
                (25, "up", choice({1: True, 2: False, 3: False, 4: False})),
                (4, "up", choice({1: True, 2: False})),
                (5, "channel", channel),
                (5, "band", band_of_channel),
            ),
            *rows(_RADIO, (6, "tx_power_dbm", power_dbm), (26, "utilisation_pct", percent), gauge=True),
        ),
    ),
    networks=Table(follows=2, columns=rows(f"{_DOT11}.2.1.4.1", (4, "ssid", text))),
)
