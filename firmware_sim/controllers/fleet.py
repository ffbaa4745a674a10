"""A school's access points as its controller knows them, the same whatever the controller's maker."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from firmware_sim.ber import Oid, integer, object_id, octets, timeticks
from firmware_sim.controllers.mib import Object, constant, scalar
from firmware_sim.layout import AccessPoint
from firmware_sim.states import ApState, RadioState
from firmware_sim.world import Campus

_SYSTEM = (1, 3, 6, 1, 2, 1, 1)
# The networks that every radio serves.
NETWORKS = (b"Campus", b"Campus-Guest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ap:
    """An access point at a moment."""

    inventory: AccessPoint
    name: bytes
    address: str
    state: ApState


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """A radio at a moment; `number` counts from 0, 2.4 GHz first."""

    ap: AccessPoint
    ap_name: bytes
    number: int
    state: RadioState

    def bssid(self, network: int) -> bytes:
        """The address of one of its networks: the access point's own, changed in the last octet."""
        return self.ap.mac[:5] + bytes(((self.ap.mac[5] + 16 * self.number + network + 1) % 256,))


class Fleet:
    """Who there is, who runs, and how each of them fares."""

    def __init__(self, campus: Campus, *, network: str) -> None:
        self.campus = campus
        self._network = ipaddress.IPv4Network(network)
        self.access_points = campus.layout.access_points
        self.ap = lru_cache(maxsize=256)(self._ap)
        self.radio = lru_cache(maxsize=512)(self._radio)
        self.running = lru_cache(maxsize=4)(self._running)

    def system(self, description: bytes, object_name: Oid) -> Iterator[Object]:
        """The group `system` (RFC 3418)."""
        school = self.campus.school
        yield constant((*_SYSTEM, 1), octets(description))
        yield constant((*_SYSTEM, 2), object_id(object_name))
        yield scalar((*_SYSTEM, 3), lambda time: timeticks(self.campus.controller(time).uptime_s))
        yield constant((*_SYSTEM, 4), octets(b""))
        yield constant((*_SYSTEM, 5), octets(f"AC-{school.code}".encode()))
        yield constant((*_SYSTEM, 6), octets(school.name.encode(school.name_encoding)))
        # sysServices of a device of layers 2 to 4.
        yield constant((*_SYSTEM, 7), integer(2 + 4 + 8))

    def _running(self, second: int) -> tuple[AccessPoint, ...]:
        return tuple(ap for ap in self.access_points if self.campus.ap_state(ap, second).up)

    def _ap(self, inventory: AccessPoint, second: int) -> Ap:
        return Ap(
            inventory=inventory,
            name=inventory.name.encode(self.campus.school.name_encoding),
            # Access points sit above the class PCs in the school's network.
            address=str(self._network[128 + inventory.number % 120]),
            state=self.campus.ap_state(inventory, second),
        )

    def _radio(self, inventory: AccessPoint, number: int, second: int) -> Radio:
        return Radio(
            ap=inventory,
            ap_name=inventory.name.encode(self.campus.school.name_encoding),
            number=number,
            state=self.campus.radios(inventory, second)[number],
        )
