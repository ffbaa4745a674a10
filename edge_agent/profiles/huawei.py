"""Huawei AC: HUAWEI-WLAN-AP-MIB, HUAWEI-WLAN-AP-RADIO-MIB, HUAWEI-WLAN-VAP-MIB, HUAWEI-WLAN-GLOBAL-MIB.

Rows are indexed by the access point's six MAC octets; radios also by the radio's number, from 0.
"""

from edge_agent.profiles.shape import ApState, Profile, Table, by_mac, oids, rows
from edge_agent.profiles.values import (
    celsius,
    channel,
    choice,
    clients,
    dbm,
    percent,
    power_dbm,
    seconds,
    text,
)

_WLAN = "1.3.6.1.4.1.2011.6.139"
_AP, _RADIO = f"{_WLAN}.13.3.3.1", f"{_WLAN}.16.1.2.1"
_STATES: dict[int, ApState] = {
    1: "down",  # idle: configured, has never joined
    2: "fault",  # autofind: found, and waits to be admitted by someone
    3: "fault",  # typeNotMatch
    4: "down",  # fault: Huawei's word for an access point that the controller has lost
    5: "starting",  # config
    6: "fault",  # configFailed
    7: "starting",  # download
    8: "up",  # normal
    9: "starting",  # committing
    10: "fault",  # commitFailed
    11: "up",  # standby: it serves, and this controller is its second
    12: "fault",  # verMismatch
    13: "fault",  # nameConflicted
    14: "fault",  # invalid
    15: "fault",  # countryCodeMismatch
}

HUAWEI = Profile(
    name="huawei",
    objects=oids("1.3.6.1.4.1.2011"),
    # All that are configured; where that is missing, those that have joined.
    counts=oids(f"{_WLAN}.12.1.5.7.0", f"{_WLAN}.12.1.2.1.0"),
    joined=oids(f"{_WLAN}.12.1.2.1.0"),
    split=by_mac,
    aps=Table(
        columns=(
            *rows(
                _AP,
                (6, "state", choice(_STATES)),
                (2, "serial", text),
                (4, "name", text),
                (3, "model", text),
                (7, "firmware", text),
            ),
            *rows(
                _AP,
                (44, "clients", clients),
                # The online time, in seconds; the run time in column 18 has no sure unit.
                (21, "uptime_s", seconds),
                (41, "cpu_pct", percent),
                (40, "memory_pct", percent),
                (43, "temperature_c", celsius),
                gauge=True,
            ),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                _RADIO,
                (6, "up", choice({1: True, 2: False})),
                (5, "band", choice({1: "2.4", 2: "5", 3: "6"})),
                (7, "channel", channel),
                (10, "width_mhz", choice({1: 20, 2: 40, 3: 40, 4: 80, 5: 160})),
            ),
            *rows(
                _RADIO,
                (9, "tx_power_dbm", power_dbm),
                (25, "utilisation_pct", percent),
                (24, "noise_dbm", dbm),
                (40, "clients", clients),
                gauge=True,
            ),
        ),
    ),
    networks=Table(follows=2, columns=rows(f"{_WLAN}.17.1.1.1", (6, "ssid", text))),
)
