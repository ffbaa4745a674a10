"""Rounds at their time, without piling up."""

import asyncio
import contextlib
from itertools import count

import pytest

from contract import CollectorRun
from edge_agent import scheduler
from edge_agent.collectors.base import Clock, Collector, Round, key_text, shorten
from edge_agent.metrics import Metrics
from edge_agent.scheduler import dated, next_due, repeat
from edge_agent.tasks import end

NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        (100, 100.5, (160, 0)),
        (100, 159.9, (160, 0)),
        (100, 160.0, (220, 1)),
        (100, 330.0, (340, 3)),
        (100, 99.0, (160, 0)),
    ],
)
def test_a_round_that_takes_too_long_skips_those_it_made_impossible(
    due: float, now: float, expected: tuple[float, int]
) -> None:
    assert next_due(due, 60, now) == expected


class Counting:
    """A collector that counts its rounds; what it does in each is the test's."""

    id = "c"
    interval_s = 0.01
    reads = "room_device"

    def __init__(self, *, fails: bool = False, hangs: bool = False, rounds: int = 3) -> None:
        self.begun = 0
        self.stop = asyncio.Event()
        self._fails, self._hangs, self._rounds = fails, hangs, rounds

    async def collect(self, clock: Clock) -> Round:
        self.begun += 1
        if self.begun == self._rounds:
            self.stop.set()
        if self._hangs:
            await asyncio.sleep(3600)
        await asyncio.sleep(0.02)
        if self._fails:
            raise KeyError("lamp")
        run = CollectorRun(time=clock(), collector=self.id, target="t", status="ok")
        return Round(runs=(run,))


def committed(collector: Counting) -> list[Round]:
    rounds: list[Round] = []

    def commit(_: Collector, result: Round) -> None:
        rounds.append(result)

    asyncio.run(
        repeat(collector, clock=count(NOW).__next__, commit=commit, metrics=Metrics(), stop=collector.stop)
    )
    return rounds


def test_the_round_in_progress_at_the_end_is_committed() -> None:
    assert len(committed(Counting(rounds=3))) == 3


def test_a_round_that_hangs_at_the_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "GRACE_S", 0.05)
    assert committed(Counting(rounds=1, hangs=True)) == []


def test_a_collector_that_fails_unexpectedly_says_so_and_goes_on() -> None:
    rounds = committed(Counting(rounds=2, fails=True))
    actual = [(run.target, run.status, run.reason) for result in rounds for run in result.runs]
    assert actual == [("c", "decode", "unexpected KeyError: 'lamp'")] * 2


def test_with_a_clock_that_was_never_set_nothing_is_read_until_it_is() -> None:
    collector, rounds = Counting(rounds=1), []
    moments = iter([0, 60_000])  # 1970, as a gateway without a battery starts

    def commit(_: Collector, result: Round) -> None:
        rounds.append(result)

    def clock() -> int:
        return next(moments, NOW)

    asyncio.run(repeat(collector, clock=clock, commit=commit, metrics=Metrics(), stop=collector.stop))
    assert [run.time for result in rounds for run in result.runs] == [NOW]


@pytest.mark.parametrize(
    ("statuses", "expected"), [("ok ok", "ok"), ("timeout timeout", "timeout"), ("ok timeout", "partial")]
)
def test_a_round_is_as_well_as_its_targets(statuses: str, expected: str) -> None:
    runs = tuple(
        CollectorRun.model_validate({"time": NOW, "collector": "c", "target": str(n), "status": status})
        for n, status in enumerate(statuses.split())
    )
    assert Round(runs=runs).status == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a" * 70, "a" * 63 + "…"), ("lamp\n1 ", "lamp·1"), ("end\\", "end"), ("", None), ("\\ ", None)],
)
def test_a_devices_own_name_is_made_fit_for_an_identity(text: str, expected: str | None) -> None:
    assert key_text(text) == expected


def test_a_long_reason_is_cut() -> None:
    assert len(shorten("x" * 1000)) == 256


def test_a_task_that_loses_a_cancellation_is_ended_all_the_same() -> None:
    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    async def story() -> bool:
        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        await end(task)
        return task.cancelled()

    assert asyncio.run(story()) is True


def test_every_run_says_what_it_reads_and_how_often() -> None:
    run = CollectorRun(time=NOW, collector="c", target="t", status="ok")
    (told,) = dated(Round(runs=(run,)), Counting()).runs  # type: ignore[arg-type]
    assert ("room_device", 1) == (told.reads, told.interval_s)
