"""Keeping the broker in step: at every change, and now and then, since broker and registry change, too."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from registry import RegistryError
from runtime.errors import UserError
from runtime.language import Text
from trust.broker.syncing import sync
from trust.office import Office
from trust.settings import TrustSettings

log = logging.getLogger("trust.keeping")

Also = Callable[[TrustSettings, Office], Sequence[Text]]
"""Keeps something else at the broker as it should be; in words what it did. Raises UserError."""
# What a broker has lost, it loses at a restart: more often would be a burden.
_ALSO_S = 900.0


class Keeper:
    """A thread of its own. `problem`: why the broker is not in step now."""

    def __init__(self, settings: TrustSettings, office: Office, *, also: Also | None = None) -> None:
        """`also`: what else is kept like at the broker, at the start and every quarter of an hour."""
        self._also = also
        self._also_at_s = 0.0
        self._settings = settings
        self._office = office
        self._work = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker-rules")
        self._told: tuple[Text, ...] = ()
        self.problem: str | None = None

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something has changed: now, not in a while."""
        self._work.set()

    def stop(self) -> None:
        self._stop.set()
        self._work.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._work.clear()
            self._once()
            self._work.wait(self._settings.sync_s)

    def _once_also(self) -> None:
        if self._also is None or time.monotonic() < self._also_at_s:
            return
        for line in self._also(self._settings, self._office):
            log.info("%s", line)
        self._also_at_s = time.monotonic() + _ALSO_S

    def _once(self) -> None:
        try:
            plan = sync(self._settings, self._office)
            self._once_also()
        except (UserError, RegistryError) as error:
            problem = str(error)
            if problem != self.problem:
                log.error("the broker's rules are not brought in step, will try again: %s", problem)
            self.problem = problem
            return
        except Exception as error:
            # Not to be survived without a word: health says it until it works again.
            log.exception("the broker's rules are not brought in step for a reason that nobody foresaw")
            self.problem = f"{type(error).__name__}: {error}"
            return
        if self.problem is not None:
            log.info("the broker's rules are in step again")
        self.problem = None
        for line in plan.lines:
            log.info("%s", line)
        for told in plan.problems:
            if told not in self._told:
                log.warning("%s", told)
        self._told = plan.problems
