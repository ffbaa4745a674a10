"""What all routes share: the store, what was last read of it, and the pages."""

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge
from starlette.requests import Request

from dashboards.access.roles import Scope
from dashboards.access.scoped import ScopedStore
from dashboards.board.alert_history import AlertsPage, read_alerts
from dashboards.board.api.devices import DeviceSource
from dashboards.board.api.models import Resource
from dashboards.board.applied import Applied, Standards
from dashboards.board.cache import Cached
from dashboards.board.figures import Overview
from dashboards.board.fleet import FleetSource
from dashboards.board.history import History, Span, read_history
from dashboards.board.inventory import InventoryPage, read_page
from dashboards.board.lessons import LessonsPage, read_lessons
from dashboards.board.matrix import Matrix, matrix
from dashboards.board.names import Names
from dashboards.board.narrowing import narrowed
from dashboards.board.newest import DAY
from dashboards.board.overview import OverviewSource
from dashboards.board.pages import Pages
from dashboards.board.planning import PlanDesk
from dashboards.board.school import SchoolPage, SchoolSource
from dashboards.board.shortfalls import RegisterPage, RegisterSource
from dashboards.board.trends import Show, TrendPage, TrendSource
from dashboards.board.use import RATES, UsePage, UseSource
from dashboards.board.wishes import Wish
from rules.planner.lines import WhatIfLines, what_if_lines
from rules.planner.prices import Prices, load_prices
from rules.planner.what_if import addable, what_if
from runtime.language import Language
from store import Store

_log = logging.getLogger("board")
K = TypeVar("K")
V = TypeVar("V")
# Schools whose figures are kept at hand.
_KEPT = 64
_TRENDS_FRESH_S = 60.0
_HISTORY_FRESH_S = 15.0
# The register changes by the day; a look at it costs more than one at the newest rows.
_REGISTER_FRESH_S = 15.0
# Rates change with an evaluation.
_USE_FRESH_S = 15.0


class Shared:
    """What the boards of all readers share: threads that look at the store, none waiting for a slower one.

    The register reads a whole history at first, and so do trends; changes are written on their own.
    """

    def __init__(self) -> None:
        self.store = ThreadPoolExecutor(1, "board-store")
        self.register = ThreadPoolExecutor(1, "board-register")
        self.history = ThreadPoolExecutor(1, "board-history")
        self.recent = ThreadPoolExecutor(1, "board-recent")
        self.changes = ThreadPoolExecutor(2, "board-changes")
        self.planning = ThreadPoolExecutor(1, "board-planning")
        self.metrics = CollectorRegistry()
        self.served = Counter(
            "campus_board_responses", "Answers given", ("page", "status"), registry=self.metrics
        )
        self.evaluated = Gauge(
            "campus_board_evaluated_timestamp_seconds",
            "Time of the last evaluation that the board has seen",
            registry=self.metrics,
        )

        self.closing = False
        self._last_ms = 0
        self._lock = threading.Lock()

    def moment(self, now_ms: int) -> int:
        """A moment for a change that no other change of this program has: rows of one moment are one row."""
        with self._lock:
            self._last_ms = max(now_ms, self._last_ms + 1)
            return self._last_ms

    async def run(self, work: Callable[[], V]) -> V:
        """Work that waits, for a store or a password's hash, off the loop that serves everybody."""
        return await asyncio.get_running_loop().run_in_executor(self.changes, work)

    def close(self) -> None:
        self.closing = True
        self.store.shutdown()
        self.register.shutdown()
        self.history.shutdown()
        self.recent.shutdown()
        self.changes.shutdown()
        self.planning.shutdown(cancel_futures=True)


class Board:
    """What the routes show to readers of one part of the district: nothing else is in its store and names."""

    def __init__(
        self,
        store: Store,
        *,
        names: Callable[[], Names],
        standards: Standards,
        clock: Callable[[], float],
        pages: Pages,
        shared: Shared | None = None,
        scope: Scope | None = None,
        whole_store: Store | None = None,
        prices: Prices | None = None,
    ) -> None:
        self.store = store
        self.whole_store = whole_store or store
        self.names = names
        self.standards = standards
        self.clock = clock
        self.pages = pages
        self.shared = shared or Shared()
        self.scope = scope or Scope()
        self._prices = prices or load_prices(None)
        self.planning = PlanDesk(
            self.shared.planning,
            self.shared.changes,
            self._prices,
            stopped=lambda: self.shared.closing,
        )
        self._executor = self.shared.store
        self._register_executor = self.shared.register
        self._source = OverviewSource(store, standards)
        self._register = RegisterSource(store)
        self._use = UseSource(store)
        self._matrix: tuple[Overview, Names, Matrix] | None = None
        self._schools: OrderedDict[str, Cached[SchoolPage | None]] = OrderedDict()
        self._histories: OrderedDict[tuple[str, Span], Cached[History]] = OrderedDict()
        self._alerts: OrderedDict[int, Cached[AlertsPage]] = OrderedDict()
        self._lessons: OrderedDict[tuple[str | None, str | None, int], Cached[LessonsPage]] = OrderedDict()
        self._trend_sources: OrderedDict[str | None, TrendSource] = OrderedDict()
        self._trends: OrderedDict[tuple[str | None, Show, int], Cached[TrendPage | None]] = OrderedDict()
        self.overview = Cached(self._read_overview, self._executor)
        self.register = Cached(self._read_register, self._register_executor, fresh_s=_REGISTER_FRESH_S)
        # Rows of the API by resource and language, with the figures that they were made of.
        self.told: dict[tuple[str, Language], tuple[tuple[object, ...], Sequence[Resource]]] = {}
        device_source = DeviceSource(store)
        self.devices = Cached(
            lambda: device_source.read(now_ms=self.now_ms()), self.shared.recent, fresh_s=_USE_FRESH_S
        )
        fleet_source = FleetSource(store)
        self.fleet = Cached(
            lambda: fleet_source.read(self.names(), now_ms=self.now_ms()),
            self.shared.recent,
            fresh_s=_USE_FRESH_S,
        )
        self.inventory = Cached(self._read_inventory, self._register_executor, fresh_s=_TRENDS_FRESH_S)
        self.use = Cached(self._read_use, self._executor, fresh_s=_USE_FRESH_S)

    def close(self) -> None:
        self.shared.close()

    def narrowed(self, scope: Scope) -> "Board":
        """The same board for readers of one part of the district."""
        return Board(
            ScopedStore(self.store, scope),
            names=self._names_within(scope),
            standards=self.standards,
            clock=self.clock,
            pages=self.pages,
            shared=self.shared,
            scope=scope,
            whole_store=self.whole_store,
            prices=self._prices,
        )

    def _names_within(self, scope: Scope) -> Callable[[], Names]:
        """Cut down again where the registry has changed."""
        last: list[tuple[Names, Names]] = []

        def names() -> Names:
            whole = self.names()
            if not last or last[0][0] is not whole:
                last[:] = [(whole, narrowed(whole, scope))]
            return last[0][1]

        return names

    async def warm(self) -> None:
        """What is dear at first is asked for before anybody waits for it."""
        try:
            await self.overview.get()
            await asyncio.gather(self.register.get(), self.use.get(), self.devices.get())
        except Exception:
            # Whoever opens the page meets it again; the board goes on serving all others.
            _log.exception("the figures could not be read ahead")

    def now_ms(self) -> int:
        return int(self.clock() * 1000)

    def applied(self) -> Applied:
        """The standard of the last evaluation that was seen; before any, the one in force."""
        overview = self.overview.last
        if overview:
            return overview.applied
        return self.standards.applied(None, self.names().today(self.now_ms()))

    def matrix(self, overview: Overview) -> Matrix:
        """Every section against every indicator, made once of an overview."""
        names, last = self.names(), self._matrix
        if last is None or last[0] is not overview or last[1] is not names:
            last = self._matrix = (overview, names, matrix(overview, names))
        return last[2]

    def school(self, code: str) -> Cached[SchoolPage | None]:
        """The kept figures of a school that exists."""

        def made() -> Cached[SchoolPage | None]:
            return Cached(partial(self._read_school, SchoolSource(self.store, code)), self._executor)

        return _kept(self._schools, code, made)

    def history(self, code: str, span: Span) -> Cached[History]:
        """The charts of a school that exists."""

        def read() -> History:
            return read_history(self.store, code, span=span, now_ms=self.now_ms())

        return _kept(
            self._histories,
            (code, span),
            lambda: Cached(read, self._executor, fresh_s=_HISTORY_FRESH_S),
        )

    def alerts(self, days: int) -> Cached[AlertsPage]:
        """What fires, and what happened in so many days."""
        return _kept(
            self._alerts,
            days,
            lambda: Cached(lambda: self.read_alerts(days), self.shared.recent),
        )

    def lessons(self, school: str | None, room: str | None, days: int) -> Cached[LessonsPage]:
        """Use by lesson and weekday, of places that exist."""

        def read() -> LessonsPage:
            return read_lessons(
                self.store, self.names(), school=school, room=room, days=days, now_ms=self.now_ms()
            )

        return _kept(
            self._lessons,
            (school, room, days),
            lambda: Cached(read, self.shared.history, fresh_s=_TRENDS_FRESH_S),
        )

    def changed(self) -> None:
        """Somebody changed something here, and looks at it next."""
        for kept in self._alerts.values():
            kept.expire()

    def read_alerts(self, days: int) -> AlertsPage:
        """The same, asked for now. Raises store.Unavailable."""
        now_ms = self.now_ms()
        since_ms = now_ms - days * DAY
        return read_alerts(self.store, self.names(), self.applied(), since_ms=since_ms, now_ms=now_ms)

    def trends(self, school: str | None, show: Show, days: int) -> Cached[TrendPage | None]:
        """How a school's indicators went, or the district's."""
        source = _kept(self._trend_sources, school, lambda: TrendSource(self.store, school))

        def read() -> TrendPage | None:
            order = [*self.applied().names, *RATES]
            return source.read(self.names(), order, show=show, days=days, now_ms=self.now_ms())

        return _kept(
            self._trends,
            (school, show, days),
            lambda: Cached(read, self.shared.history, fresh_s=_TRENDS_FRESH_S),
        )

    async def what_if(self, wish: Wish) -> WhatIfLines | None:
        """What a school would come to; None where none of it is judged, or nothing is known."""
        overview = self.overview.last
        if overview is None:
            return None
        ground = await self.planning.ground(overview, self.names())
        evaluation = ground.evaluation
        if evaluation is None:
            return None

        def made() -> WhatIfLines | None:
            found = what_if(evaluation, wish.school, wish.by_code(addable(evaluation.standard)))
            return what_if_lines(found) if found else None

        return await self.shared.run(made)

    def _read_overview(self) -> Overview:
        overview = self._source.read(self.names(), now_ms=self.now_ms())
        if overview.evaluated_ms is not None:
            self.shared.evaluated.set(overview.evaluated_ms / 1000)
        return overview

    def _read_register(self) -> RegisterPage:
        return self._register.read(self.names(), self.applied(), now_ms=self.now_ms())

    def _read_inventory(self) -> InventoryPage:
        return read_page(self.store, self.names(), now_ms=self.now_ms())

    def _read_use(self) -> UsePage:
        return self._use.read(self.names(), now_ms=self.now_ms())

    def _read_school(self, source: SchoolSource) -> SchoolPage | None:
        overview = self.overview.last
        return source.read(overview, self.names(), now_ms=self.now_ms()) if overview else None


def _kept(found: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    """What is kept under a key, made where it is not; the one looked at longest ago makes room."""
    if key not in found:
        found[key] = make()
    found.move_to_end(key)
    while len(found) > _KEPT:
        found.popitem(last=False)
    return found[key]


def board_of(request: Request) -> Board:
    """The board of whoever asks: their part of the district, and nothing else."""
    board: Board = request.state.board
    return board
