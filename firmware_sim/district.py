"""All devices of a scenario, listening."""

import asyncio
import datetime as dt
import logging
import time as system_time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache

from firmware_sim.addresses import (
    Endpoint,
    SchoolEndpoints,
    bind_controller,
    bind_projector,
    controller_host,
    network,
    projector_host,
)
from firmware_sim.controllers import controller_of
from firmware_sim.faults import PLANTED_PJLINK, Faults, PjlinkFaults, SnmpFaults
from firmware_sim.layout import Projector as Hung
from firmware_sim.pjlink import Projector
from firmware_sim.pjlink2 import mac_of, second_answers, udp_side
from firmware_sim.scenario import Scenario
from firmware_sim.snmp_agent import Agent
from firmware_sim.term import Replaced
from firmware_sim.usm import Security, User
from firmware_sim.world import Campus, World

log = logging.getLogger(__name__)

__all__ = ["Endpoint", "SchoolEndpoints", "planted_faults", "serve"]


@asynccontextmanager
async def serve(
    scenario: Scenario,
    *,
    faults: Faults | None = None,
    clock: Callable[[], float] = system_time.time,
    world: World | None = None,
) -> AsyncIterator[Mapping[str, SchoolEndpoints]]:
    """Start every device; gives where they listen, by school code. When the block ends, nothing listens.

    `faults` may be changed while they run; by default they are the scenario's. `clock` gives seconds UTC.
    Raises OSError where a device finds no port.
    """
    world = world or World(scenario)
    faults = faults or planted_faults(scenario, world, time=clock())
    async with AsyncExitStack() as stack:
        # Sockets close in the loop's next round, so the last thing is to wait for it.
        stack.push_async_callback(asyncio.sleep, 0)
        starter = _Starter(scenario=scenario, faults=faults, clock=clock, stack=stack)
        yield {
            school.code: await starter.school(world.campus(school.code), index)
            for index, school in enumerate(scenario.schools)
        }


def planted_faults(scenario: Scenario, world: World, *, time: float | None = None) -> Faults:
    """The faults that the scenario itself asks for at a moment; by default now."""
    moment = system_time.time() if time is None else time
    controllers: dict[str, SnmpFaults] = {}
    projectors: dict[tuple[str, str], PjlinkFaults] = {}
    for school in scenario.schools:
        controllers[school.code] = school.controller_faults
        campus = world.campus(school.code)
        devices = {hung.room.code: hung.device for hung in campus.layout.projectors}
        for entry in school.planted:
            fault = PLANTED_PJLINK.get(entry.fault)
            if fault and campus.has(entry.room, entry.fault, moment):
                projectors[school.code, devices[entry.room]] = PjlinkFaults(fault=fault)
    return Faults(controllers, projectors)


@dataclass(frozen=True, kw_only=True)
class _Starter:
    """Starts devices; `stack` stops them."""

    scenario: Scenario
    faults: Faults
    clock: Callable[[], float]
    stack: AsyncExitStack

    async def school(self, campus: Campus, index: int) -> SchoolEndpoints:
        return SchoolEndpoints(
            controller=await self._controller(campus, index),
            projectors={
                hung.device: await self._projector(campus, index, hung) for hung in campus.layout.projectors
            },
        )

    async def _controller(self, campus: Campus, index: int) -> Endpoint:
        school, place = campus.school.code, network(index)
        agent = Agent(
            controller_of(campus, network=place),
            swapped=cache(lambda: controller_of(_with_new_ones(campus, self.scenario), network=place)),
            community=self.scenario.community,
            school=school,
            seed=self.scenario.seed,
            clock=self.clock,
            faults=lambda: self.faults.controller(school),
            security=self._security(campus),
        )
        bound = bind_controller(controller_host(index))
        host, port = bound.getsockname()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: agent, sock=bound)
        self.stack.callback(transport.close)
        return Endpoint(host=host, port=port)

    def _security(self, campus: Campus) -> Security:
        def uptime() -> tuple[int, int]:
            state = campus.controller(self.clock())
            return int(state.uptime_s), state.boots

        scenario = self.scenario
        user = User(name=scenario.snmp_user, auth_key=scenario.snmp_auth_key, priv_key=scenario.snmp_priv_key)
        # Net-SNMP's number and the form "text" (RFC 3411 §5), with the school's code.
        engine = bytes.fromhex("80001f8804") + campus.school.code.encode()
        return Security(user, engine=engine, uptime=uptime)

    async def _projector(self, campus: Campus, index: int, hung: Hung) -> Endpoint:
        school = campus.school.code
        device = _Device(
            campus=campus,
            hung=hung,
            password=self.scenario.projector_password if campus.school.projectors_ask_password else None,
            faults=lambda: self.faults.projector(school, hung.device),
            clock=self.clock,
        )
        endpoint = await device.open(projector_host(index, hung.number))
        self.stack.push_async_callback(device.close)
        self.faults.watch_projector(school, hung.device, device.follow)
        if hung.room.projector_class == 2:
            await self._answer_searches(campus, hung, endpoint)
        return endpoint

    async def _answer_searches(self, campus: Campus, hung: Hung, at: Endpoint) -> None:
        """One of class 2 answers a search at the same port over UDP; where that is taken it is not found."""
        try:
            await self.stack.enter_async_context(udp_side(at.host, mac_of(campus, hung), port=at.port))
        except OSError as error:
            log.warning("%s at %s answers no search: %s", hung.device, at, error)


def _with_new_ones(campus: Campus, scenario: Scenario) -> Campus:
    """The school in which the access points of the first room have given way to new ones."""
    school = campus.school
    before = {change.room for change in school.replaced}
    room = next((room.code for room in school.rooms if room.aps and room.code not in before), None)
    if room is None:
        return campus
    new = Replaced(room=room, day=dt.date(1970, 1, 2))
    changed = school.model_copy(update={"replaced": (*school.replaced, new)})
    return Campus(changed, seed=scenario.seed, timetable=campus.timetable)


class _Device:
    """A projector's listening socket: there, or not while the projector refuses."""

    def __init__(
        self,
        *,
        campus: Campus,
        hung: Hung,
        password: str | None,
        faults: Callable[[], PjlinkFaults],
        clock: Callable[[], float],
    ) -> None:
        self._campus = campus
        self._hung = hung
        self._password = password
        self._faults = faults
        self._clock = clock
        self._connections: set[Projector] = set()
        self._accepted = 0
        self._endpoint: Endpoint | None = None
        self._server: asyncio.Server | None = None
        self._change: asyncio.Task[None] | None = None

    async def open(self, host: str) -> Endpoint:
        bound = bind_projector(host)
        self._endpoint = Endpoint(host=host, port=bound.getsockname()[1])
        self._server = await asyncio.get_running_loop().create_server(self._connection, sock=bound)
        self.follow()
        await self._settled()
        return self._endpoint

    async def close(self) -> None:
        await self._settled()
        await self._stop()

    def follow(self) -> None:
        """Listen or stop listening as the faults say, one change after the other."""
        self._change = asyncio.get_running_loop().create_task(
            self._adapt(self._change), name=f"listen {self._hung.device}"
        )

    async def _adapt(self, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait({before})
        if self._faults().fault == "refuse":
            await self._stop()
        elif self._server is None and self._endpoint:
            bound = bind_projector(self._endpoint.host, port=self._endpoint.port)
            self._server = await asyncio.get_running_loop().create_server(self._connection, sock=bound)

    async def _settled(self) -> None:
        if self._change:
            await self._change

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if server:
            server.close()
            for connection in list(self._connections):
                connection.drop()
            await server.wait_closed()

    def _connection(self) -> Projector:
        self._accepted += 1
        return Projector(
            name=f"{self._hung.device} {self._hung.room.name}",
            model="Laser" if self._hung.room.projector == "laser" else "Lamp",
            number=self._accepted,
            password=self._password,
            state=lambda: self._campus.projector_state(self._hung, self._clock()),
            faults=self._faults,
            connections=self._connections,
            second=(lambda: second_answers(self._campus, self._hung, self._clock()))
            if self._hung.room.projector_class == 2
            else None,
        )
