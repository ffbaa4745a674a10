"""Ruckus ZoneDirector (RUCKUS-ZD-WLAN-MIB) and SmartZone (RUCKUS-SZ-WLAN-MIB).

Rows are indexed by the access point's MAC, with its length before it or without; the MIB and the devices
differ. Unleashed has the ZoneDirector's sysObjectID, and no table of access points. SmartZone's radios cannot
be walked.
"""

from edge_agent.profiles.shape import ApState, Profile, Table, by_mac_counted_or_not, oids, rows
from edge_agent.profiles.values import channel, choice, clients, percent, text, ticks, word

_ZD, _SZ = "1.3.6.1.4.1.25053.1.2.2.1.1.2", "1.3.6.1.4.1.25053.1.4.2.1.1.2.2.1"
_ZD_STATES: dict[int, ApState] = {
    0: "down",  # disconnected
    1: "up",  # connected
    2: "fault",  # approvalPending: waits for someone
    3: "starting",  # upgradingFirmware
    4: "starting",  # provisioning
}

ZONE_DIRECTOR = Profile(
    name="ruckus-zd",
    objects=oids("1.3.6.1.4.1.25053.3.1.5"),
    counts=oids("1.3.6.1.4.1.25053.1.2.1.1.1.15.15.0"),
    probes=oids("1.3.6.1.4.1.25053.1.2.1.1.1.1.9.0"),
    split=by_mac_counted_or_not,
    aps=Table(
        columns=(
            *rows(
                f"{_ZD}.1.1",
                (3, "state", choice(_ZD_STATES)),
                (5, "serial", text),
                (2, "name", text),
                (4, "model", text),
                (7, "firmware", text),
            ),
            *rows(f"{_ZD}.1.1", (15, "clients", clients), (6, "uptime_s", ticks), gauge=True),
        )
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(
                f"{_ZD}.2.1",
                (3, "band", choice({0: "2.4", 1: "5", 2: "2.4", 3: "5", 4: "5"})),
                (4, "channel", channel),
            ),
            *rows(f"{_ZD}.2.1", (40, "utilisation_pct", percent), (8, "clients", clients), gauge=True),
        ),
    ),
)

SMART_ZONE = Profile(
    name="ruckus-sz",
    objects=oids("1.3.6.1.4.1.25053.3.1.11", "1.3.6.1.4.1.25053.3.1.10"),
    counts=oids("1.3.6.1.4.1.25053.1.4.1.1.1.15.1.0"),
    split=by_mac_counted_or_not,
    aps=Table(
        columns=(
            *rows(
                _SZ,
                (16, "state", word({"connect": "up", "disconnect": "down"})),
                (9, "serial", text),
                (5, "name", text),
                (8, "model", text),
                (7, "firmware", text),
            ),
            *rows(_SZ, (15, "clients", clients), (6, "uptime_s", ticks), gauge=True),
        )
    ),
    radios=Table(),
)

UNLEASHED = Profile(
    name="ruckus-unleashed",
    objects=oids("1.3.6.1.4.1.25053.3.1.5"),
    counts=oids("1.3.6.1.4.1.25053.1.15.1.1.1.15.15.0"),
    probes=oids("1.3.6.1.4.1.25053.1.15.1.1.1.1.9.0"),
    split=by_mac_counted_or_not,
    aps=Table(),
    radios=Table(),
)
