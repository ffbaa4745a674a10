"""Radio: how strong an access point is heard at a place (log-distance with walls and floors)."""

import math
from dataclasses import dataclass
from typing import Literal

from firmware_sim.layout import Place, wall_count

Band = Literal["2.4", "5"]
BANDS: tuple[Band, ...] = ("2.4", "5")


@dataclass(frozen=True, slots=True, kw_only=True)
class BandFacts:
    """What differs between the bands. EIRP as a real AC6605 reports it; the losses are planning figures."""

    eirp_dbm: int
    first_metre_db: float  # free space at 1 m: 20·log10(MHz) − 27.6
    wall_db: float  # brick, 24 cm
    floor_db: float
    noise_dbm: int
    channels: tuple[int, ...]


BAND_FACTS: dict[Band, BandFacts] = {
    "2.4": BandFacts(
        eirp_dbm=20, first_metre_db=40.1, wall_db=12, floor_db=20, noise_dbm=-92, channels=(1, 6, 11)
    ),
    "5": BandFacts(
        eirp_dbm=23,
        first_metre_db=47.2,
        wall_db=16,
        floor_db=26,
        noise_dbm=-95,
        channels=(36, 52, 149, 44, 60, 157, 161),
    ),
}
# Between free space (2) and a furnished room behind walls (3.5); walls are counted by themselves.
_EXPONENT = 2.8
# A handset's antenna and the hand that holds it.
_HANDSET_LOSS_DB = 6.0
# Below this no handset lists the network.
SENSITIVITY_DBM = -92
# What a cabinet, a pillar and a metal door do to one corner.
SHADOW_DB = 34.0


def received_dbm(band: Band, sender: Place, receiver: Place) -> float:
    """What a handset at `receiver` hears of an access point at `sender`, without fading."""
    facts = BAND_FACTS[band]
    distance = max(1.0, math.dist((sender.x, sender.y, sender.z), (receiver.x, receiver.y, receiver.z)))
    path = facts.first_metre_db + 10 * _EXPONENT * math.log10(distance)
    floors = abs(sender.floor - receiver.floor)
    obstacles = wall_count(sender, receiver) * facts.wall_db + floors * facts.floor_db
    return facts.eirp_dbm - path - obstacles - _HANDSET_LOSS_DB
