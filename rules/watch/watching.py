"""Evaluate again and again, and keep every answer in the store; a store that is away is waited for."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from prometheus_client import CollectorRegistry, Counter, Gauge

from registry import RegistryError, read_registry
from registry.stamp import files_stamp
from rules.alerts.recording import program_of
from rules.answers.changes import Changes
from rules.answers.inquiry import Inquiry, inquire
from rules.answers.keeping import keep
from rules.daybook.book import BookMemory
from rules.daybook.share import NOTHING, Share
from rules.facts.days import DayMemory
from rules.judging.evaluate import Evaluation
from rules.standards.reading import StandardError
from rules.stored.shares import WATCH_SHARE, share_point
from rules.watch.alerting import AlertService
from rules.watch.certificates import CertificateWatch
from rules.watch.settings import RulesSettings
from rules.watch.sharing import Part
from runtime import ConfigError, Health, serve_health
from store import Condition, Query, Select, Store, StoreError, open_store

_log = logging.getLogger("rules")
_RETRY_S = 10.0  # after a failure, where the interval is longer than this
_ARREARS_S = 3600.0  # from one look at the days before the window to the next


def watch(settings: RulesSettings, stop: threading.Event, *, clock: Callable[[], float] = time.time) -> None:
    """Run until `stop` is set. Raises ConfigError where registry, standard or store cannot be used at all."""
    watcher = Watcher(settings, clock)
    alerts = AlertService(
        settings.alerts,
        lambda: watcher.part.registry,
        clock,
        metrics=watcher.metrics.registry,
        program=program_of(settings.share),
    )

    def health() -> Health:
        well = watcher.health()
        return alerts.health() if well.ok else well

    try:
        with (
            open_store(settings.store) as store,
            alerts.running(watcher.part.store(store)),
            serve_health(settings.health, watcher.metrics.registry, health),
        ):
            certificates = CertificateWatch(settings.certificates)
            while not stop.is_set():
                certificates.look(store, round(clock() * 1000))
                done = watcher.evaluate_once(store)
                stop.wait(settings.interval_s if done else min(settings.interval_s, _RETRY_S))
        _log.info("stopped")
    except StoreError as error:
        raise ConfigError(f"store: {error}") from error


@dataclass(slots=True)
class _Metrics:
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    evaluations: Counter = field(init=False)
    failures: Counter = field(init=False)
    last: Gauge = field(init=False)

    def __post_init__(self) -> None:
        self.evaluations = Counter("rules_evaluations", "Evaluations stored", registry=self.registry)
        self.failures = Counter("rules_failures", "Evaluations that failed", registry=self.registry)
        self.last = Gauge("rules_last_evaluation_seconds", "When the last one was", registry=self.registry)


class Watcher:
    """What stays from one evaluation to the next: the registry as read, days counted, the last error."""

    def __init__(self, settings: RulesSettings, clock: Callable[[], float]) -> None:
        self.metrics = _Metrics()
        self._settings = settings
        self._clock = clock
        self._share = Share.read(settings.share)
        self._memory, self._counted = DayMemory(), BookMemory()
        self._arrears_due_ms = 0
        self._changes = Changes()
        self._told_ms: int | None = None
        self._trouble = "no evaluation yet"
        self._stale = ""
        self._stamp = files_stamp(settings.registry)
        try:
            self._part = Part(read_registry(settings.registry), self._share)
            self._inquire(round(clock() * 1000))
        except RegistryError as error:
            raise ConfigError(f"registry {settings.registry}:\n{error}") from error
        except StandardError as error:
            raise ConfigError(f"standard: {error}") from error

    @property
    def part(self) -> Part:
        """What this process judges of the registry as last read; alerts take names and calendar from it."""
        return self._part

    def health(self) -> Health:
        return Health(not self._trouble, self._trouble or "ok")

    def evaluate_once(self, store: Store) -> bool:
        """One evaluation, stored; False where it has to be tried again soon. Errors are told once."""
        now_ms = round(self._clock() * 1000)
        self._reread()
        try:
            evaluation = self._evaluate(store, now_ms)
            part = self._part
            rejected = keep(
                part.store(store), part.registry, evaluation, now_ms, self._changes, whole=part.whole
            )
            twin = self._twin(store)
            store.write([share_point(self._settings.share, self._settings.interval_s, now_ms)])
            self._told_ms = now_ms
        except (StoreError, StandardError) as error:
            self.metrics.failures.inc()
            self._tell(str(error))
            return False
        self.metrics.evaluations.inc()
        self.metrics.last.set(now_ms / 1000)
        self._count_arrears(store, now_ms)
        refused = f"the store refused {len(rejected)} results: {rejected[0].reason}" if rejected else ""
        self._tell(refused or self._stale or twin)
        return True

    def _twin(self, store: Store) -> str:
        """Whether another program has left rounds under our share since ours."""
        own = Condition("share", "=", self._settings.share)
        asked = Query(measurement=WATCH_SHARE, select=(Select("interval_s"),), where=(own,), newest=1)
        newest_ms = max((row.time or 0 for row in store.query(asked)), default=0)
        if self._told_ms is None or newest_ms <= self._told_ms:
            return ""
        return (
            f"another `rules watch` has share {self._settings.share} of this store, too: what is counted is "
            "the same, but alerts are told twice"
        )

    def _evaluate(self, store: Store, now_ms: int) -> Evaluation:
        """Where several share the work: first the days of our schools, then the districts that are ours."""
        asked = self._inquire(now_ms)
        if self._share.of == 1:
            return asked.evaluation(store, self._memory, revise=True)
        asked.count_days(store, self._counted, self._share)
        own = replace(asked, registry=self._part.registry)
        return own.evaluation(self._part.store(store), self._memory, share=NOTHING)

    def _count_arrears(self, store: Store, now_ms: int) -> None:
        """Now and then, and after the verdicts, which do not rest on them: days before the window."""
        if now_ms < self._arrears_due_ms:
            return
        try:
            days = self._inquire(now_ms).count_arrears(store, self._share)
        except StoreError as error:
            _log.warning("days before the window cannot be counted yet: %s", error)
            return
        self._arrears_due_ms = now_ms + round(_ARREARS_S * 1000)
        if days:
            _log.info("day book: %d days before the window are counted, from %s on", len(days), days[0])

    def _inquire(self, now_ms: int) -> Inquiry:
        return inquire(self._part.whole, self._settings.standard, now_ms=now_ms)

    def _reread(self) -> None:
        """Take up a changed registry; one that cannot be read leaves the last good one in force."""
        stamp = files_stamp(self._settings.registry)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._part = Part(read_registry(self._settings.registry), self._share)
        except RegistryError as error:
            self._stale = f"registry has changed and cannot be read; judging by the last good one:\n{error}"
            return
        self._stale = ""
        _log.info("registry read again: %d schools", len(self._part.whole.schools))

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            _log.error("%s", trouble)
        elif self._trouble and not trouble:
            _log.info("evaluations are stored")
        self._trouble = trouble
