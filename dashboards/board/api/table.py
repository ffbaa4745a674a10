"""The one table of resources: address, model, filters, and where the rows come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import TypeAdapter

from dashboards.access.roles import Permission
from dashboards.board.api import models, plan_rows, rows
from dashboards.board.api.rows import Look, Sources
from dashboards.board.wishes import KINDS

Rows = Callable[[Look], Sequence[models.Resource]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A parameter that is no filter: what the list is made for."""

    name: str
    what: str
    pattern: str
    required: bool = False


_YUAN = r"^\d{1,12}(\.\d{1,2})?$"
_MORE: Mapping[str, str] = {
    "multimedia_rooms": r"^\d{1,4}$",
    "equipment_cny": _YUAN,
    "teaching_area_m2": r"^\d{1,7}(\.\d{1,2})?$",
    "sports_area_m2": r"^\d{1,7}(\.\d{1,2})?$",
}
_BUDGET = Ask(
    name="budget",
    what="Yuan; gives the best that it reaches. Without: the least that mends all",
    pattern=_YUAN,
)
_WISH = (
    Ask(name="school", what="School code, 10 digits", pattern=r"^\d{10}$", required=True),
    *(
        Ask(name=item, what=f"How much more {item} the whole school would have", pattern=_MORE[item])
        for item in KINDS
    ),
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One resource: a list in a fixed order, in pages, narrowed by what fields equal."""

    name: str
    model: type[models.Resource]
    what: str
    sources: Sources
    rows: Rows
    filters: tuple[str, ...] = ("school", "district")
    needs: Permission = "read"
    asks: tuple[Ask, ...] = ()

    @cached_property
    def lines(self) -> TypeAdapter[list[models.Resource]]:
        """What writes a list of its rows."""
        return TypeAdapter(list[self.model])  # type: ignore[name-defined]

    @property
    def path(self) -> str:
        return f"/api/v1/{self.name}"


RESOURCES: tuple[Listed, ...] = (
    Listed(
        name="districts",
        model=models.District,
        what="Districts and their last evaluation",
        sources=("overview",),
        rows=rows.districts,
        filters=("district",),
        needs="district",
    ),
    Listed(
        name="results",
        model=models.Result,
        what="Every indicator of every stage over a district: counts, rate, difference coefficient",
        sources=("overview",),
        rows=rows.results,
        filters=("district", "stage", "indicator"),
        needs="district",
    ),
    Listed(
        name="schools",
        model=models.School,
        what="Schools, their rooms by coverage, their devices now",
        sources=("overview",),
        rows=rows.schools,
        filters=("school", "district", "unit", "wireless"),
    ),
    Listed(
        name="sections",
        model=models.Section,
        what="Sections with all indicators together",
        sources=("overview",),
        rows=rows.sections,
        filters=("school", "district", "stage", "verdict", "unit"),
    ),
    Listed(
        name="indicators",
        model=models.Indicator,
        what="Every indicator of every section, with the figures behind its verdict",
        sources=("overview",),
        rows=rows.indicators,
        filters=("school", "district", "stage", "indicator", "verdict"),
    ),
    Listed(
        name="guarantees",
        model=models.Guarantee,
        what="Wireless coverage and the guarantees G2 to G5 of every school",
        sources=("overview",),
        rows=rows.guarantees,
        filters=("school", "district", "indicator", "verdict"),
    ),
    Listed(
        name="rates",
        model=models.Rate,
        what="Rates of use, U1 to U5, of every school",
        sources=("overview", "use"),
        rows=rows.rates,
        filters=("school", "district", "rate"),
    ),
    Listed(
        name="rooms",
        model=models.Room,
        what="Rooms: coverage, and lessons in which their displays were used",
        sources=("overview", "use"),
        rows=rows.rooms,
        filters=("school", "district", "room", "coverage", "unused"),
    ),
    Listed(
        name="devices",
        model=models.Device,
        what="Access points and devices of rooms, as last told in seven days",
        sources=("devices",),
        rows=rows.devices,
        filters=("school", "district", "type", "room", "state", "reachable"),
    ),
    Listed(
        name="shortfalls",
        model=models.Shortfall,
        what="The shortfall register (销号台账)",
        sources=("overview", "register"),
        rows=rows.shortfalls,
        filters=("school", "district", "stage", "indicator", "state", "overdue"),
    ),
    Listed(
        name="alerts",
        model=models.Alert,
        what="What fires now, who has taken it up, what is silenced",
        sources=("overview", "alerts"),
        rows=rows.alerts,
        filters=("school", "district", "alert", "severity"),
    ),
    Listed(
        name="gateways",
        model=models.Gateway,
        what="Gateways and their accounts: produced, acknowledged, pending, dropped",
        sources=("overview",),
        rows=rows.gateways,
        filters=("school", "district", "state"),
    ),
    Listed(
        name="fleet",
        model=models.FleetGateway,
        what="Settings and program of every gateway: wanted beside running, and why one was not taken",
        sources=("fleet",),
        rows=rows.fleet,
        filters=("school", "district", "state", "software"),
    ),
    Listed(
        name="reports",
        model=models.Report,
        what="Files of the quarterly reports (季报)",
        sources=("reports",),
        rows=rows.reports,
        filters=("quarter", "version"),
        needs="district",
    ),
    Listed(
        name="plan",
        model=models.Purchase,
        what="The least to buy so that sections pass and stages are balanced, or the best for a budget",
        sources=("overview", "plan"),
        rows=plan_rows.purchases,
        filters=("school", "district", "stage", "indicator", "verdict_after"),
        needs="district",
        asks=(_BUDGET,),
    ),
    Listed(
        name="plan-stages",
        model=models.PlannedStage,
        what="Stages of each district before and after that plan",
        sources=("overview", "plan"),
        rows=plan_rows.stages,
        filters=("district", "stage", "indicator"),
        needs="district",
        asks=(_BUDGET,),
    ),
    Listed(
        name="plan-costs",
        model=models.PlanCost,
        what="What that plan comes to, what is proved, and how many sections it leaves out",
        sources=("overview", "plan"),
        rows=plan_rows.costs,
        filters=(),
        needs="district",
        asks=(_BUDGET,),
    ),
    Listed(
        name="what-if",
        model=models.WhatIf,
        what="A school's sections and its district, judged again as if the school had more",
        sources=("overview", "what_if"),
        rows=plan_rows.what_ifs,
        filters=("of", "stage", "indicator", "measure"),
        asks=_WISH,
    ),
)
