"""Access points that answer for themselves: UniFi (UBNT-UniFi-MIB) and TP-Link Omada EAP.

Such a device is up because it answers. Its MAC is that of its first interface that has one. A UniFi's radios
tell their band and load; channel, clients and power are told by network.
"""

from edge_agent.profiles.shape import Profile, Table, by_nothing, oids, rows, scalars
from edge_agent.profiles.values import channel, choice, clients, mac, number, power_dbm, text, word

_UNIFI = "1.3.6.1.4.1.41112.1.6"
_BANDS = word({"ng": "2.4", "na": "5", "6e": "6"})
_INTERFACES = rows("1.3.6.1.2.1.2.2.1", (6, "mac", mac))

UNIFI = Profile(
    name="unifi",
    objects=oids("1.3.6.1.4.1.41112", "1.3.6.1.4.1.10002.1"),
    # Many call themselves a plain net-snmp.
    probe_columns=oids(f"{_UNIFI}.1.1.1.3"),
    split=by_nothing,
    alone=True,
    aps=Table(follows=1, columns=_INTERFACES),
    scalars=(
        *scalars("1.3.6.1.2.1.1", (5, "name", text)),
        *scalars(f"{_UNIFI}.3", (3, "model", text), (6, "firmware", text)),
    ),
    radios=Table(
        follows=1,
        columns=(
            *rows(f"{_UNIFI}.1.1.1", (3, "band", _BANDS)),
            # 0 also beside many clients: it was not measured.
            *rows(f"{_UNIFI}.1.1.1", (6, "utilisation_pct", number(1, 100)), gauge=True),
        ),
    ),
    networks=Table(
        follows=1,
        columns=(
            *rows(
                f"{_UNIFI}.1.2.1",
                (6, "ssid", text),
                (9, "band", _BANDS),
                (22, "up", choice({1: True, 2: False})),
                (4, "channel", channel),
                (8, "clients", clients),
                (21, "tx_power_dbm", power_dbm),
            ),
        ),
    ),
)

OMADA = Profile(
    name="omada",
    objects=oids("1.3.6.1.4.1.11863.3.2"),
    probes=oids("1.3.6.1.4.1.11863.10.1.1.1.0"),
    split=by_nothing,
    alone=True,
    aps=Table(follows=1, columns=_INTERFACES),
    scalars=(
        *scalars("1.3.6.1.2.1.1", (5, "name", text)),
        *scalars("1.3.6.1.4.1.11863.10.1.10", (3, "model", text), (5, "firmware", text)),
        *scalars("1.3.6.1.4.1.11863.10.1.1", (1, "clients", clients)),
    ),
    radios=Table(),
)
