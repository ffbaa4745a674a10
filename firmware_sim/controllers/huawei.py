"""A Huawei AC6605's view of its access points: which object has which OID, type and value.

Columns, types and invalid markers from HUAWEI-WLAN-AP-MIB, HUAWEI-WLAN-AP-RADIO-MIB (V1.40),
HUAWEI-WLAN-VAP-MIB and HUAWEI-WLAN-GLOBAL-MIB. The index columns are accessible-for-notify: no walk shows
them.
"""

from collections.abc import Callable, Iterator

from firmware_sim.ber import Oid, counter64, gauge32, integer, ip_address, octets
from firmware_sim.controllers.fleet import NETWORKS, Ap, Fleet, Radio
from firmware_sim.controllers.mib import Object, Rows, scalar
from firmware_sim.states import ControllerState, RadioState

_WLAN = (1, 3, 6, 1, 4, 1, 2011, 6, 139)
AP_TABLE: Oid = (*_WLAN, 13, 3, 3, 1)
RADIO_TABLE: Oid = (*_WLAN, 16, 1, 2, 1)
VAP_TABLE: Oid = (*_WLAN, 17, 1, 1, 1)
AC6605: Oid = (1, 3, 6, 1, 4, 1, 2011, 2, 240, 6)

_FAULT, _NORMAL = 4, 8
_RADIO_UP, _RADIO_DOWN = 1, 2
_HT20, _HT80 = 1, 4
_INVALID = 255
_FREQUENCY = {"2.4": 1, "5": 2}

# hwWlanApEntry, column by column. A failed access point keeps its row; what it cannot tell is 0 there.
AP_COLUMNS: dict[int, Callable[[Ap], bytes]] = {
    2: lambda ap: octets(ap.inventory.serial.encode()),  # hwWlanApSn
    3: lambda ap: octets(b"AP4050DN"),  # hwWlanApTypeInfo
    4: lambda ap: octets(ap.name),  # hwWlanApName
    5: lambda ap: octets(b"default"),  # hwWlanApGroup
    6: lambda ap: integer(_NORMAL if ap.state.up else _FAULT),  # hwWlanApRunState
    7: lambda ap: octets(b"V200R010C00"),  # hwWlanApSoftwareVersion
    8: lambda ap: octets(b"Ver.D"),  # hwWlanApHardwareVersion
    13: lambda ap: ip_address(ap.address if ap.state.up else "0.0.0.0"),  # noqa: S104 - hwWlanApIpAddress
    18: lambda ap: gauge32(ap.state.run_s * 100),  # hwWlanApRunTime, "Unit: tick"
    21: lambda ap: gauge32(ap.state.online_s),  # hwWlanApOnlineTime, seconds
    33: lambda ap: integer(ap.state.boots),  # hwWlanApBootCountTotal
    40: lambda ap: integer(ap.state.memory_pct),  # hwWlanApMemoryUseRate
    41: lambda ap: integer(ap.state.cpu_pct),  # hwWlanApCpuUseRate
    43: lambda ap: integer(ap.state.temperature_c),  # hwWlanApTemperature
    44: lambda ap: integer(ap.state.clients),  # hwWlanApOnlineUserNum
}

# hwWlanRadioInfoEntry, column by column.
RADIO_COLUMNS: dict[int, Callable[[Radio], bytes]] = {
    3: lambda radio: octets(radio.ap_name),  # hwWlanRadioInfoApName
    5: lambda radio: integer(_FREQUENCY[radio.state.band]),  # hwWlanRadioFreqType
    6: lambda radio: integer(_RADIO_UP if radio.state.up else _RADIO_DOWN),  # hwWlanRadioRunState
    7: lambda radio: gauge32(radio.state.channel if radio.state.up else 0),  # hwWlanRadioWorkingChannel
    9: lambda radio: gauge32(radio.state.eirp_dbm or 0),  # hwWlanRadioWorkingPower
    10: lambda radio: integer(_width(radio.state)),  # hwWlanRadioWorkingChannelBandwidth
    23: lambda radio: gauge32(radio.state.interference_pct // 3),  # hwWlanRadioPER
    24: lambda radio: integer(radio.state.noise_dbm or 0),  # hwWlanRadioNoise, "Invalid value is 0"
    25: lambda radio: gauge32(radio.state.utilisation_pct),  # hwWlanRadioChUtilizationRate
    26: lambda radio: gauge32(100 - radio.state.utilisation_pct),  # hwWlanRadioChannelFreeRate
    27: lambda radio: gauge32(radio.state.sending_pct),  # hwWlanRadioTxRatio
    28: lambda radio: gauge32(radio.state.receiving_pct),  # hwWlanRadioRxRatio
    29: lambda radio: gauge32(radio.state.interference_pct),  # hwWlanRadioChInterferenceRate
    31: lambda radio: counter64(radio.state.received_bytes),  # hwWlanRadioRcvBytes
    36: lambda radio: counter64(radio.state.sent_bytes),  # hwWlanRadioSendBytes
    40: lambda radio: gauge32(radio.state.clients),  # hwWlanRadioOnlineStaCnt
    45: lambda radio: gauge32(_or_invalid(radio.state.eirp_dbm)),  # hwWlanRadioActualEIRP
}

# HUAWEI-WLAN-GLOBAL-MIB.
SCALARS: dict[Oid, Callable[[ControllerState], bytes]] = {
    (*_WLAN, 12, 1, 2, 1): lambda ac: integer(ac.aps_up),  # hwWlanCurJointApNum
    (*_WLAN, 12, 1, 2, 2): lambda ac: integer(ac.clients),  # hwWlanCurAssocStaNum
    (*_WLAN, 12, 1, 5, 6): lambda ac: integer(ac.aps_up),  # normal access points
    (*_WLAN, 12, 1, 5, 7): lambda ac: integer(ac.aps),  # all access points
}
# hwWlanVapInfoEntry: of the network with this number, from 1.
VAP_COLUMNS: dict[int, Callable[[Radio, int], bytes]] = {
    5: lambda radio, network: octets(radio.bssid(network)),  # hwWlanVapBssid
    6: lambda radio, network: octets(NETWORKS[network - 1]),  # hwWlanVapSsid
}


def objects(fleet: Fleet) -> Iterator[Object]:
    """Everything that the controller tells. Rows are there whether an access point works or not."""
    yield from fleet.system(b"Huawei AC6605 Wireless Access Controller (simulated)", AC6605)
    for oid, read in SCALARS.items():
        yield scalar(oid, _of_controller(fleet, read))
    by_mac = {tuple(ap.mac): ap for ap in fleet.access_points}
    # SNMP sorts rows by their index, whatever the order in which access points were hung.
    aps: Rows = tuple(sorted(by_mac))
    radios: Rows = tuple((*mac, number) for mac in aps for number in (0, 1))
    vaps: Rows = tuple((*radio, network) for radio in radios for network in range(1, len(NETWORKS) + 1))

    def of_ap(read: Callable[[Ap], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(fleet.ap(by_mac[index], int(time)))

    def of_radio(read: Callable[[Radio], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(fleet.radio(by_mac[index[:6]], index[6], int(time)))

    def of_vap(read: Callable[[Radio, int], bytes]) -> Callable[[Oid, float], bytes]:
        return lambda index, time: read(fleet.radio(by_mac[index[:6]], index[6], int(time)), index[7])

    for column, read_ap in AP_COLUMNS.items():
        yield Object(oid=(*AP_TABLE, column), rows=lambda _: aps, value=of_ap(read_ap), in_table=True)
    for column, read_radio in RADIO_COLUMNS.items():
        yield Object(
            oid=(*RADIO_TABLE, column), rows=lambda _: radios, value=of_radio(read_radio), in_table=True
        )
    for column, read_vap in VAP_COLUMNS.items():
        yield Object(oid=(*VAP_TABLE, column), rows=lambda _: vaps, value=of_vap(read_vap), in_table=True)


def _of_controller(fleet: Fleet, read: Callable[[ControllerState], bytes]) -> Callable[[float], bytes]:
    return lambda time: read(fleet.campus.controller(time))


def _width(state: RadioState) -> int:
    if not state.up:
        return _INVALID
    return _HT20 if state.band == "2.4" else _HT80


def _or_invalid(value: int | None) -> int:
    return _INVALID if value is None else value
