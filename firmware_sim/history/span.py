"""Which span of the past is told, and where the devices of each school listened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from firmware_sim.addresses import (
    PJLINK_PORT,
    SNMP_PORT,
    Endpoint,
    SchoolEndpoints,
    controller_host,
    projector_host,
    usual_rooms,
)
from firmware_sim.chance import digest
from firmware_sim.scenario import Scenario, School
from firmware_sim.world import World
from runtime import ConfigError
from runtime.language import Text

# A reading as it is told, before it is bytes; what is None is not told.
Told = dict[str, object]
# The collectors of a school's gateway, as the demonstration's gateways call theirs.
GATEWAY = "gw-1"
CONTROLLER, PROJECTORS, SURVEY, LEDGER = "ac1", "projectors", "survey", "ledger"
ROOMS, PLUGS, BEACONS = "rooms", "plugs", "beacons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begin` to `end`, seconds UTC; every device is asked every `interval_s`.

    walks: when the school is walked through; with none the gateway has no folder for surveys.
    """

    begin: float
    end: float
    interval_s: int = 300
    walks: Literal["weekly", "once", "none"] = "weekly"

    def epoch(self, scenario: Scenario, school: str) -> str:
        """The identity of the spool that these readings were kept in: another span, another spool."""
        names = (scenario.name, scenario.seed, school, GATEWAY, self.begin, self.end, self.interval_s)
        return f"{digest(*names, 'spool'):016x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPlaces:
    """How a gateway names its targets: the controller, projectors by device, the rooms' switch, the plugs'
    broker and its own ear for beacons. computers: the port at which panels and class PCs answer."""

    controller: str
    projectors: Mapping[str, str]
    switch: str
    computers: int
    plugs: str
    beacons: str


def places_of(
    scenario: Scenario, world: World, addresses: Mapping[str, SchoolEndpoints] | None = None
) -> dict[str, SchoolPlaces]:
    """By school: where devices listen, or would listen were their ports free."""
    found = {}
    for index, school in enumerate(scenario.schools):
        _must_be_tellable(school)
        if school.controller_faults.model_fields_set:
            raise ConfigError(
                Text(
                    f"学校 {school.code} 有 controller_faults：历史数据无法表现控制器的此类故障，请去掉",
                    f"school {school.code} has controller_faults, which a history cannot play: take them out",
                )
            )
        endpoints = addresses[school.code] if addresses else _usual(world, index, school.code)
        rooms = endpoints.rooms or usual_rooms(index)
        found[school.code] = SchoolPlaces(
            controller=_target(endpoints.controller, SNMP_PORT),
            projectors={name: _target(at, PJLINK_PORT) for name, at in endpoints.projectors.items()},
            switch=_target(rooms.switch, SNMP_PORT),
            computers=rooms.computers,
            plugs=str(rooms.plugs),
            beacons=str(rooms.beacons),
        )
    return found


def _must_be_tellable(school: School) -> None:
    """A history that left something out would be none of this district; so it is refused."""
    if school.faulty:
        device = min(school.faulty)
        raise ConfigError(
            Text(
                f"学校 {school.code} 的 faulty 有 {device}：历史数据无法表现此类故障，请去掉",
                f"school {school.code} has {device} under faulty, which a history cannot play: take it out",
            )
        )
    for room in school.rooms:
        if room.plug != "none" and room.plug_on_w is None:
            place = f"{school.code} {room.code}"
            raise ConfigError(
                Text(
                    f"房间 {place} 的插座没有 plug_on_w：历史数据无法表现网关学得的门限，请写上",
                    f"the plug of {place} has no plug_on_w: a history cannot tell which threshold its"
                    " gateway would have learnt; write it",
                )
            )


def _usual(world: World, index: int, school: str) -> SchoolEndpoints:
    return SchoolEndpoints(
        controller=Endpoint(host=controller_host(index), port=SNMP_PORT),
        projectors={
            hung.device: Endpoint(host=projector_host(index, hung.number), port=PJLINK_PORT)
            for hung in world.campus(school).layout.projectors
        },
    )


def _target(at: Endpoint, usual: int) -> str:
    return at.host if at.port == usual else str(at)
