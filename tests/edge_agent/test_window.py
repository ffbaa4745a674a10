"""Which batches go when, with a clock of the test's own."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.spool import Batch
from edge_agent.window import SPREAD_S, Window

START_MS = 1_790_000_000_000


@dataclass
class World:
    """A spool in memory, and a clock; what `step` sends is recorded."""

    size: int = 8
    ack_timeout_s: float = 15
    probe_s: float = 10
    now: float = 0.0
    pending: dict[int, Batch] = field(default_factory=dict)
    last: int = 0

    def __post_init__(self) -> None:
        rng = random.Random(1)  # noqa: S311 - the same jitter in every run
        self.window = Window(size=self.size, ack_timeout_s=self.ack_timeout_s, probe_s=self.probe_s, rng=rng)

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
        self.window.confirm(seqs, now=self.now)

    def wait(self, seconds: float) -> list[int]:
        """Let time pass as the publisher does: from one due moment to the next; gives what was sent."""
        until, sent = self.now + seconds, []
        while (due := self.window.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            sent += self.step()
        self.now = until
        return sent + self.step()


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


def test_while_nothing_is_confirmed_one_batch_at_a_time_asks_whether_the_server_answers() -> None:
    world = World(size=8, probe_s=10)
    world.made(4, age_s=3600)
    world.step()
    sent = world.wait(115)
    # From the first timeout (12 to 15 s) on, one every 8 to 10 s.
    assert 10 <= len(sent) <= 13
    assert set(sent) == {1, 2, 3, 4}


def test_at_the_first_sign_of_life_all_that_waits_is_sent() -> None:
    world = World(size=8)
    world.made(4, age_s=3600)
    world.step()
    *_, last = world.wait(600)
    world.confirmed(last)
    assert sorted({*world.wait(SPREAD_S), last}) == [1, 2, 3, 4]


def test_a_batch_that_stays_unconfirmed_while_others_are_confirmed_makes_room() -> None:
    world = World(size=4)
    world.made(40, age_s=3600)
    never = {1, 2}
    for _ in range(200):
        sent = world.step()
        world.confirmed(*(seq for seq in sent if seq not in never))
        world.now += 1
    assert set(world.pending) == never


def test_what_made_room_is_tried_again_later_one_at_a_time_and_confirmed_at_last() -> None:
    world = World(size=4)
    world.made(2, age_s=3600)
    world.step()
    for _ in range(400):
        world.confirmed(*world.made(1))
        world.now += 0.25
        world.step()
    assert frozenset() == world.window.unconfirmed
    sent: list[int] = []
    while len(sent) < 2:
        due = world.window.next_due()
        assert due is not None
        world.now = max(due, world.now)
        now_sent = world.step()
        assert len(now_sent) <= 1
        sent += now_sent
    world.confirmed(*world.window.answered([(1, 2)]))
    assert (world.wait(3600), world.window.next_due()) == ([], None)


def test_a_server_that_is_away_for_long_leaves_no_batch_aside() -> None:
    world = World(size=4)
    world.made(2, age_s=3600)
    world.step()
    world.wait(3600)
    assert frozenset({1, 2}) == world.window.unconfirmed


def test_an_answer_for_what_was_never_sent_confirms_nothing() -> None:
    world = World(size=4)
    world.made(10, age_s=3600)
    sent = world.step()
    assert (sent, world.window.answered([(1, 2**63 - 1)]), world.window.answered([(7, 9)])) == (
        [1, 2],
        [1, 2],
        [],
    )


def test_an_answer_counts_also_for_what_went_back_to_the_spool_meanwhile() -> None:
    world = World(size=4)
    world.made(4)
    world.step()
    world.now = 300.0
    world.step()
    assert (len(world.window.unconfirmed), world.window.answered([(1, 4)])) == (2, [1, 2, 3, 4])


def test_of_another_spool_nothing_is_known() -> None:
    world = World(size=4)
    world.made(3)
    world.step()
    world.window.forget()
    assert (world.window.answered([(1, 9)]), world.window.unconfirmed, world.window.next_due()) == (
        [],
        frozenset(),
        None,
    )


def test_a_confirmation_makes_room_for_the_next_of_history() -> None:
    world = World(size=8)
    world.made(100, age_s=3600)
    world.confirmed(*world.step())
    assert world.step() == [5, 6, 7, 8]


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
