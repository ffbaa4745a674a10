"""Plans out of what is stored: made once of the same figures, each search in a process of its own."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from dashboards.board.applied import Applied
from dashboards.board.figures import Overview
from dashboards.board.names import Names
from rules.planner.lines import PlanLines, plan_lines
from rules.planner.making import Plan, make_plan, within
from rules.planner.prices import Prices
from rules.planner.stored import Ground, ground_of
from rules.words import Reason, reason, worded
from runtime.apart import Ended, run_apart
from runtime.errors import ConfigError
from runtime.language import Language, Text
from store import Row

# How long the search for the least goes on, as `campus rules plan` does by itself.
SEARCH_S = 10.0
# Plans of so many budgets are kept, and so many may wait to be made; who asks for one more is told to wait.
_KEPT, _WAITING = 16, 4
_OTHER_STANDARD = "plan.other_standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """plan None: `why` says why there is none, or, without that, it is being made."""

    plan: Plan | None = None
    why: Text | None = None


class PlanDesk:
    """The plans of one part of the district. All its methods belong on the loop."""

    def __init__(
        self, executor: Executor, brief: Executor, prices: Prices, *, stopped: Callable[[], bool]
    ) -> None:
        """executor: waits for searches, one after the other; brief: for what no reader should wait for
        behind one. stopped: whether the program ends; a search is then over."""
        self._executor, self._brief = executor, brief
        self._prices = prices
        self._stopped = stopped
        self._ground: tuple[tuple[object, ...], asyncio.Future[Ground]] | None = None
        self._key: Hashable = None
        self._plans: OrderedDict[Fraction | None, asyncio.Future[Plan]] = OrderedDict()
        # With the plan itself, so that its id is no other one's.
        self._lines: OrderedDict[tuple[int, Language], tuple[Plan, asyncio.Future[PlanLines]]] = OrderedDict()

    async def ground(self, overview: Overview, names: Names) -> Ground:
        """What plans start from; looked at again when an evaluation or the registry has changed."""
        basis = (overview.verdict_rows, names)
        if self._ground is None or any(
            one is not other for one, other in zip(self._ground[0], basis, strict=True)
        ):
            look = partial(_ground, overview.verdict_rows, names, overview.applied)
            self._ground = (basis, asyncio.get_running_loop().run_in_executor(self._brief, look))
        return await asyncio.shield(self._ground[1])

    async def plan(
        self, overview: Overview, names: Names, budget: Fraction | None, *, wait_s: float | None = None
    ) -> Planned:
        """The least to buy, or the best for a budget; wait_s: no longer than this."""
        ground = await self.ground(overview, names)
        if ground.evaluation is None:
            return Planned(why=_said(ground.why))
        key = (ground.stamp, id(names))
        if key != self._key:
            self._key = key
            self._plans.clear()
        try:
            until = None if wait_s is None else time.monotonic() + wait_s
            whole = await self._made(None, self._search(ground, names), until)
            if whole is None or budget is None:
                return Planned(plan=whole)
            return Planned(plan=await self._made(budget, partial(within, whole, budget), until))
        except (ConfigError, Ended) as error:
            said = error.args[0] if error.args else ""
            return Planned(why=said if isinstance(said, Text) else Text(str(error), str(error)))

    async def lines(self, plan: Plan, language: Language) -> PlanLines:
        """What a page shows of a plan, put into words once."""
        key = id(plan), language
        if key not in self._lines:
            # Not behind the search for another budget.
            work = asyncio.get_running_loop().run_in_executor(None, plan_lines, plan, language)
            self._lines[key] = plan, work
            while len(self._lines) > _KEPT:
                self._lines.popitem(last=False)
        return await asyncio.shield(self._lines[key][1])

    async def _made(
        self, budget: Fraction | None, make: Callable[[], Plan], until: float | None
    ) -> Plan | None:
        found = self._plans.get(budget)
        if found is None:
            if sum(not plan.done() for plan in self._plans.values()) >= _WAITING:
                return None
            found = self._plans[budget] = self._start(make)
            # The whole plan stays: every budget begins with it.
            while len(self._plans) > _KEPT:
                self._plans.pop(next(key for key in self._plans if key is not None))
        left = None if until is None else max(0.0, until - time.monotonic())
        done, _ = await asyncio.wait({found}, timeout=left)
        if done and not isinstance(found.exception(), Ended | None):
            self._plans.pop(budget, None)  # whoever asks next has it made anew; what ended would end again
        return found.result() if done else None

    def _search(self, ground: Ground, names: Names) -> Callable[[], Plan]:
        titles = names.registry.district_names if names.registry else {}
        return partial(_searched, ground, self._prices, dict(titles))

    def _start(self, work: Callable[[], Plan]) -> asyncio.Future[Plan]:
        apart = partial(run_apart, work, stopped=self._stopped)
        found = asyncio.get_running_loop().run_in_executor(self._executor, apart)
        # Readers may all have left before it ended.
        found.add_done_callback(lambda done: done.cancelled() or done.exception())
        return found


def _searched(ground: Ground, prices: Prices, district_names: Mapping[str, str]) -> Plan:
    if ground.evaluation is None:
        raise ValueError("there is nothing to plan from")
    deadline = time.monotonic() + SEARCH_S
    return make_plan(
        ground.evaluation, prices, district_names=district_names, enough=lambda: time.monotonic() > deadline
    )


def _ground(rows: tuple[Row, ...], names: Names, applied: Applied) -> Ground:
    if not applied.known:
        return Ground(evaluation=None, why=reason(_OTHER_STANDARD, standard=applied.asked or ""))
    return ground_of(rows, names.registry, applied.standard)


def _said(why: Reason) -> Text:
    return Text(worded(why, "zh"), worded(why, "en"))
