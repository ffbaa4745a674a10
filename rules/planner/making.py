"""`campus rules plan`: the least rooms and equipment with which sections pass and stages are balanced."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from registry.districts import district_title
from rules.judging.evaluate import Evaluation
from rules.planner.budget import afford
from rules.planner.buyers import Buyer, buyers_of, buying_problem, indicator_of
from rules.planner.model import BuyingProblem, Solution
from rules.planner.prices import FEN, Prices
from rules.planner.solver import solve
from rules.standards.standard import Indicator
from runtime.language import Language

Objective = Literal["rooms", "money"]
Reach = Literal["everything", "thresholds", "budget"]


@dataclass(frozen=True, kw_only=True)
class Bought:
    """One resource of one district: lots by school code, and how far from the proven bound.

    amount, bound: rooms, or yuan of equipment. None: no purchase was found that balances the district.
    """

    indicator: Indicator
    lot: Fraction
    lots: Mapping[str, int]
    bound: Fraction | None
    balanced: bool

    @property
    def amount(self) -> Fraction:
        return sum(self.lots.values()) * self.lot

    @property
    def gap(self) -> Fraction | None:
        return None if self.bound is None else self.amount - self.bound

    @property
    def optimal(self) -> bool:
        return self.gap == 0

    def of(self, school_code: str) -> Fraction:
        return self.lots.get(school_code, 0) * self.lot


@dataclass(frozen=True, kw_only=True)
class DistrictPlan:
    """What a district buys. cost_bound: nothing that meets everything costs less; None under a budget."""

    district: str
    buyers: tuple[Buyer, ...]
    rooms: Bought
    equipment: Bought
    cost: Fraction
    cost_bound: Fraction | None

    @property
    def balanced(self) -> bool:
        return self.rooms.balanced and self.equipment.balanced


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The plan of every district. missing: yuan that a budget lacks for the thresholds. district_names: as
    the registry gives them.
    """

    evaluation: Evaluation
    prices: Prices
    objective: Objective
    budget: Fraction | None
    reach: Reach
    districts: tuple[DistrictPlan, ...]
    missing: Fraction = Fraction(0)
    district_names: Mapping[str, str] = field(default_factory=dict)

    def district_title(self, code: str, language: Language | None = None) -> str:
        """In the program's language, unless another is asked for."""
        title = district_title(code, self.district_names)
        return str(title) if language is None else title.of(language)

    @property
    def cost(self) -> Fraction:
        return sum((district.cost for district in self.districts), Fraction(0))


def make_plan(
    evaluation: Evaluation,
    prices: Prices,
    *,
    objective: Objective = "rooms",
    budget: Fraction | None = None,
    district_names: Mapping[str, str] | None = None,
    enough: Callable[[], bool] = lambda: False,
) -> Plan:
    """Plan every district of an evaluation; `enough` tells when the search has to stop with what it has.

    Raises ConfigError where the standard has no indicator of rooms or of equipment to plan for.
    """
    whole = tuple(
        _district(evaluation, district.district, prices, objective, enough)
        for district in evaluation.districts
    )
    plan = Plan(
        evaluation=evaluation,
        prices=prices,
        objective=objective,
        budget=None,
        reach="everything",
        districts=whole,
        district_names=district_names or {},
    )
    return plan if budget is None else within(plan, budget)


def within(plan: Plan, budget: Fraction) -> Plan:
    """The best for a budget: the whole plan where it suffices, else most sections, then the least that is
    missing, then balance. plan: the whole one, made without a budget."""
    if plan.cost <= budget:
        return replace(plan, budget=budget)
    return _within(plan, budget)


def paid(prices: Prices, buyers: Sequence[Buyer], rooms: Mapping[str, int], equipment: Fraction) -> Fraction:
    """What rooms and equipment cost together."""
    kinds = {buyer.school.school_code: buyer.school.kind for buyer in buyers}
    return sum((prices.room(kinds[code]) * count for code, count in rooms.items()), Fraction(0)) + equipment


def _district(
    evaluation: Evaluation, district: str, prices: Prices, objective: Objective, enough: Callable[[], bool]
) -> DistrictPlan:
    buyers = buyers_of(evaluation, district)
    rooms, rooms_cost_bound = _rooms(evaluation, buyers, prices, objective, enough)
    equipment = _equipment(evaluation, buyers, prices, rooms, enough)
    cost = paid(prices, buyers, rooms.lots, equipment.amount)
    bound = _cost_bound(evaluation, buyers, prices, rooms_cost_bound, equipment, enough)
    return DistrictPlan(
        district=district,
        buyers=buyers,
        rooms=rooms,
        equipment=equipment,
        cost=cost,
        cost_bound=None if bound is None else min(bound, cost),
    )


def _rooms(
    evaluation: Evaluation,
    buyers: tuple[Buyer, ...],
    prices: Prices,
    objective: Objective,
    enough: Callable[[], bool],
) -> tuple[Bought, Fraction | None]:
    """The rooms, and the least that rooms can cost (with the objective `rooms`: that so few of them can)."""
    indicator = indicator_of(evaluation.standard, "multimedia_rooms")
    fen = {buyer.school.school_code: int(prices.room(buyer.school.kind) / FEN) for buyer in buyers}
    planned, problem = buying_problem(evaluation, buyers, indicator)
    fewest = solve(problem, enough=enough)
    cheapest = min((fen[buyer.school.school_code] for buyer in planned), default=0)
    spread = max((fen[buyer.school.school_code] for buyer in planned), default=0) - cheapest
    if not spread or fewest.cost is None:
        return _bought(indicator, Fraction(1), planned, problem, fewest), fewest.bound * cheapest * FEN
    if objective == "money":
        _, priced = buying_problem(evaluation, buyers, indicator, costs=fen)
        found = solve(priced, enough=enough)
        return _bought(indicator, Fraction(1), planned, problem, found, fewest.bound), found.bound * FEN
    # One room more outweighs whatever prices can differ by in as many rooms.
    more = spread * fewest.cost + 1
    costs = {code: more + price - cheapest for code, price in fen.items()}
    found = solve(buying_problem(evaluation, buyers, indicator, costs=costs)[1], enough=enough)
    if found.lots is None or sum(found.lots) > fewest.cost:
        found = fewest
    count = sum(found.lots or ())
    dearer = max(0, found.bound - more * count) if found is not fewest else 0
    bound = (fewest.bound * cheapest + dearer) * FEN
    return _bought(indicator, Fraction(1), planned, problem, found, fewest.bound), bound


def _equipment(
    evaluation: Evaluation,
    buyers: tuple[Buyer, ...],
    prices: Prices,
    rooms: Bought | None,
    enough: Callable[[], bool],
) -> Bought:
    """The least of equipment, given what the rooms bring along."""
    indicator, lot = indicator_of(evaluation.standard, "equipment_cny"), prices.equipment_step_cny
    given = {
        code: count * prices.room_adds_equipment_cny for code, count in (rooms.lots if rooms else {}).items()
    }
    planned, problem = buying_problem(evaluation, buyers, indicator, lot=lot, given=given)
    return _bought(indicator, lot, planned, problem, solve(problem, enough=enough))


def _cost_bound(
    evaluation: Evaluation,
    buyers: tuple[Buyer, ...],
    prices: Prices,
    rooms_bound: Fraction | None,
    equipment: Bought,
    enough: Callable[[], bool],
) -> Fraction | None:
    """Rooms at their price less the equipment they bring, and equipment as if none came with rooms."""
    if prices.room_adds_equipment_cny:
        equipment = _equipment(evaluation, buyers, prices, None, enough)
    if rooms_bound is None or equipment.bound is None:
        return None
    return rooms_bound * (1 - prices.room_adds_equipment_cny / prices.cheapest_room) + equipment.bound


def _bought(
    indicator: Indicator,
    lot: Fraction,
    planned: tuple[Buyer, ...],
    problem: BuyingProblem,
    found: Solution,
    bound: int | None = None,
) -> Bought:
    """What a solution buys; the thresholds' least where no balance was found."""
    lots = problem.least if found.lots is None else found.lots
    least = found.bound if bound is None else bound
    return Bought(
        indicator=indicator,
        lot=lot,
        lots={buyer.school.school_code: count for buyer, count in zip(planned, lots, strict=True)},
        bound=None if found.lots is None else min(least, sum(lots)) * lot,
        balanced=found.lots is not None,
    )


def _within(plan: Plan, budget: Fraction) -> Plan:
    """The best for the budget: most sections, then the least that is missing, then balance."""
    buyers = [buyer for district in plan.districts for buyer in district.buyers]
    room_indicator = indicator_of(plan.evaluation.standard, "multimedia_rooms")
    equipment_indicator = indicator_of(plan.evaluation.standard, "equipment_cny")
    bought = afford(plan.evaluation, buyers, plan.prices, room_indicator, equipment_indicator, budget)
    districts, left = [], bought.left
    for whole in plan.districts:
        codes = [buyer.school.school_code for buyer in whole.buyers]
        chosen = [
            {code: lots[code] for code in codes if code in lots} for lots in (bought.rooms, bought.equipment)
        ]
        found = [_priced(plan, whole, *chosen)]
        if not bought.missing:
            # Thresholds are met everywhere: what is left goes to balance, where it suffices for a whole step.
            equipment = _without_rooms(plan.prices, whole, chosen[0])
            steps = [(whole.rooms.lots, chosen[1]), (chosen[0], equipment)]
            found += [_priced(plan, whole, *step) for step in steps]
        best = max(
            (way for way in found if way.cost - found[0].cost <= left),
            key=lambda way: (way.rooms.balanced + way.equipment.balanced, -way.cost),
        )
        left -= best.cost - found[0].cost
        districts.append(best)
    return replace(
        plan,
        budget=budget,
        reach="budget" if bought.missing else "thresholds",
        districts=tuple(districts),
        missing=bought.missing,
    )


def _without_rooms(prices: Prices, whole: DistrictPlan, rooms: Mapping[str, int]) -> dict[str, int]:
    """The whole plan's lots of equipment where only these of its rooms are bought: what the others would have
    brought along is bought as well, or thresholds that were met would be missed again."""
    brought = int(prices.room_adds_equipment_cny / prices.equipment_step_cny)
    return {
        code: lots + brought * max(0, whole.rooms.lots.get(code, 0) - rooms.get(code, 0))
        for code, lots in whole.equipment.lots.items()
    }


def _priced(
    plan: Plan, whole: DistrictPlan, rooms: Mapping[str, int], equipment: Mapping[str, int]
) -> DistrictPlan:
    """A district with another purchase than the planner's least one."""
    lot = plan.prices.equipment_step_cny
    given = {code: count * plan.prices.room_adds_equipment_cny for code, count in rooms.items()}
    planned, room_problem = buying_problem(plan.evaluation, whole.buyers, whole.rooms.indicator)
    able, equipment_problem = buying_problem(
        plan.evaluation, whole.buyers, whole.equipment.indicator, lot=lot, given=given
    )
    room_lots = [rooms.get(buyer.school.school_code, 0) for buyer in planned]
    equipment_lots = [equipment.get(buyer.school.school_code, 0) for buyer in able]
    return DistrictPlan(
        district=whole.district,
        buyers=whole.buyers,
        rooms=Bought(
            indicator=whole.rooms.indicator,
            lot=Fraction(1),
            lots=rooms,
            bound=None,
            balanced=room_problem.balanced(room_lots),
        ),
        equipment=Bought(
            indicator=whole.equipment.indicator,
            lot=lot,
            lots=equipment,
            bound=None,
            balanced=equipment_problem.balanced(equipment_lots),
        ),
        cost=paid(plan.prices, whole.buyers, rooms, sum(equipment.values()) * lot),
        cost_bound=None,
    )
