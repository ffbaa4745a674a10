"""The best that a budget reaches: first the most sections that pass, then the least that is missing.

A school can be lifted for none, some or all of its sections, each way at a price. The cheapest way to any
number of passing sections is found exactly, school by school (dynamic programming).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil

from rules.judging.evaluate import Evaluation
from rules.planner.buyers import Buyer, buying_problem
from rules.planner.model import Part
from rules.planner.prices import FEN, Prices
from rules.standards.standard import Indicator


@dataclass(frozen=True, kw_only=True)
class Afforded:
    """Lots by school code; yuan left over, and yuan still missing for every threshold."""

    rooms: Mapping[str, int]
    equipment: Mapping[str, int]
    left: Fraction
    missing: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One way to spend on a school: how many sections pass then, and its price in fen."""

    passing: int
    rooms: int
    equipment: int
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _School:
    """A school's parts by resource, as far as known, in one order of sections (None: not known)."""

    code: str
    parts: tuple[tuple[Part | None, Part | None], ...]
    room_fen: int
    lot_fen: int
    brought: Fraction  # lots of equipment that a room brings along

    def way(self, wanted: Iterable[int]) -> _Way:
        """The cheapest purchase with which the wanted sections pass."""
        chosen = [self.parts[index] for index in wanted]
        rooms = max((room.least for room, _ in chosen if room), default=0)
        lacking = max(
            (
                (part.needs - part.has) / part.share - rooms * self.brought
                for _, part in chosen
                if part is not None
            ),
            default=Fraction(0),
        )
        equipment = max(0, ceil(lacking))
        return _Way(
            passing=sum(self._passes(pair, rooms, equipment) for pair in self.parts),
            rooms=rooms,
            equipment=equipment,
            fen=rooms * self.room_fen + equipment * self.lot_fen,
        )

    def ways(self) -> list[_Way]:
        numbers = range(len(self.parts))
        return [
            self.way(wanted) for size in range(len(self.parts) + 1) for wanted in combinations(numbers, size)
        ]

    def _passes(self, pair: tuple[Part | None, Part | None], rooms: int, equipment: int) -> bool:
        room, value = pair
        if room is None or value is None:
            return False
        return (
            room.after(rooms) >= room.needs
            and value.after(0) + value.share * (equipment + rooms * self.brought) >= value.needs
        )


def afford(
    evaluation: Evaluation,
    buyers: Sequence[Buyer],
    prices: Prices,
    rooms: Indicator,
    equipment: Indicator,
    budget: Fraction,
) -> Afforded:
    """Spend the budget on thresholds; balance is not looked at here."""
    schools = _schools(evaluation, buyers, prices, rooms, equipment)
    chosen = _choose(schools, int(budget / FEN))
    left = int(budget / FEN) - sum(way.fen for way in chosen)
    room_lots = {school.code: way.rooms for school, way in zip(schools, chosen, strict=True)}
    lots = {school.code: way.equipment for school, way in zip(schools, chosen, strict=True)}
    left = _spend_rest(schools, room_lots, lots, left)
    missing = 0
    for school in schools:
        whole = school.way(range(len(school.parts)))
        more = max(0, whole.rooms - room_lots[school.code])
        brought = (room_lots[school.code] + more - whole.rooms) * school.brought
        lacking = max(0, ceil(whole.equipment - lots[school.code] - brought))
        missing += more * school.room_fen + lacking * school.lot_fen
    return Afforded(rooms=room_lots, equipment=lots, left=left * FEN, missing=missing * FEN)


def _schools(
    evaluation: Evaluation, buyers: Sequence[Buyer], prices: Prices, rooms: Indicator, equipment: Indicator
) -> list[_School]:
    lot = prices.equipment_step_cny
    found = []
    for buyer in buyers:
        sides: list[dict[str, Part]] = []
        for indicator, size in ((rooms, Fraction(1)), (equipment, lot)):
            _, problem = buying_problem(evaluation, [buyer], indicator, lot=size)
            sides.append({part.stage: part for site in problem.sites for part in site.parts})
        stages = [result.section.stage for result in buyer.sections]
        found.append(
            _School(
                code=buyer.school.school_code,
                parts=tuple((sides[0].get(stage), sides[1].get(stage)) for stage in stages),
                room_fen=int(prices.room(buyer.school.kind) / FEN),
                lot_fen=int(lot / FEN),
                brought=prices.room_adds_equipment_cny / lot,
            )
        )
    return found


def _choose(schools: Sequence[_School], budget: int) -> list[_Way]:
    """The cheapest way to the most passing sections that the budget pays for."""
    # cheapest[n]: the least that n passing sections cost among the schools looked at so far.
    cheapest: dict[int, int] = {0: 0}
    trail: list[dict[int, _Way]] = []
    for school in schools:
        ways = school.ways()
        then: dict[int, int] = {}
        taken: dict[int, _Way] = {}
        for count, fen in cheapest.items():
            for way in ways:
                total, number = fen + way.fen, count + way.passing
                if total <= budget and (number not in then or total < then[number]):
                    then[number], taken[number] = total, way
        cheapest = then
        trail.append(taken)
    count = max(cheapest)
    chosen: list[_Way] = []
    for taken in reversed(trail):
        chosen.append(taken[count])
        count -= taken[count].passing
    return chosen[::-1]


def _spend_rest(schools: Sequence[_School], rooms: dict[str, int], lots: dict[str, int], left: int) -> int:
    """Bring the schools that still fall short nearer: whole rooms first, equipment fits into what remains."""
    for school in schools:
        lacking = school.way(range(len(school.parts))).rooms - rooms[school.code]
        more = min(max(0, lacking), left // school.room_fen)
        rooms[school.code] += more
        left -= more * school.room_fen
    for school in schools:
        whole = school.way(range(len(school.parts)))
        brought = (rooms[school.code] - whole.rooms) * school.brought
        lacking = max(0, ceil(whole.equipment - lots[school.code] - brought))
        more = min(lacking, left // school.lot_fen)
        lots[school.code] += more
        left -= more * school.lot_fen
    return left
