"""Alerts, live: a round at every whole multiple of the interval, written to the store, then told."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge

from registry import Registry
from rules.alerts.judging import AlertRound, judge, look
from rules.alerts.machine import AlertStanding
from rules.alerts.notices import AlertKey
from rules.alerts.notify import Notifier
from rules.alerts.recording import PROGRAM, read_standings, round_points
from rules.alerts.rules_file import SHIPPED, load_alert_rules
from rules.stored.charted import Charts
from rules.watch.settings import SHIPPED_ALERTS, AlertSettings
from runtime import Health
from store import Store, StoreError

_log = logging.getLogger("rules.alerts")
_TICK_S = 1.0


class AlertService:
    """What stays from one round to the next: where everything stands, as the store has it too."""

    def __init__(
        self,
        settings: AlertSettings,
        registry: Callable[[], Registry],
        clock: Callable[[], float],
        *,
        metrics: CollectorRegistry | None = None,
        program: str = PROGRAM,
    ) -> None:
        """Raises ConfigError where the rules or an address cannot be used."""
        file = SHIPPED if settings.rules == SHIPPED_ALERTS else Path(settings.rules)
        self.rules = load_alert_rules(file)
        self._settings = settings
        self._registry = registry
        self._clock = clock
        self._program = program
        metrics = metrics or CollectorRegistry()
        self._notifier = Notifier(settings.notify, metrics, settings.language)
        self._firing = Gauge("rules_alerts_firing", "Subjects that fire now", registry=metrics)
        self._standings: Mapping[AlertKey, AlertStanding] | None = None
        self._last_ms: int | None = None
        self._trouble = ""

    def health(self) -> Health:
        return Health(not self._trouble, self._trouble or "ok")

    @contextmanager
    def running(self, store: Store) -> Iterator[None]:
        """Judge in a thread of its own until the block ends: a slow evaluation delays no alert."""
        ended = threading.Event()
        thread = threading.Thread(target=self._run, args=(store, ended), name="alerts")
        self._notifier.start()
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._notifier.stop()

    def instant(self) -> int:
        """The instant that may be judged now: a multiple of the interval, settled."""
        step = self._settings.interval_s * 1000
        return (round(self._clock() * 1000) - self._settings.settle_s * 1000) // step * step

    def round(self, store: Store, instant_ms: int) -> AlertRound | None:
        """One round, stored and then told; None where the store is away. Errors are told once."""
        try:
            if self._standings is None:
                self._standings = read_standings(store)
            registry = self._registry()
            seen = look(store, self.rules, registry, self._standings, instant_ms)
            found = judge(self.rules, registry, self._standings, seen, instant_ms)
            charts = Charts(registry=registry, items={})
            told = round_points(self.rules, found, program=self._program)
            rejected = store.write([charts.fill(point) for point in told])
        except StoreError as error:
            # Some of the round may be stored: the store says where everything stands.
            self._standings = None
            self._tell(f"alerts: {error}")
            return None
        self._standings = found.standings
        self._firing.set(sum(standing.status == "firing" for standing in found.standings.values()))
        self._tell(f"alerts: the store refused {rejected[0].reason}" if rejected else "")
        for notice in found.notices:
            _log.info("%s", notice.title)
            self._notifier.send(notice)
        return found

    def _run(self, store: Store, ended: threading.Event) -> None:
        while not ended.is_set():
            instant = self.instant()
            if self._last_ms is None or instant > self._last_ms:
                self._last_ms = instant
                self.round(store, instant)
            ended.wait(_TICK_S)

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.error("%s", trouble)
        elif self._trouble and not trouble:
            _log.info("alerts are judged again")
        self._trouble = trouble
