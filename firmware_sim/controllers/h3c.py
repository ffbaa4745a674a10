"""An H3C WX3510H's view of its access points: which object has which OID, type and value.

Columns, types and invalid markers from HH3C-DOT11-APMT-MIB and HH3C-DOT11-ACMT-MIB. Rows are named by the
serial number, a text with its length before it. An access point that has gone has no row in any of them.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from firmware_sim.ber import Oid, integer, ip_address, octets, timeticks
from firmware_sim.controllers.fleet import NETWORKS, Ap, Fleet, Radio
from firmware_sim.controllers.mib import Object, Rows, scalar
from firmware_sim.layout import AccessPoint

_DOT11 = (1, 3, 6, 1, 4, 1, 25506, 2, 75)
STATUS_TABLE: Oid = (*_DOT11, 2, 1, 1, 1)
AP_TABLE: Oid = (*_DOT11, 2, 1, 2, 1)
RADIO_TABLE: Oid = (*_DOT11, 2, 1, 3, 1)
BSS_TABLE: Oid = (*_DOT11, 2, 1, 4, 1)
SYSTEM_TABLE: Oid = (*_DOT11, 2, 1, 10, 1)
WX3510H: Oid = (1, 3, 6, 1, 4, 1, 25506, 1, 1182)

_RUN = 5  # hh3cDot11APOperationStatus
_TRUE, _FALSE = 1, 2  # TruthValue (RFC 2579)
_UP, _DOWN = 1, 2
_INVALID = 255

# Whole tables, column by column.
AP_COLUMNS: dict[Oid, Callable[[Ap], bytes]] = {
    (*STATUS_TABLE, 4): lambda ap: integer(_RUN),
    (*AP_TABLE, 2): lambda ap: ip_address(ap.address),  # hh3cDot11CurrAPIPAddress
    (*AP_TABLE, 3): lambda ap: octets(ap.inventory.mac),  # hh3cDot11CurrAPMacAddress
    (*AP_TABLE, 7): lambda ap: integer(ap.state.clients),  # hh3cDot11CurrAPStationAssocCount
    (*AP_TABLE, 8): lambda ap: octets(ap.name),  # hh3cDot11CurrAPName
    (*AP_TABLE, 9): lambda ap: octets(b"WA6320"),  # hh3cDot11CurrAPModelName
    (*AP_TABLE, 11): lambda ap: octets(b"R2461P08"),  # hh3cDot11CurrAPSoftwareVersion
    (*SYSTEM_TABLE, 1): lambda ap: timeticks(ap.state.online_s),
    (*SYSTEM_TABLE, 2): lambda ap: integer(ap.state.cpu_pct),
    (*SYSTEM_TABLE, 4): lambda ap: integer(ap.state.memory_pct),
    (*SYSTEM_TABLE, 10): lambda ap: integer(ap.state.temperature_c),
}
RADIO_COLUMNS: dict[int, Callable[[Radio], bytes]] = {
    3: lambda radio: integer(_TRUE),  # hh3cDot11AdminStatus
    4: lambda radio: integer(_TRUE if radio.state.up else _FALSE),  # hh3cDot11OperStatus
    5: lambda radio: integer(radio.state.channel),  # hh3cDot11Channel
    6: lambda radio: integer(radio.state.eirp_dbm or 0),  # hh3cDot11TxPowerLevel, dBm
    25: lambda radio: integer(_UP if radio.state.up else _DOWN),  # hh3cDot11OperStatusCM
    26: lambda radio: integer(_measured(radio, radio.state.utilisation_pct)),  # hh3cDot11AirPrimChnlBusy
    27: lambda radio: integer(_measured(radio, radio.state.sending_pct)),  # hh3cDot11AirPrimChnlTxBusy
    28: lambda radio: integer(_measured(radio, radio.state.receiving_pct)),  # hh3cDot11AirPrimChnlRxBusy
}
BSS_COLUMNS: dict[int, Callable[[Radio, int], bytes]] = {
    2: lambda radio, network: octets(radio.bssid(network)),  # hh3cDot11BSSID
    4: lambda radio, network: octets(NETWORKS[network - 1]),  # hh3cDot11SSID
}


def objects(fleet: Fleet) -> Iterator[Object]:
    """Everything that the controller tells."""
    yield from fleet.system(b"H3C Comware Platform Software, WX3510H (simulated)", WX3510H)
    campus = fleet.campus
    yield scalar((*_DOT11, 1, 1, 2, 1), lambda time: integer(campus.controller(time).aps_up))
    yield scalar((*_DOT11, 1, 1, 2, 2), lambda time: integer(campus.controller(time).clients))
    by_serial = {_name(ap): ap for ap in fleet.access_points}

    @lru_cache(maxsize=2)
    def aps(second: int) -> Rows:
        return tuple(sorted(_name(ap) for ap in fleet.running(second)))

    @lru_cache(maxsize=2)
    def radios(second: int) -> Rows:
        # Radio 1 is the one of 5 GHz.
        return tuple((*ap, number) for ap in aps(second) for number in (1, 2))

    @lru_cache(maxsize=2)
    def networks(second: int) -> Rows:
        return tuple((*one, wlan) for one in radios(second) for wlan in range(1, len(NETWORKS) + 1))

    def radio_at(index: Oid, time: float) -> Radio:
        return fleet.radio(by_serial[index[:-1]], 2 - index[-1], int(time))

    def of_ap(read: Callable[[Ap], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(fleet.ap(by_serial[index], int(time)))

    def of_radio(read: Callable[[Radio], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(radio_at(index, time))

    def of_network(read: Callable[[Radio, int], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(radio_at(index[:-1], time), index[-1])

    for oid, read_ap in AP_COLUMNS.items():
        yield Object(oid=oid, rows=aps, value=of_ap(read_ap), in_table=True)
    for column, read_radio in RADIO_COLUMNS.items():
        yield Object(oid=(*RADIO_TABLE, column), rows=radios, value=of_radio(read_radio), in_table=True)
    for column, read_network in BSS_COLUMNS.items():
        yield Object(oid=(*BSS_TABLE, column), rows=networks, value=of_network(read_network), in_table=True)


def _name(ap: AccessPoint) -> Oid:
    serial = ap.serial.encode()
    return (len(serial), *serial)


def _measured(radio: Radio, value: int) -> int:
    """Where a radio has measured nothing, its noise is not known either."""
    return value if radio.state.noise_dbm is not None else _INVALID
