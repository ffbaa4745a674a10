"""Where wanted settings arrive: proven, permitted, tried, kept or taken back, and told of.

It outlives the gateway that it serves: to run other settings a gateway ends and is made anew (`starting`).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from contract import Address, NotTaken, RunningSettings, Wanted, utc_text
from edge_agent.collectors.base import Clock
from edge_agent.kinds import Build
from edge_agent.settings import FleetSettings
from edge_agent.trying import try_all
from edge_agent.wanted.admitting import Admission
from edge_agent.wanted.blocking import Watch
from edge_agent.wanted.chances import Chances, kinds_of
from edge_agent.wanted.effective import Effective, own_settings, own_values, with_wanted
from edge_agent.wanted.judging import MOST_RESTARTS, WORKS, Seen, check_verdict, verdict
from edge_agent.wanted.permitted import digest
from edge_agent.wanted.shelf import Running, Shelf, Trial
from edge_agent.wanted.why import NotTakenError, Why, because
from runtime import ConfigError

log = logging.getLogger(__name__)

# What a round of the check may take: longer than any collector's own patience.
_CHECK_S = 180.0
# How long new settings wait for a first round of those that run, which shows what works now.
_FIRST_ROUNDS_S = 240.0
_LOOK_S = 1.0
_MOST_ATTEMPTS = 2
_MOST_TOLD = 64
_DAY_MS = 86_400_000


class Desk:
    """One gateway's. `switch` is set when the gateway is to be made anew; then `turn` says with what."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        config: Path,
        address: Address,
        authority_pem: str,
        fleet: FleetSettings,
        clock: Clock,
        program: str,
    ) -> None:
        self.switch = asyncio.Event()
        self.shelf = shelf
        self._config, self._fleet, self._clock = config, fleet, clock
        self._admission = Admission(
            shelf, config=config, address=address, authority_pem=authority_pem, fleet=fleet, program=program
        )
        self._running, self._changed_here = shelf.memory.running, False
        self._began_ms = clock()
        self._payload: bytes | None = None
        self._work = asyncio.Event()
        self._told: Callable[[], None] = lambda: None
        self._seen: dict[str, Seen] = {}
        self._rounds: dict[str, list[str]] = {}
        self._since_s = time.monotonic()
        self._candidate: Wanted | None = None
        self._back: Why | None = None
        self._weighing = False
        self._watch = Watch(shelf.folder, fleet.blocked_s)
        self._chances: Chances | None = None

    @property
    def on_trial(self) -> bool:
        """Whether the settings that run are new and may be taken back."""
        return self.shelf.memory.trial is not None

    async def keep_watch(self) -> None:
        """For as long as the program runs: while something is new, it must not block unseen."""
        while True:
            if self._weighing or self._candidate or self._back or self._unsettled:
                self._watch.rewind()
            else:
                self._watch.end()
            await asyncio.sleep(min(self._watch.beat_s, _LOOK_S))

    def end_watch(self) -> None:
        """The program ends by itself."""
        self._watch.end()

    @property
    def _unsettled(self) -> bool:
        trial = self.shelf.memory.trial
        return trial is not None and trial.proved is None

    # What the gateway tells the desk.

    def begin(self, found: Effective, intervals: dict[str, float], told: Callable[[], None]) -> None:
        """A gateway was made, with these collectors; `told` is called when there is something new to tell."""
        self._running, self._changed_here, self._told = found.running, found.changed_here, told
        self._rounds = {name: [] for name in intervals}
        self._seen = {name: Seen(interval_s=interval) for name, interval in intervals.items()}
        self._since_s = time.monotonic()
        self._chances = self._made_chances(found)
        self.switch.clear()
        self._work.set()  # what came while there was no gateway

    def heard(self, payload: bytes) -> None:
        """A message on the topic of wanted settings; only the newest counts."""
        self._payload = payload
        self._work.set()

    def note_round(self, collector: str, status: str) -> None:
        """A collector has finished a round."""
        if collector in self._rounds:
            self._rounds[collector] = [*self._rounds[collector][-50:], status]
            if self._chances:
                self._chances.note_round(collector)
            self._work.set()

    def report(self) -> RunningSettings:
        """What the status says of it."""
        memory, running = self.shelf.memory, self._running
        return RunningSettings(
            version=running.version,
            sha256=running.sha256,
            since=utc_text(running.since_ms or self._began_ms),
            trial=memory.trial is not None and memory.trial.running.version == running.version,
            unproven=self._waiting()[:_MOST_TOLD] or None,
            wanted=memory.seen or None,
            master=self._fleet.master,
            changed_here=self._changed_here,
            not_taken=memory.not_taken,
        )

    async def work(self) -> None:
        """While a gateway runs, until it is cancelled: consider what arrives, and judge settings on trial."""
        while not self.switch.is_set():
            await self._something(_LOOK_S if self.on_trial else None)
            self._judge()
            if self._chances and self._back is None and (waiting := self._waiting()):
                await self._chances.ask(waiting)
            if self._payload is not None and self._back is None and not self._unsettled:
                await self._consider(self._payload)

    async def _something(self, within_s: float | None) -> None:
        """Until a message or a round is there, or for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._work.wait()
        self._work.clear()

    # What the program does between two gateways.

    async def turn(self) -> None:
        """A gateway has ended for it: take settings back, or try new ones and take them where they serve."""
        back, self._back = self._back, None
        candidate, self._candidate = self._candidate, None
        if back is not None:
            self.roll_back(back)
        elif candidate is not None:
            self._weighing = True
            try:
                await self._try(candidate)
            finally:
                self._weighing = False

    def started(self) -> None:
        """The program has begun. Where settings are on trial it has ended once more than it should have."""
        memory = self.shelf.memory
        if self.shelf.damaged:
            log.error(
                "the memory of the bureau's settings was damaged: the own file runs until they come again"
            )
            left = self._not_taken(memory.seen, "rolled_back", because("fleet.memory"))
            self.shelf.remember(not_taken=left)
        if memory.good.since_ms == 0:
            self.shelf.remember(good=memory.good.model_copy(update={"since_ms": self._began_ms}))
        trial, blocked = memory.trial, self._watch.found()
        if blocked and self._unsettled:
            self.roll_back(because("fleet.blocked"))
        elif blocked and memory.seen > memory.running.version:
            self._refuse(memory.seen, because("fleet.blocked"), "rolled_back")
        if not self._unsettled or trial is None:
            return
        self._watch.rewind()
        if trial.restarts >= MOST_RESTARTS:
            self.roll_back(because("fleet.restarted", number=trial.restarts + 1))
        else:
            self.shelf.remember(trial=trial.model_copy(update={"restarts": trial.restarts + 1}))

    def roll_back(self, why: Why) -> None:
        """The last good settings again."""
        memory = self.shelf.memory
        if memory.trial is None:
            return
        version = memory.trial.running.version
        log.warning("settings %d are taken back, %d run again: %s", version, memory.good.version, why)
        good = memory.good.model_copy(update={"since_ms": self._clock()})
        self.shelf.remember(trial=None, good=good, not_taken=self._not_taken(version, "rolled_back", why))

    def unusable(self, error: ConfigError) -> Why:
        """Why settings that were read are not to be used."""
        return because("fleet.config", why=self._admission.plain(str(error)))

    def damaged(self, running: Running) -> None:
        """What should run is lost on the disk: the own file runs, until the broker's copy has come again."""
        log.error("settings %d of the bureau are damaged on the disk: the own file runs", running.version)
        self.shelf.remember(
            good=Running(since_ms=self._clock()),
            trial=None,
            seen=running.version - 1,
            not_taken=self._not_taken(running.version, "rolled_back", because("fleet.damaged")),
        )

    def _judge(self) -> None:
        """Whether settings on trial stay."""
        trial = self.shelf.memory.trial
        if trial is None or self._back is not None:
            return
        if trial.proved is not None:
            self._judge_chances(trial, trial.proved)
            return
        now = self._seen_now()
        waited_s = time.monotonic() - self._since_s
        answer = verdict(trial.worked, now, rounds=self._fleet.rounds, waited_s=waited_s)
        if isinstance(answer, Why):
            self._give_up(answer)
        elif answer == "keep":
            log.info("settings %d have stood the first part of their trial", trial.running.version)
            self.shelf.remember(trial=trial.model_copy(update={"proved": self._proved(())}))
            if waiting := self._waiting():
                log.info("the trial goes on until there is a round of: %s", ", ".join(waiting))
            self._judge()
            self._told()

    def _judge_chances(self, trial: Trial, proved: Sequence[str]) -> None:
        """The longer part: for what has not worked yet, because its devices may be off."""
        worked = self._proved(proved)
        if worked != tuple(proved):
            trial = trial.model_copy(update={"proved": worked})
            self.shelf.remember(trial=trial)
            self._told()
        waiting = self._waiting()
        if waiting and self._chances:
            why = self._chances.verdict(waiting, self._seen_now(), rounds=self._fleet.rounds)
            if why is not None:
                self._give_up(why)
                return
            if self._clock() - trial.running.since_ms < self._fleet.trial_days * _DAY_MS:
                return
            log.warning("nobody has seen these work with the new settings: %s", ", ".join(waiting))
        log.info("settings %d have stood their trial and stay", trial.running.version)
        self.shelf.remember(good=trial.running, trial=None)
        self.shelf.clear()
        self._told()

    def _proved(self, before: Sequence[str]) -> tuple[str, ...]:
        """What has worked with the settings on trial, in the order in which it did."""
        more = [name for name, rounds in self._rounds.items() if WORKS.intersection(rounds)]
        return tuple(dict.fromkeys([*before, *more]))

    def _waiting(self) -> tuple[str, ...]:
        """For what the trial goes on; empty in its first part."""
        trial = self.shelf.memory.trial
        if trial is None or trial.proved is None or self._chances is None:
            return ()
        return self._chances.waiting(trial.proved)

    def _give_up(self, why: Why) -> None:
        self._back = why
        self.switch.set()

    def _made_chances(self, found: Effective) -> Chances | None:
        """None where nothing is on trial, or what ran before cannot be had any more."""
        if not self.on_trial:
            return None
        try:
            own, good = own_values(self._config), self.shelf.memory.good
            before = self.shelf.content(good) if good.version else None
            if before is None and good.version:
                return None
            old = (
                with_wanted(own, before, self.shelf, self._config)
                if before
                else own_settings(own, self._config)
            )
        except ConfigError as error:
            log.warning("the settings before cannot be asked for the same: %s", error)
            return None
        every_s = self._fleet.compare_interval_s
        return Chances(kinds_of(found.settings), old, every_s, self._clock)

    def _seen_now(self) -> dict[str, Seen]:
        return {
            name: Seen(interval_s=seen.interval_s, rounds=tuple(self._rounds[name]))
            for name, seen in self._seen.items()
        }

    async def _consider(self, payload: bytes) -> None:
        """Prove and permit; a version that passes waits for the gateway to end its rounds."""
        self._payload, self._weighing = None, True
        try:
            await self._weigh(payload)
        finally:
            self._weighing = False

    async def _weigh(self, payload: bytes) -> None:
        try:
            wanted = self._admission.new(payload)
            if wanted is None:
                return
            self._watch.rewind()
            self._admission.permit(wanted)
        except NotTakenError as error:
            self._refuse(self._admission.version_of(error.why), error.why)
            return
        except ConfigError as error:  # the shelf cannot be written
            self._refuse(0, because("fleet.disk", why=self._admission.plain(str(error))))
            return
        if self._same(wanted):
            self._rename(wanted)
            return
        await self._first_rounds()
        self._candidate = wanted
        self.switch.set()

    def _same(self, wanted: Wanted) -> bool:
        """Whether it is another number for what runs already: a word about the program came with it, say."""
        running = self.shelf.memory.running
        own = running.version == 0 and wanted.settings is None
        return own or running.sha256 == wanted.sha256

    def _rename(self, wanted: Wanted) -> None:
        running = Running(version=wanted.version, sha256=wanted.sha256, since_ms=self._running.since_ms)
        trial = self.shelf.memory.trial
        if trial is None:
            self.shelf.remember(good=running)
        else:
            self.shelf.remember(trial=trial.model_copy(update={"running": running}))
        self._running = running
        self.shelf.clear()
        self._told()

    async def _first_rounds(self) -> None:
        """Until every collector has shown whether it works now: only then can a later failure be told."""
        deadline = time.monotonic() + _FIRST_ROUNDS_S
        while not all(self._rounds.values()) and time.monotonic() < deadline:
            await self._something(_LOOK_S)

    async def _try(self, wanted: Wanted) -> None:
        """The gateway's own check, with nobody else asking the devices; then the settings run, on trial."""
        memory = self.shelf.memory
        attempts = memory.attempts + 1 if memory.attempted == wanted.version else 1
        # Before anything is asked: whatever ends the program in the middle is found out at the next start.
        self.shelf.remember(attempted=wanted.version, attempts=attempts)
        worked = self._worked()
        try:
            if attempts > _MOST_ATTEMPTS:
                raise NotTakenError(because("fleet.died", number=attempts - 1))
            settings = with_wanted(own_values(self._config), wanted, self.shelf, self._config)
            why = check_verdict(worked, await self._checked(settings.prepare()))
            if why is not None:
                raise NotTakenError(why)
        except ConfigError as error:
            self._refuse(wanted.version, self.unusable(error))
        except NotTakenError as error:
            outcome = "rolled_back" if error.why.code == "fleet.died" else "refused"
            self._refuse(wanted.version, error.why, outcome)
        except asyncio.CancelledError:  # the program is told to end: no fault of these settings
            self.shelf.remember(attempts=attempts - 1)
            self._admission.forget(wanted.version)
            raise
        else:
            self._take(wanted, worked)

    async def _checked(self, builders: Sequence[Build]) -> dict[str, str]:
        """How one round of each collector ended, by its name."""
        try:
            async with asyncio.timeout(_CHECK_S):
                return {tried.collector: tried.status for tried in await try_all(builders, self._clock)}
        except TimeoutError as error:
            raise NotTakenError(because("fleet.slow", seconds=round(_CHECK_S))) from error

    def _worked(self) -> tuple[str, ...]:
        return tuple(name for name, rounds in self._rounds.items() if WORKS.intersection(rounds[-3:]))

    def _take(self, wanted: Wanted, worked: tuple[str, ...]) -> None:
        memory = self.shelf.memory
        running = Running(version=wanted.version, sha256=wanted.sha256, since_ms=self._clock())
        own = None if wanted.settings is None else digest(own_values(self._config), self._config.parent)
        left = memory.not_taken
        if left is not None and left.version == wanted.version:
            left = None
        log.info(
            "settings %d of the bureau run now, on trial; before: %d", wanted.version, memory.good.version
        )
        self.shelf.remember(trial=Trial(running=running, worked=worked), own=own, attempts=0, not_taken=left)

    def _refuse(self, version: int, why: Why, outcome: str = "refused") -> None:
        left = self.shelf.memory.not_taken
        now = (version, why.code, dict(why.args))
        if left is not None and (left.version, left.code, dict(left.args)) == now:
            return  # said already: a retained message comes again at each connection
        log.warning("settings %s of the bureau are refused: %s", version or "that are not", why)
        with contextlib.suppress(ConfigError):
            self.shelf.remember(not_taken=self._not_taken(version, outcome, why))
        self._told()

    def _not_taken(self, version: int, outcome: str, why: Why) -> NotTaken:
        return NotTaken.model_validate(
            {
                "version": version,
                "outcome": outcome,
                "code": why.code,
                "args": dict(why.args),
                "time": utc_text(self._clock()),
            }
        )
