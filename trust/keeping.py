"""Keeping the broker in step: at every change, and now and then, since broker and registry change, too."""

import logging
import threading

from registry import RegistryError
from runtime.errors import UserError
from runtime.language import Text
from trust.broker.syncing import sync
from trust.office import Office
from trust.settings import TrustSettings

log = logging.getLogger("trust.keeping")


class Keeper:
    """A thread of its own. `problem`: why the broker is not in step now."""

    def __init__(self, settings: TrustSettings, office: Office) -> None:
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

    def _once(self) -> None:
        try:
            plan = sync(self._settings, self._office)
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
