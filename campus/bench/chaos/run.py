"""`campus bench chaos`: faults at random for some minutes, and then an account of every reading."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from urllib.request import urlopen

from campus.bench.chaos.audit import Audit, audit, spool_of
from campus.bench.chaos.faults import FAULTS, Fault
from campus.bench.chaos.plant import Plant, plant
from ingest.accounts import Balance, balances
from ingest.quarantine import Quarantine, QuarantineError
from store import StoreError, open_store

_REST_S = (0.3, 2.0)
_START_S = 60.0
_SETTLE_S = 120.0
# A gateway says how it is every second; one that lost its connection in the last fault is to be back first.
_HEARD_S = 3.0
# What the programs may take at most, at any time.
MOST_MIB = {"ingest": 256, "gateway": 64}


def measure(*, minutes: float, seed: int, folder: Path | None, say: Callable[[str], None]) -> bool:
    """Print what was done and what became of it; whether nothing was lost, doubled or misjudged."""
    rng = random.Random(seed)  # noqa: S311 - the same faults in every run with this seed
    kept = nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory(prefix="campus-chaos-")
    with kept as name, plant(Path(name)) as made:
        _wait_started(made)
        faults = [fault for fault in FAULTS if made.disks or not fault.needs_disk]
        say(f"seed {seed}, {len(faults)} kinds of fault, {minutes:g} minutes")
        if not made.disks:
            say("the disk cannot be filled here: mounting takes root")
        played, misjudged = _play(made, faults, rng, seconds=minutes * 60)
        recovery_s = _settle(made)
        for process in made.processes():
            process.measure()
        for gateway in made.gateways.values():
            gateway.stop()
        _wait_accounts(made)
        result = audit(made)
        result.disagreements += misjudged
        _report(played, result, recovery_s, made, say)
        return result.passed and _within_memory(made)


def _play(
    made: Plant, faults: list[Fault], rng: random.Random, *, seconds: float
) -> tuple[Counter[str], list[str]]:
    """Every fault once, in any order, then again and again; `verify-loss` is asked in between."""
    played: Counter[str] = Counter()
    misjudged: list[str] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for fault in rng.sample(faults, len(faults)):
            if time.monotonic() >= end:
                break
            fault.play(made, rng, rng.uniform(*fault.for_s))
            played[fault.name] += 1
            time.sleep(rng.uniform(*_REST_S))
            _restart_ended(made)
            misjudged += [
                f"after '{fault.name}' verify-loss said {balance}"
                for balance in _accounts(made)
                if not balance.agrees
            ]
    return played, misjudged


def _restart_ended(made: Plant) -> None:
    """As systemd would: a program that ended by itself is started again."""
    for process in made.processes():
        if not process.alive:
            process.ended_by_itself += 1
            process.start()


def _accounts(made: Plant) -> list[Balance]:
    """What `verify-loss` says now; nothing where the store is away at the moment."""
    try:
        quarantine = Quarantine(made.quarantine)
    except QuarantineError:
        return []
    try:
        with open_store(made.store_url) as store:
            return balances(store, [quarantine])
    except StoreError:
        return []
    finally:
        quarantine.close()


def _settle(made: Plant) -> float:
    """Seconds until nothing waits any more, with gateways still at work and just heard."""
    began, since_ms = time.monotonic(), (time.time() + _HEARD_S) * 1000
    while time.monotonic() - began < _SETTLE_S:
        found = _accounts(made)
        heard = {balance.address.school for balance in found if balance.account_ms > since_ms}
        at_rest = all(balance.missing <= balance.dropped + balance.untaken for balance in found)
        if at_rest and heard == made.gateways.keys():
            return time.monotonic() - began
        time.sleep(0.2)
    return _SETTLE_S


def _wait_accounts(made: Plant) -> None:
    """The gateways' last words are to reach the store."""
    last = {school: spool_of(made, school).produced for school in made.gateways}
    deadline = time.monotonic() + _SETTLE_S
    while time.monotonic() < deadline:
        told = {balance.address.school: balance.produced for balance in _accounts(made)}
        if told == last:
            return
        time.sleep(0.2)


def _wait_started(made: Plant) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{made.health_port}/healthz", timeout=2):
                break
        except OSError:
            time.sleep(0.1)
    while time.monotonic() < deadline and len(_accounts(made)) < len(made.gateways):
        time.sleep(0.2)


def _within_memory(made: Plant) -> bool:
    return all(process.peak_kib <= MOST_MIB[process.name] * 1024 for process in made.processes())


def _report(
    played: Counter[str], result: Audit, recovery_s: float, made: Plant, say: Callable[[str], None]
) -> None:
    say(
        f"faults {played.total()}: "
        + ", ".join(f"{name} {number}" for name, number in sorted(played.items()))
    )
    say(
        f"committed {result.committed}, stored {result.stored}, quarantined {result.quarantined}, "
        f"dropped {result.dropped}, untaken {result.untaken}, uncertain {result.uncertain}"
    )
    say(f"lost {result.lost}, doubled {result.doubled}, verify-loss wrong {len(result.disagreements)}")
    for disagreement in result.disagreements[:10]:
        say(f"  {disagreement}")
    say(f"everything stored {recovery_s:.1f} s after the last fault")
    for process in made.processes():
        say(
            f"{process.folder.name if process.name == 'gateway' else ''} {process.name}: "
            f"most memory {process.peak_kib / 1024:.0f} MiB, started {process.starts} times, "
            f"ended by itself {process.ended_by_itself} times".strip()
        )
