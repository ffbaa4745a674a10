"""The rooms of a baseline school: those with a display, corridors, music and art; access points in all."""

import math
from decimal import Decimal

from firmware_sim.baseline.targets import Targets, TargetsError
from firmware_sim.chance import chance
from firmware_sim.scenario import RoomGroup
from runtime.language import Text

# One music room and one art room for every 12 classes; 96 and 90 m² (2017 rules, 政府保障程度).
_CLASSES_PER_ROOM = 12
_SPECIAL = (("YY", "音乐教室", Decimal(96)), ("MS", "美术教室", Decimal(90)))
# An access point hangs in every room, and in the corridors one for so many rooms.
_ROOMS_PER_AP = 6


def room_groups(first_room: int, displays: int, classes: int, occupied: int) -> tuple[RoomGroup, ...]:
    """`displays` rooms with a projector, and the special rooms, of which `occupied` serve as classrooms."""
    lamps = math.ceil(displays / 2)
    teaching = [("lamp", first_room, lamps), ("laser", first_room + lamps, displays - lamps)]
    groups = [
        RoomGroup.model_validate(
            {
                "first": first,
                "count": count,
                "name": "{code}教室",
                "kind": "普通教室",
                "area_m2": 66,
                "multimedia": True,
                "aps": 1,
                "projector": projector,
            }
        )
        for projector, first, count in teaching
        if count
    ]
    groups.append(
        RoomGroup(
            first=1,
            count=math.ceil(displays / _ROOMS_PER_AP),
            prefix="ZL",
            name="第{n}走廊",
            kind="走廊",
            area_m2=Decimal(60),
            coverage="minor",
        )
    )
    return (*groups, *_special_rooms(_needed(classes), occupied))


def occupied_rooms(classes: dict[str, int], targets: Targets) -> dict[str, int]:
    """How many special rooms serve as something else, by school: shared out evenly over the largest ones."""
    left, count = targets.occupied.rooms, targets.occupied.schools
    largest = sorted(classes, key=lambda code: (-classes[code], chance(targets.seed, code, "occupied")))
    found: dict[str, int] = {}
    for index, code in enumerate(largest[:count]):
        found[code] = math.ceil(left / (count - index))
        left -= found[code]
        if found[code] > len(_SPECIAL) * _needed(classes[code]):
            wanted = found[code]
            raise TargetsError(
                Text(
                    f"occupied：学校 {code} 没有 {wanted} 间音乐、美术教室可被挤占",
                    f"occupied: school {code} has no {wanted} music and art rooms to occupy",
                )
            )
    return found


def _needed(classes: int) -> int:
    return math.ceil(classes / _CLASSES_PER_ROOM)


def _special_rooms(needed: int, occupied: int) -> list[RoomGroup]:
    """As many of each as are needed; the occupied ones are taken from music and art in turn."""
    groups = []
    for index, (prefix, kind, area) in enumerate(_SPECIAL):
        lost = (occupied + 1 - index) // 2
        for first, count, taken in ((1, needed - lost, False), (1 + needed - lost, lost, True)):
            if count:
                name = f"{kind}{{code}}" + ("（现作普通教室）" if taken else "")
                groups.append(
                    RoomGroup(
                        first=first,
                        count=count,
                        prefix=prefix,
                        name=name,
                        kind=kind,
                        area_m2=area,
                        aps=1,
                        occupied=taken,
                    )
                )
    return groups
