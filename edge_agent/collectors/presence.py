"""Panels, class PCs and anything with an address: on where something proves it, off where silence does.

Nothing is installed on them. An echo request or a connection is answered; the neighbour table says whether
the same network card answered; a switch hears devices that answer nothing. Silence where the way is closed is
unknown.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contract import CollectorRun, Reading, RoomDevice
from edge_agent.collectors.base import Clock, Reads, Recall, Round, RunStatus, joined, shorten
from edge_agent.collectors.presence_memory import Known, Memory
from edge_agent.collectors.presence_verdict import Signs, Verdict, judge
from edge_agent.collectors.switch_tables import SwitchTables, read_switch
from edge_agent.device_list import ListedDevice
from edge_agent.hosts import Unresolved, address_of
from edge_agent.network.asking import Heard, ask
from edge_agent.network.neighbours import Neighbour, Neighbours, read_neighbours
from edge_agent.network.ping import NotPermitted, Pings
from edge_agent.network.way import closed_way
from edge_agent.settings import PresenceSettings
from edge_agent.snmp.asking import Denied, Failed, NotThere, Silent, Source, Unknown
from edge_agent.snmp.turns import turn
from runtime.hosts import is_address
from runtime.language import Text

DEVICES_TARGET = "devices"
SWITCH_BUDGET_S = 45.0
# How many addresses a device known by its MAC is asked at.
_MOST_PLACES = 3
# A search asks every address of a network: not more often than this.
SEARCH_EVERY_MS = 10 * 60_000
_NAMED = 5

Open = Callable[[], Source]


@dataclass(kw_only=True)
class _Network:
    """What a round has found out about the network."""

    neighbours: Neighbours = field(default_factory=dict)
    switches: dict[str, SwitchTables | None] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    unresolved: dict[str, Text] = field(default_factory=dict)
    searched: bool = False

    def holder(self, address: str) -> str | None:
        """The MAC at an address, as far as somebody tells."""
        mac = self.neighbours.get(address, Neighbour(mac=None)).mac
        told = (switch.holders.get(address) for switch in self.switches.values() if switch is not None)
        return mac or next((holder for holder in told if holder), None)

    def addresses_of(self, mac: str) -> list[str]:
        """Where a network card is now, as far as somebody tells."""
        near = [
            address
            for address, neighbour in self.neighbours.items()
            if neighbour.mac == mac and "." in address
        ]
        far = [
            switch.addresses[mac]
            for switch in self.switches.values()
            if switch is not None and mac in switch.addresses
        ]
        return [*near, *far]

    def port_of(self, mac: str) -> tuple[str, int] | None:
        """The switch and port nearest to a network card: the port with the fewest others."""
        places = [
            (switch.seats.get(switch.ports[mac], 0), name, switch.ports[mac])
            for name, switch in self.switches.items()
            if switch is not None and mac in switch.ports
        ]
        return min(places)[1:] if places else None


class Presence:
    """All listed devices of a school, and the switches that hear them."""

    reads: Reads = "room_device"

    def __init__(
        self,
        settings: PresenceSettings,
        *,
        devices: Sequence[ListedDevice],
        switches: Mapping[str, Open],
        recall: Recall,
    ) -> None:
        """`switches`: a way to ask each, anew every round, by the name of its target."""
        self.id = settings.id
        self.interval_s = settings.interval_s
        self._settings = settings
        self._devices = devices
        self._switches = switches
        self._memory = Memory(f"presence:{settings.id}", recall)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._searched_at: int | None = None
        self._remarks: dict[str, Text] = {}

    async def collect(self, clock: Clock) -> Round:
        """Ask the switches, then the devices."""
        started, self._remarks = time.monotonic(), {}
        network = _Network()
        runs, words = await self._ask_switches(network, clock)
        await self._ask_devices(network, clock)
        now = clock()
        verdicts = {device.device: self._judge(device, network) for device in self._devices}
        readings = [_reading(device, verdicts[device.device], now) for device in self._devices]
        run, why = self._run(verdicts, network, now, started)
        if why is not None:
            words[run.target] = why
        return Round(
            runs=(*runs, run), readings=tuple(readings), notes=self._memory.changed_notes(), words=words
        )

    # The switches.

    async def _ask_switches(
        self, network: _Network, clock: Clock
    ) -> tuple[list[CollectorRun], dict[str, Text]]:
        macs = {mac for device in self._devices if (mac := self._mac(device))}
        addresses = {device.host for device in self._devices if is_address(device.host)}
        told = await asyncio.gather(
            *(
                self._ask_switch(name, open_source, macs, addresses, clock)
                for name, open_source in self._switches.items()
            )
        )
        words: dict[str, Text] = {}
        for run, tables, why in told:
            network.switches[run.target] = tables
            if why is not None:
                words[run.target] = why
        return [run for run, _, _ in told], words

    async def _ask_switch(
        self, name: str, open_source: Open, macs: set[str], addresses: set[str], clock: Clock
    ) -> tuple[CollectorRun, SwitchTables | None, Text | None]:
        started, source = clock(), open_source()
        tables: SwitchTables | None = None
        why: Text | None = None
        status: RunStatus = "ok"
        try:
            async with turn(name), asyncio.timeout(SWITCH_BUDGET_S):
                tables = await read_switch(source, macs=macs, addresses=addresses)
        except TimeoutError:
            status, why = (
                "timeout",
                Text(f"{SWITCH_BUDGET_S:.0f} 秒内没有读完", f"no end within {SWITCH_BUDGET_S:.0f} s"),
            )
        except Failed as error:
            status, why = _status_of(error), error.text
            if status == "timeout" and not isinstance(error, NotThere):
                why = Text("没有答复：关机、不通，或团体名不对", "no answer: down or wrong community")
        finally:
            source.close()
        if tables is not None and not tables.rows and not tables.bridges:
            status, why = (
                "unsupported",
                Text("没有转发表，不是交换机？", "no forwarding table: is it a switch?"),
            )
        elif tables is not None and not tables.whole:
            status, why = "partial", Text("有的表没有读完", "some of its tables break off")
        now = clock()
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=name,
            status=status,
            rows=tables.rows if tables else 0,
            duration_ms=max(0, now - started),
            requests=source.effort.requests,
            retries=source.effort.retries,
            reason=shorten(why.zh) if why else None,
        )
        return run, tables, why

    # The devices.

    async def _ask_devices(self, network: _Network, clock: Clock) -> None:
        pings = await self._pings()
        try:
            await self._read_neighbours(network)
            await self._resolve(network)
            places = {device.device: self._places(device, network) for device in self._devices}
            vias = {self._via(device) for device in self._devices} - {""}
            await self._ask_all(
                (*vias, *(place for some in places.values() for place in some)), network, pings
            )
            await self._read_neighbours(network)
            lost = [device for device in self._devices if self._lost(device, network)]
            await self._look_for(lost, network, pings, clock())
        finally:
            if pings is not None:
                pings.close()

    async def _pings(self) -> Pings | None:
        if self._settings.method == "tcp":
            return None
        try:
            return await Pings.open()
        except NotPermitted:
            self._remarks["icmp"] = Text(
                "系统不许本程序发 ping（net.ipv4.ping_group_range）",
                "the system does not let this program ping (net.ipv4.ping_group_range)",
            )
            return None

    async def _read_neighbours(self, network: _Network) -> None:
        try:
            network.neighbours = await read_neighbours(self._settings.neighbours)
        except OSError:
            self._remarks["neighbours"] = Text(
                "读不到邻居表，无法核对网卡",
                "the neighbour table cannot be read: network cards are not checked",
            )

    async def _resolve(self, network: _Network) -> None:
        async def look_up(host: str) -> None:
            try:
                network.resolved[host] = await address_of(host, within_s=self._settings.timeout_s)
            except Unresolved as error:
                network.unresolved[host] = error.text

        hosts = {device.host for device in self._devices if device.host} | {
            device.via for device in self._devices if device.via
        }
        await asyncio.gather(*(look_up(host) for host in hosts))

    def _places(self, device: ListedDevice, network: _Network) -> list[str]:
        """Where a device may be found: where its network card is now, where it was, where the list says."""
        mac = self._mac(device)
        found = network.addresses_of(mac) if mac else []
        found += [self._memory.of(device.device).address, network.resolved.get(device.host, "")]
        return [place for place in dict.fromkeys(found) if place][:_MOST_PLACES]

    async def _ask_all(self, places: Iterable[str], network: _Network, pings: Pings | None) -> None:
        async def one(address: str) -> None:
            async with self._slots:
                network.heard[address] = await ask(
                    address,
                    method=self._settings.method,
                    ports=self._settings.ports,
                    pings=pings,
                    within_s=self._settings.timeout_s,
                )

        new = {network.resolved.get(place, place) for place in places} - network.heard.keys()
        await asyncio.gather(*(one(address) for address in new if is_address(address)))

    def _lost(self, device: ListedDevice, network: _Network) -> bool:
        """Whether a device known by its network card is at none of its places."""
        mac = self._mac(device)
        return bool(mac) and self._found_at(device, network) is None

    async def _look_for(
        self, lost: Sequence[ListedDevice], network: _Network, pings: Pings | None, now: int
    ) -> None:
        """Ask where the neighbour table knows their cards by now, and the network that may be searched."""
        if not lost:
            return
        search = self._settings.search
        due = self._searched_at is None or now - self._searched_at >= SEARCH_EVERY_MS
        if search is not None and due:
            self._searched_at = now
            network.searched = True
            await self._ask_all(map(str, search.hosts()), network, pings)
            await self._read_neighbours(network)
        await self._ask_all(
            (place for device in lost for place in self._places(device, network)), network, pings
        )

    # What follows from it.

    def _mac(self, device: ListedDevice) -> str:
        return device.mac or self._memory.of(device.device).mac

    def _via(self, device: ListedDevice) -> str:
        return device.via if device.via not in self._switches else ""

    def _found_at(self, device: ListedDevice, network: _Network) -> str | None:
        """The address at which the device itself answers; where no card can be told, the listed one."""
        mac = self._mac(device)
        listed = network.resolved.get(device.host, "")
        for place in self._places(device, network):
            heard, holder = network.heard.get(place), network.holder(place)
            if heard is None or heard.how is None:
                continue
            if holder == mac or not mac or (holder is None and place == listed):
                return place
        return None

    def _judge(self, device: ListedDevice, network: _Network) -> Verdict:
        known, mac = self._memory.of(device.device), self._mac(device)
        place = self._found_at(device, network)
        port = network.port_of(mac) if mac else None
        signs = self._signs(device, known, network, place, port)
        verdict = judge(signs, no_link=self._settings.no_link)
        if verdict.seen:
            learnt = network.holder(place) if place is not None and not mac else None
            switch, number = port or (known.switch, known.port)
            self._memory.put(
                device.device,
                replace(
                    known,
                    mac=known.mac or learnt or "",
                    address=place or known.address,
                    switch=switch,
                    port=number,
                    seen=True,
                ),
            )
        return verdict

    def _signs(
        self,
        device: ListedDevice,
        known: Known,
        network: _Network,
        place: str | None,
        port: tuple[str, int] | None,
    ) -> Signs:
        mac, places = self._mac(device), self._places(device, network)
        heard = [network.heard[at] for at in places if at in network.heard]
        tables = network.switches.get(known.switch)
        near = [network.neighbours[at] for at in places if at in network.neighbours]
        all_whole = bool(network.switches) and all(
            tables is not None and tables.whole for tables in network.switches.values()
        )
        via = network.resolved.get(device.via, device.via)
        via_silent = bool(device.via) and (
            network.switches.get(device.via) is None
            if device.via in self._switches
            else network.heard.get(via, Heard()).how is None
        )
        return Signs(
            answered=network.heard[place].how if place is not None else None,
            stranger=place is None and any(told.how is not None for told in heard),
            neighbour=bool(mac) and any(entry.confirmed and entry.mac == mac for entry in near),
            port=f"{port[0]} {port[1]}" if port else None,
            home=known.home,
            link=tables.links.get(known.port) if tables is not None else None,
            home_silent=bool(known.switch) and known.switch in network.switches and tables is None,
            home_partial=tables is not None and not tables.whole,
            closed=next((told.closed for told in heard if told.closed is not None), None)
            or next((way for at in places if (way := closed_way(at)) is not None), None),
            via_silent=device.via if via_silent else "",
            searched=network.searched or (bool(mac) and all_whole),
            asked=bool(heard) or (bool(mac) and (all_whole or network.searched)),
            known=known.seen,
        )

    def _run(
        self, verdicts: Mapping[str, Verdict], network: _Network, now: int, started: float
    ) -> tuple[CollectorRun, Text | None]:
        unknown = [device for device, verdict in verdicts.items() if verdict.on is None]
        problems = [*self._remarks.values(), *list(network.unresolved.values())[:_NAMED]]
        for device in unknown[:_NAMED]:
            why = verdicts[device].why
            problems.append(Text(f"{device}：{why.zh}", f"{device}: {why.en}"))
        if len(unknown) > _NAMED:
            more = len(unknown) - _NAMED
            problems.append(Text(f"另有 {more} 台不详", f"{more} more are unknown"))
        why_all = joined(problems) if problems else None
        known = len(verdicts) - len(unknown)
        status: RunStatus = (
            "ok" if not unknown and not network.unresolved else "partial" if known else "timeout"
        )
        if not verdicts:
            status, why_all = "config", Text("清单中没有设备", "the list has no device")
        run = CollectorRun(
            time=now,
            collector=self.id,
            target=DEVICES_TARGET,
            status=status,
            rows=known,
            expected=len(verdicts),
            duration_ms=round((time.monotonic() - started) * 1000),
            requests=len(network.heard),
            reason=shorten(why_all.zh) if why_all else None,
        )
        return run, why_all


def _reading(device: ListedDevice, verdict: Verdict, now: int) -> Reading:
    return RoomDevice(
        time=now,
        device=device.device,
        type=device.type,
        room=device.room,
        reachable=verdict.seen,
        power=None if verdict.on is None else "on" if verdict.on else "off",
        evidence=verdict.evidence,
        why=shorten(verdict.why.zh),
    )


def _status_of(error: Failed) -> RunStatus:
    if isinstance(error, Unknown):
        return "config"
    if isinstance(error, Denied):
        return "auth"
    return "timeout" if isinstance(error, Silent) else "decode"
