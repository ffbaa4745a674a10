"""Which batches go when, with a clock of the test's own."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.spool import Batch
from edge_agent.window import Window

START_MS = 1_790_000_000_000


@dataclass
class World:
    """A spool in memory, and a clock; what `step` sends is recorded."""

    size: int = 8
    ack_timeout_s: float = 15
    now: float = 0.0
    pending: dict[int, Batch] = field(default_factory=dict)
    last: int = 0

    def __post_init__(self) -> None:
        rng = random.Random(1)  # noqa: S311 - the same jitter in every run
        self.window = Window(size=self.size, ack_timeout_s=self.ack_timeout_s, max_backoff_s=300, rng=rng)

    @property
    def now_ms(self) -> int:
        return START_MS + round(self.now * 1000)

    def made(self, count: int, *, age_s: float = 0) -> list[int]:
        seqs = []
        for _ in range(count):
            self.last += 1
            self.pending[self.last] = Batch(seq=self.last, made_ms=self.now_ms - round(age_s * 1000))
            seqs.append(self.last)
        return seqs

    def step(self) -> list[int]:
        seqs = sorted(self.pending)
        limit = self.window.candidates
        return self.window.choose(
            oldest=[self.pending[seq] for seq in seqs[:limit]],
            newest=[self.pending[seq] for seq in seqs[::-1][:limit]],
            now=self.now,
            now_ms=self.now_ms,
        )

    def confirmed(self, *seqs: int) -> None:
        for seq in seqs:
            self.pending.pop(seq, None)
        self.window.confirm([(seq, seq) for seq in seqs], now=self.now)


def test_after_an_outage_history_takes_half_of_the_window_oldest_first() -> None:
    world = World(size=8)
    world.made(100, age_s=3600)
    assert world.step() == [1, 2, 3, 4]


def test_history_after_an_outage_never_starves_live_data() -> None:
    world = World(size=8)
    world.made(1000, age_s=3600)
    world.step()
    (live,) = world.made(1)
    assert world.step() == [live]


def test_live_batches_go_newest_first() -> None:
    world = World()
    world.made(3)
    assert world.step() == [3, 2, 1]


def test_what_travels_is_bounded() -> None:
    world = World(size=8)
    world.made(50, age_s=3600)
    world.made(50)
    world.step()
    assert (len(world.window.unconfirmed), world.step()) == (8, [])


def test_nothing_is_sent_twice_while_its_confirmation_may_still_come() -> None:
    world = World()
    world.made(1)
    world.step()
    world.now = 11.0
    assert world.step() == []


def test_a_batch_whose_confirmation_is_lost_is_sent_again() -> None:
    world = World()
    (seq,) = world.made(1)
    world.step()
    world.now = 15.0
    assert world.step() == [seq]


def test_the_wait_doubles_up_to_its_maximum() -> None:
    world = World(size=2)
    world.made(1, age_s=3600)
    world.step()
    waits = []
    for _ in range(8):
        due = world.window.next_due()
        assert due is not None
        waits.append(due - world.now)
        world.now = due
        world.step()
    expected = [15, 30, 60, 120, 240, 300, 300, 300]
    assert [0.8 * most <= wait <= most for wait, most in zip(waits, expected, strict=True)] == [True] * 8


def test_a_confirmation_makes_room_for_the_next_of_history() -> None:
    world = World(size=8)
    world.made(100, age_s=3600)
    world.confirmed(*world.step())
    assert world.step() == [5, 6, 7, 8]


def test_when_the_server_answers_again_no_batch_waits_out_a_long_backoff() -> None:
    world = World(size=4)
    first, second = world.made(2, age_s=3600)
    world.step()
    for _ in range(6):
        due = world.window.next_due()
        assert due is not None
        world.now = due
        world.step()
    world.confirmed(first)
    world.now += 15
    assert world.step() == [second]


def test_after_a_reconnection_all_that_travelled_is_sent_at_once() -> None:
    world = World()
    world.made(3)
    world.step()
    world.window.reconnected(now=world.now)
    assert sorted(world.step()) == [1, 2, 3]


def test_live_batches_that_grow_old_unconfirmed_do_not_block_new_ones() -> None:
    world = World(size=8)
    world.made(8)
    world.step()
    world.now = 180.0
    fresh = world.made(2)
    sent = world.step()
    assert [seq for seq in fresh if seq in sent] == fresh


def test_a_batch_that_the_spool_gave_up_frees_its_place() -> None:
    world = World(size=2)
    world.made(1, age_s=3600)
    (seq,) = world.step()
    del world.pending[seq]
    world.window.discard(seq)
    (following,) = world.made(1, age_s=3600)
    assert world.step() == [following]


@given(
    st.integers(2, 16),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20), st.integers(0, 400)), max_size=40),
)
def test_every_batch_is_sent_and_never_more_than_the_window(
    size: int, script: list[tuple[int, int, int]]
) -> None:
    world = World(size=size)
    bounded = True
    for made, confirmed, wait in script:
        world.made(made)
        world.step()
        bounded = bounded and len(world.window.unconfirmed) <= size
        world.confirmed(*sorted(world.window.unconfirmed)[:confirmed])
        world.now += wait
    for _ in range(2 * len(world.pending) + 2):
        world.step()
        bounded = bounded and len(world.window.unconfirmed) <= size
        world.confirmed(*world.window.unconfirmed)
    assert (bounded, world.pending) == (True, {})


@pytest.mark.parametrize("size", [2, 3, 32])
def test_an_idle_window_asks_for_no_alarm(size: int) -> None:
    world = World(size=size)
    assert (world.step(), world.window.next_due()) == ([], None)
