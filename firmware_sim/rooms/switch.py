"""An access switch: what it hears at which port (Q-BRIDGE-MIB), its ports (IF-MIB), who has which address.

Port n is computer n's, bridge port n, interface 100 + n. What was heard is forgotten after 300 s.
"""

from collections.abc import Callable, Iterator

from firmware_sim.ber import Oid, gauge32, integer, ip_address, object_id, octets, timeticks
from firmware_sim.controllers.mib import Mib, Object, Rows, constant, scalar
from firmware_sim.rooms.equipment import Computer, Equipment
from firmware_sim.rooms.faults import RoomFaults
from firmware_sim.rooms.life import RoomLife

AGEING_S = 300
VLAN = 30
FIRST_INTERFACE = 100
_SYSTEM = (1, 3, 6, 1, 2, 1, 1)
_IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_BRIDGE = (1, 3, 6, 1, 2, 1, 17)
_FDB = (*_BRIDGE, 7, 1, 2, 2, 1)
_ARP = (1, 3, 6, 1, 2, 1, 4, 22, 1)
_LLDP = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)
# An S5735-L24T4S.
_OBJECT: Oid = (1, 3, 6, 1, 4, 1, 2011, 2, 23, 968)
_UP, _DOWN, _LEARNED, _CHASSIS_MAC = 1, 2, 3, 4
Heard = Callable[[Computer, float], bool]


def switch_of(
    equipment: Equipment, life: RoomLife, faults: RoomFaults, *, address: Callable[[Computer], str]
) -> Mib:
    """`address` gives where a computer is now."""
    return Mib(_objects(equipment, life, faults, address))


def _objects(
    equipment: Equipment, life: RoomLife, faults: RoomFaults, address: Callable[[Computer], str]
) -> Iterator[Object]:
    computers = {one.number: one for one in equipment.computers}

    def linked(one: Computer, time: float) -> bool:
        return faults.computer(one.device).fault != "unplugged" and life.computer_on(one, time)

    def heard(one: Computer, time: float) -> bool:
        return linked(one, time) or linked(one, time - AGEING_S)

    yield constant((*_SYSTEM, 1), octets(b"S5735-L24T4S-A Huawei Versatile Routing Platform (simulated)"))
    yield constant((*_SYSTEM, 2), object_id(_OBJECT))
    yield scalar((*_SYSTEM, 3), lambda time: timeticks(time % 10_000_000))
    yield constant((*_SYSTEM, 5), octets(f"SW-{equipment.school.code}".encode()))

    ports: Rows = tuple((number,) for number in computers)
    interfaces: Rows = tuple((FIRST_INTERFACE + number,) for number in computers)

    def column(oid: Oid, rows: Rows, read: Callable[[Computer, float], bytes], base: int = 0) -> Object:
        return Object(
            oid=oid,
            rows=lambda _: rows,
            value=lambda index, time: read(computers[index[0] - base], time),
            in_table=True,
        )

    yield scalar((*_BRIDGE, 1, 2), lambda _: integer(len(computers)))
    yield column((*_BRIDGE, 1, 4, 1, 2), ports, lambda one, _: integer(FIRST_INTERFACE + one.number))
    yield column((*_IF, 7), interfaces, lambda *_: integer(_UP), FIRST_INTERFACE)
    yield column(
        (*_IF, 8),
        interfaces,
        lambda one, time: integer(_UP if linked(one, time) else _DOWN),
        FIRST_INTERFACE,
    )

    by_mac = {tuple(one.mac): one for one in computers.values()}

    def forwarding(second: int) -> Rows:
        return tuple(sorted((VLAN, *mac) for mac, one in by_mac.items() if heard(one, second)))

    def listed(number: int, read: Callable[[Computer], bytes]) -> Object:
        return Object(
            oid=(*_FDB, number),
            rows=forwarding,
            value=lambda index, _: read(by_mac[index[1:]]),
            in_table=True,
        )

    yield listed(2, lambda one: integer(one.number))
    yield listed(3, lambda _: integer(_LEARNED))

    def neighbours(second: int) -> Rows:
        return tuple(
            sorted(
                (VLAN, *map(int, address(one).split("."))) for one in computers.values() if heard(one, second)
            )
        )

    def at(index: Oid) -> Computer:
        wanted = ".".join(map(str, index[1:]))
        return next(one for one in computers.values() if address(one) == wanted)

    yield Object(oid=(*_ARP, 2), rows=neighbours, value=lambda index, _: octets(at(index).mac), in_table=True)
    yield Object(
        oid=(*_ARP, 3),
        rows=neighbours,
        value=lambda index, _: ip_address(".".join(map(str, index[1:]))),
        in_table=True,
    )

    def panels(second: int) -> Rows:
        """Panels speak LLDP, class PCs do not."""
        return tuple(
            (0, FIRST_INTERFACE + number, 1)
            for number, one in computers.items()
            if one.type == "panel" and linked(one, second)
        )

    def announced(number: int, tell: Callable[[Computer], bytes]) -> Object:
        return Object(
            oid=(*_LLDP, number),
            rows=panels,
            value=lambda index, _: tell(computers[index[1] - FIRST_INTERFACE]),
            in_table=True,
        )

    yield announced(4, lambda _: integer(_CHASSIS_MAC))
    yield announced(5, lambda one: octets(one.mac))
    yield announced(9, lambda one: octets(one.device.encode()))
    yield scalar((*_IF[:-2], 1), lambda _: gauge32(len(computers)))
