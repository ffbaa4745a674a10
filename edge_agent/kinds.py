"""The kinds of collector, one row each. A new kind is its settings, its collector, and a row here.

A collector is imported where it is configured: a gateway holds in memory only what it is asked to do.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from edge_agent.collectors.base import Collector, Recall
from edge_agent.settings import (
    BeaconSettings,
    CollectorSettings,
    LedgerSettings,
    MqttPowerSettings,
    PjlinkSettings,
    PresenceSettings,
    ProbeSettings,
    SnmpWlanSettings,
    SurveySettings,
)

if TYPE_CHECKING:
    from contract.readings import MapType

Build = Callable[[Recall], Collector]
"""Makes a collector whose files and secrets have been read, once there is a spool to recall from."""


class Line(NamedTuple):
    """A device of a list, and its room."""

    device: str
    type: "MapType"
    room: str


class Kind(NamedTuple):
    """`name` is its table in the configuration; `prepare` reads what its settings name: ConfigError.

    maps: the lines of its lists: device, type, room. None where it asks no devices of rooms.
    """

    name: str
    settings: type[CollectorSettings]
    prepare: Callable[[Any], Build]
    maps: Callable[[Any], Iterator[Line]] | None = None


def _snmp_wlan(settings: SnmpWlanSettings) -> Build:
    from edge_agent.collectors.snmp_wlan import SnmpWlan
    from edge_agent.snmp.opening import opener
    from edge_agent.tables import read_room_map

    rooms, open_source = read_room_map(settings.rooms), opener(settings)
    return lambda recall: SnmpWlan(settings, rooms=rooms, open_source=open_source, recall=recall)


def _pjlink(settings: PjlinkSettings) -> Build:
    from edge_agent.collectors.pjlink import Pjlink
    from edge_agent.tables import read_projectors

    projectors = read_projectors(settings.projectors)
    return lambda recall: Pjlink(settings, projectors=projectors)


def _presence(settings: PresenceSettings) -> Build:
    from edge_agent.collectors.presence import Presence
    from edge_agent.device_list import read_devices
    from edge_agent.snmp.opening import opener

    devices = read_devices(settings.devices)
    switches = {switch.target: opener(switch) for switch in settings.switches}
    return lambda recall: Presence(settings, devices=devices, switches=switches, recall=recall)


def _mqtt_power(settings: MqttPowerSettings) -> Build:
    from edge_agent.collectors.mqtt_power import MqttPower
    from edge_agent.plugs.plug_list import read_plugs

    plugs, password = read_plugs(settings.plugs), settings.read_password()
    settings.tls_context()  # read anew for each connection; here only to see that it can be
    return lambda recall: MqttPower(settings, plugs=plugs, password=password, recall=recall)


def _beacon(settings: BeaconSettings) -> Build:
    from edge_agent.beacon_list import read_beacons
    from edge_agent.collectors.beacon import BeaconCollector

    beacons = read_beacons(settings.beacons)
    return lambda recall: BeaconCollector(settings, beacons=beacons)


def _probe(settings: ProbeSettings) -> Build:
    from edge_agent.collectors.probe import Probe
    from edge_agent.wifi.probe_list import read_probes

    probes = read_probes(settings.probes)
    return lambda recall: Probe(settings, probes=probes)


def _survey(settings: SurveySettings) -> Build:
    from edge_agent.collectors.survey import Survey

    return lambda recall: Survey(settings, recall=recall)


def _ledger(settings: LedgerSettings) -> Build:
    from edge_agent.collectors.ledger import Ledger

    return lambda recall: Ledger(settings, recall=recall)


def _aps(settings: SnmpWlanSettings) -> Iterator[Line]:
    from edge_agent.tables import read_room_map

    for line in read_room_map(settings.rooms).lines.values():
        yield Line(line.ap, "access_point", line.room)


def _projectors(settings: PjlinkSettings) -> Iterator[Line]:
    from edge_agent.tables import read_projectors

    for projector in read_projectors(settings.projectors):
        yield Line(projector.device, "projector", projector.room)


def _devices(settings: PresenceSettings) -> Iterator[Line]:
    from edge_agent.device_list import read_devices

    for device in read_devices(settings.devices):
        yield Line(device.device, device.type, device.room)


def _plugs(settings: MqttPowerSettings) -> Iterator[Line]:
    from edge_agent.plugs.plug_list import read_plugs

    for plug in read_plugs(settings.plugs):
        yield Line(plug.device, "plug", plug.room)


def _beacons(settings: BeaconSettings) -> Iterator[Line]:
    from edge_agent.beacon_list import read_beacons

    for beacon in read_beacons(settings.beacons):
        yield Line(beacon.device, beacon.type, beacon.room)


def _probes(settings: ProbeSettings) -> Iterator[Line]:
    from edge_agent.wifi.probe_list import read_probes

    for probe in read_probes(settings.probes):
        yield Line(probe.device, "probe", probe.room)


KINDS = (
    Kind("snmp_wlan", SnmpWlanSettings, _snmp_wlan, _aps),
    Kind("pjlink", PjlinkSettings, _pjlink, _projectors),
    Kind("presence", PresenceSettings, _presence, _devices),
    Kind("mqtt_power", MqttPowerSettings, _mqtt_power, _plugs),
    Kind("beacon", BeaconSettings, _beacon, _beacons),
    Kind("probe", ProbeSettings, _probe, _probes),
    Kind("survey", SurveySettings, _survey),
    Kind("ledger", LedgerSettings, _ledger),
)
