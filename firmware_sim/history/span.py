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
    """How a gateway names its targets: the controller, and projectors by device."""

    controller: str
    projectors: Mapping[str, str]


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
        found[school.code] = SchoolPlaces(
            controller=_target(endpoints.controller, SNMP_PORT),
            projectors={name: _target(at, PJLINK_PORT) for name, at in endpoints.projectors.items()},
        )
    return found


def _must_be_tellable(school: School) -> None:
    """A history that left devices out would be none of this district; so it is refused."""
    for room in school.rooms:
        others = {
            Text("交互大屏", "a panel"): room.panel,
            Text("教室电脑", "a class PC"): room.class_pc,
            Text("计量插座", "a plug"): room.plug != "none",
            Text("PJLink 2 类投影机", "a projector of PJLink class 2"): room.projector_class == 2,
        }
        for what, there in others.items():
            if there:
                place = f"{school.code} {room.code}"
                raise ConfigError(
                    Text(
                        f"房间 {place} 有{what.zh}：历史数据尚不能表现，请去掉",
                        f"{place} has {what.en}, which a history cannot tell yet: take it out",
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
