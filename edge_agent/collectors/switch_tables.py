"""What a switch knows: which devices it hears and where, its ports' state, and which MAC has which address.

BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), IF-MIB (RFC 2863), LLDP-MIB (IEEE 802.1AB), IP-MIB (RFC 4293).
Everything that is not one of the wanted devices is dropped here: no client's address goes further.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from edge_agent.profiles.values import whole
from edge_agent.snmp.asking import Column, Index, Limits, Source, oid_of
from edge_agent.snmp.ber import Value

Link = Literal["up", "down", "disabled", "untold"]

_PORT_COUNT = oid_of("1.3.6.1.2.1.17.1.2.0")
_PORT_CARD = oid_of("1.3.6.1.2.1.17.1.4.1.2")
_BRIDGE, _BRIDGE_STATUS = oid_of("1.3.6.1.2.1.17.4.3.1.2"), oid_of("1.3.6.1.2.1.17.4.3.1.3")
_QBRIDGE, _QBRIDGE_STATUS = oid_of("1.3.6.1.2.1.17.7.1.2.2.1.2"), oid_of("1.3.6.1.2.1.17.7.1.2.2.1.3")
_DYNAMIC_COUNT = oid_of("1.3.6.1.2.1.17.7.1.2.1.1.2")
_ADMIN, _OPERATING = oid_of("1.3.6.1.2.1.2.2.1.7"), oid_of("1.3.6.1.2.1.2.2.1.8")
_ARP = oid_of("1.3.6.1.2.1.4.22.1.2")
_CHASSIS_KIND, _CHASSIS = oid_of("1.0.8802.1.1.2.1.4.1.1.4"), oid_of("1.0.8802.1.1.2.1.4.1.1.5")
_LLDP_PORT_KIND, _LLDP_PORT = oid_of("1.0.8802.1.1.2.1.4.1.1.6"), oid_of("1.0.8802.1.1.2.1.4.1.1.7")
_UPTIME = oid_of("1.3.6.1.2.1.1.3.0")

_LEARNED = 3  # dot1dTpFdbStatus: heard within the ageing time. Others are the switch's own, or set by hand.
_CHASSIS_MAC, _PORT_MAC = 4, 3
# A core switch hears every device of a school, and some more than a controller has access points.
_MOST_ROWS = 16_384
_DOWN = 2
# ifOperStatus: dormant waits for something outside; testing (3) and unknown (4) say nothing of the link.
_OPERATING_AS: Mapping[int, Link] = {1: "up", 5: "up", 2: "down", 6: "down", 7: "down"}
# Between two columns of one walk devices come and go: so many, and so large a part.
_COME_AND_GO, _ENOUGH_PERCENT = 2, 95


@dataclass(kw_only=True)
class SwitchTables:
    """What one switch said of the wanted devices."""

    ports: dict[str, int] = field(default_factory=dict)
    """The port at which each wanted MAC is heard, by MAC."""
    seats: dict[int, int] = field(default_factory=dict)
    """How many devices are heard at each port: at an uplink they are many."""
    links: dict[int, Link] = field(default_factory=dict)
    """The state of each port."""
    addresses: dict[str, str] = field(default_factory=dict)
    """Which address each wanted MAC has, where the switch routes."""
    holders: dict[str, str] = field(default_factory=dict)
    """Which MAC has a wanted address."""
    whole: bool = True
    """Whether its table of heard devices was read to the end, and has as many ports as it says."""
    rows: int = 0
    bridges: bool = False
    """Whether it tells of ports that it switches between: at night it may hear nobody."""


async def read_switch(source: Source, *, macs: Iterable[str], addresses: Iterable[str]) -> SwitchTables:
    """Read a switch's tables. Raises Failed; one that has no such table at all gives `rows` 0."""
    source.limits = Limits(rows=_MOST_ROWS)
    said = await source.get((_UPTIME, _PORT_COUNT))
    forwarding = {oid: Column() for oid in (_QBRIDGE, _QBRIDGE_STATUS, _BRIDGE, _BRIDGE_STATUS)}
    ports = {oid: Column() for oid in (_PORT_CARD, _ADMIN, _OPERATING)}
    lldp = {oid: Column() for oid in (_CHASSIS_KIND, _CHASSIS, _LLDP_PORT_KIND, _LLDP_PORT)}
    arp = {_ARP: Column()}
    counts = {_DYNAMIC_COUNT: Column()}
    for columns in (counts, forwarding, ports, lldp, arp):
        await source.read(columns)
    understood = _as_numbers([*counts.values(), *forwarding.values(), *ports.values()])
    found = SwitchTables()
    cards = {index[0]: value for index, value in ports[_PORT_CARD].rows.items() if isinstance(value, int)}
    wanted = frozenset(macs)
    for port, statuses in ((_QBRIDGE, _QBRIDGE_STATUS), (_BRIDGE, _BRIDGE_STATUS)):
        _take_forwarding(found, forwarding[port], forwarding[statuses], cards, wanted)
    for kind, name, mac_kind in (
        (_CHASSIS_KIND, _CHASSIS, _CHASSIS_MAC),
        (_LLDP_PORT_KIND, _LLDP_PORT, _PORT_MAC),
    ):
        _take_lldp(found, lldp[kind], lldp[name], mac_kind, cards, wanted)
    for index, value in ports[_OPERATING].rows.items():
        found.links[index[0]] = _link(ports[_ADMIN].rows.get(index), value)
    _take_addresses(found, arp[_ARP], wanted, frozenset(addresses))
    found.whole = understood and all(
        column.broken is None for column in (*forwarding.values(), *ports.values())
    )
    # A switch that ends its table of ports early does not end its others later.
    count = whole(said.get(_PORT_COUNT))
    found.whole &= not (count is not None and 0 < len(cards) < count)
    found.whole &= _is_whole(forwarding[_BRIDGE], forwarding[_BRIDGE_STATUS])
    found.whole &= _is_whole(forwarding[_QBRIDGE], forwarding[_QBRIDGE_STATUS])
    found.whole &= _has_counted(forwarding[_QBRIDGE], forwarding[_QBRIDGE_STATUS], counts[_DYNAMIC_COUNT])
    found.bridges = bool(cards)
    found.rows = sum(len(forwarding[oid].rows) for oid in (_QBRIDGE, _BRIDGE))
    return found


def _as_numbers(columns: Iterable[Column]) -> bool:
    """Make numbers of what a switch tells as text; whether all of it are numbers now."""
    understood = True
    for column in columns:
        for index, value in column.rows.items():
            number = whole(value)
            column.rows[index] = value if number is None else number
            understood &= number is not None
    return understood


def _is_whole(ports: Column, statuses: Column) -> bool:
    """Whether both columns of a table end at one place; devices come and go while they are read."""
    return not statuses.rows or _enough(len(ports.rows), len(statuses.rows))


def _has_counted(ports: Column, statuses: Column, counts: Column) -> bool:
    """Whether the table has as many heard devices as the switch counts, where it does."""
    heard = sum(1 for index in ports.rows if statuses.rows.get(index, _LEARNED) == _LEARNED)
    counted = sum(count for count in counts.rows.values() if isinstance(count, int))
    return not ports.rows or heard >= counted or _enough(heard, counted)


def _enough(one: int, two: int) -> bool:
    fewer, more = sorted((one, two))
    return (fewer + _COME_AND_GO) * 100 >= more * _ENOUGH_PERCENT


def _take_forwarding(
    found: SwitchTables, ports: Column, statuses: Column, cards: Mapping[int, int], wanted: frozenset[str]
) -> None:
    """Heard devices; the MAC stands in the last six numbers of the index, in Q-BRIDGE after its table's."""
    for index, port in ports.rows.items():
        if statuses.rows.get(index, _LEARNED) != _LEARNED or not isinstance(port, int) or port <= 0:
            continue
        card = cards.get(port, port)
        found.seats[card] = found.seats.get(card, 0) + 1
        mac = _mac(index[-6:])
        if mac in wanted:
            found.ports[mac] = card


def _take_lldp(
    found: SwitchTables,
    kinds: Column,
    names: Column,
    mac_kind: int,
    cards: Mapping[int, int],
    wanted: frozenset[str],
) -> None:
    """Neighbours that name themselves by a MAC; the index is time, port and number."""
    for index, value in names.rows.items():
        if (
            kinds.rows.get(index) == mac_kind
            and isinstance(value, bytes)
            and len(value) == 6
            and len(index) == 3
        ):
            mac = value.hex(":")
            if mac in wanted:
                found.ports.setdefault(mac, cards.get(index[1], index[1]))


def _take_addresses(
    found: SwitchTables, arp: Column, wanted: frozenset[str], addresses: frozenset[str]
) -> None:
    for index, value in arp.rows.items():
        if len(index) == 5 and isinstance(value, bytes) and len(value) == 6:
            address, mac = ".".join(map(str, index[1:])), value.hex(":")
            if mac in wanted:
                found.addresses[mac] = address
            if address in addresses:
                found.holders[address] = mac


def _link(admin: Value, operating: Value) -> Link:
    if admin == _DOWN:
        return "disabled"
    return _OPERATING_AS.get(operating, "untold") if isinstance(operating, int) else "untold"


def _mac(index: Index) -> str:
    return ":".join(f"{octet & 255:02x}" for octet in index)
