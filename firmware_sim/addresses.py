"""Where the devices of a district listen: one 127.x.y.z address each, on the protocol's own port."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from firmware_sim.scenario import MAX_PROJECTORS
from runtime import ConfigError
from runtime.errors import os_reason
from runtime.language import Text

SNMP_PORT, PJLINK_PORT, COMPUTER_PORT, MQTT_PORT, BEACON_PORT = 161, 4352, 7680, 1883, 8099
# Where 161 is not allowed, or a port is taken on that address. All below 32768: from there on the
# kernel hands ports out to clients.
_SNMP_SPARE, _PJLINK_SPARE = range(16100, 16200), range(14352, 14452)
_BEACON_SPARE = range(18099, 18149)

_CONTROLLER_HOST, _SWITCH_HOST, _GATEWAY_HOST = 1, 2, 9
_FIRST_PROJECTOR_HOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a device listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEndpoints:
    """Where what stands in a school's rooms is asked, and where it tells.

    switch: which hears them. computers: the port at which panels and class PCs take connections. plugs: the
    broker in the school. beacons: where its gateway hears computers that report themselves.
    """

    switch: Endpoint
    computers: int
    plugs: Endpoint
    beacons: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolEndpoints:
    """Where a school's devices listen; projectors by device name. A refusing projector has an address too."""

    controller: Endpoint
    projectors: Mapping[str, Endpoint]
    rooms: RoomEndpoints | None = None


def network(index: int) -> str:
    """The network of the school that is number `index` of the scenario: 127.1.0.0/24, 127.1.1.0/24, …"""
    return f"127.{1 + index // 200}.{index % 200}.0/24"


def controller_host(index: int) -> str:
    return _host(index, _CONTROLLER_HOST)


def projector_host(index: int, number: int) -> str:
    """`number` counts a school's projectors from 1."""
    if not 1 <= number <= MAX_PROJECTORS:
        raise ValueError(f"projector {number}: a school's network has room for 1 to {MAX_PROJECTORS}")
    return _host(index, _FIRST_PROJECTOR_HOST + number - 1)


def switch_host(index: int) -> str:
    return _host(index, _SWITCH_HOST)


def usual_rooms(index: int) -> RoomEndpoints:
    """Where everything would be were all ports free."""
    return RoomEndpoints(
        switch=Endpoint(host=switch_host(index), port=SNMP_PORT),
        computers=COMPUTER_PORT,
        plugs=Endpoint(host=_host(index, _GATEWAY_HOST), port=MQTT_PORT),
        beacons=Endpoint(host=_host(index, _GATEWAY_HOST), port=BEACON_PORT),
    )


def free_for_beacons(index: int) -> Endpoint:
    """Where the school's gateway can listen: its usual port, or the first spare one that is free now."""
    host = _host(index, _GATEWAY_HOST)
    with _bind(host, socket.SOCK_STREAM, (BEACON_PORT, *_BEACON_SPARE)) as bound:
        return Endpoint(host=host, port=bound.getsockname()[1])


def bind_controller(host: str) -> socket.socket:
    """A UDP socket on the SNMP port of `host`, or on the first spare port that is free there."""
    return _bind(host, socket.SOCK_DGRAM, (SNMP_PORT, *_SNMP_SPARE))


def bind_projector(host: str, *, port: int | None = None) -> socket.socket:
    """A TCP socket on the PJLink port of `host`, or on the first spare port that is free there.

    With `port`, on that port or not at all.
    """
    return _bind(host, socket.SOCK_STREAM, (PJLINK_PORT, *_PJLINK_SPARE) if port is None else (port,))


def _bind(host: str, kind: socket.SocketKind, ports: tuple[int, ...]) -> socket.socket:
    problem: OSError | None = None
    for port in ports:
        bound = socket.socket(socket.AF_INET, kind)
        try:
            if kind is socket.SOCK_STREAM:
                # Connections of a run that has just ended must not keep the port.
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            if kind is socket.SOCK_STREAM:
                bound.listen(64)
        except OSError as error:
            bound.close()
            problem = error
            continue
        bound.setblocking(False)
        return bound
    tried = f"{ports[0]}" if len(ports) == 1 else f"{ports[0]}, {ports[1]}-{ports[-1]}"
    why = os_reason(problem or OSError())
    raise ConfigError(
        Text(
            f"设备无法监听 {host}（端口 {tried}）：{why.zh}，请先结束占用者",
            f"no device can listen on {host}, port {tried}: {why.en}; end what listens there",
        )
    ) from problem


def _host(index: int, last: int) -> str:
    return f"{network(index).rpartition('.')[0]}.{last}"
