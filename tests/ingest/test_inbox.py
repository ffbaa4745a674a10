"""What waits is bounded, and no school waits for another's flood."""

import threading

import pytest

from ingest.inbox import Inbox, Message, school_of
from ingest.settings import LimitSettings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def message(school: int, number: int = 0, *, size: int = 100) -> Message:
    return Message(f"campus/v1/120116/{school:010}/gw/readings", bytes([number % 256]) * size)


def inbox(clock: Clock | None = None, *, size: int = 1000, **limits: float) -> Inbox:
    return Inbox(size=size, limits=LimitSettings.model_validate(limits), clock=clock or Clock())


def schools(box: Inbox) -> list[int]:
    """The schools of all that waits, in the order in which it is taken."""
    found = []
    while (taken := box.take(timeout=0)) is not None:
        found.append(int(taken.topic.split("/")[3]))
    return found


def test_a_school_gets_its_turn_however_much_another_sent_before() -> None:
    box = inbox()
    for number in range(100):
        box.put(message(1, number), timeout=0)
    box.put(message(2), timeout=0)
    assert 2 in schools(box)[:2]


def test_turns_are_shared_by_bytes() -> None:
    box = inbox()
    for number in range(20):
        box.put(message(1, number, size=200_000), timeout=0)
        for _ in range(5):
            box.put(message(2, number, size=1_000), timeout=0)
    # While the first large message is served, more than 60 small ones would have their turn.
    assert [1, *[2] * 60] == schools(box)[:61]


def test_a_schools_own_messages_stay_in_order() -> None:
    box = inbox()
    for number in range(5):
        box.put(message(1, number), timeout=0)
    numbers = []
    while (taken := box.take(timeout=0)) is not None:
        numbers.append(taken.payload[0])
    assert [0, 1, 2, 3, 4] == numbers


def test_who_was_idle_has_no_more_turns_saved_up_than_the_others() -> None:
    box = inbox()
    for number in range(50):
        box.put(message(1, number), timeout=0)
    for _ in range(25):
        box.take(timeout=0)
    for number in range(25):
        box.put(message(2, number), timeout=0)
    assert {1, 2} == set(schools(box)[:3])


def test_beyond_its_share_a_school_is_passed_over_and_the_others_are_not() -> None:
    box = inbox(school_waiting=3)
    verdicts = [box.put(message(1, number), timeout=0) for number in range(5)]
    assert (["taken"] * 3 + ["too many"] * 2, "taken") == (verdicts, box.put(message(2), timeout=0))
    box.take(timeout=0)
    assert ("taken", 4) == (box.put(message(1), timeout=0), len(box))


def test_a_schools_share_is_one_of_bytes_too() -> None:
    box = inbox()
    verdicts = [box.put(message(1, number, size=1 << 20), timeout=0) for number in range(9)]
    assert ["taken"] * 8 + ["too many"] == verdicts


def test_what_was_taken_takes_up_nothing_of_a_schools_share() -> None:
    box = inbox()
    for _ in range(3):
        assert ["taken"] * 8 == [box.put(message(1, size=1 << 20), timeout=0) for _ in range(8)]
        assert [1] * 8 == schools(box)


def test_all_that_waits_is_bounded_in_bytes_whatever_the_messages_size() -> None:
    box, payload = inbox(), bytes(1 << 20)

    def put(school: int) -> str:
        return box.put(Message(message(school).topic, payload), timeout=0)

    # 64 MiB, of each school as much as it may have.
    assert ["taken"] * 64 == [put(school) for school in range(8) for _ in range(8)]
    assert "full" == put(8)
    for _ in range(2):
        box.take(timeout=0)
        assert ("taken", "full") == (put(8), put(9))
    assert 64 == len(schools(box))
    assert "taken" == put(9)


def test_a_school_may_save_up_ten_seconds_messages_and_no_more() -> None:
    clock = Clock()
    box = inbox(clock, school_messages_per_s=2)

    def verdicts(number: int) -> list[str]:
        found = []
        for _ in range(number):
            found.append(box.put(message(1), timeout=0))
            box.take(timeout=0)
        return found

    assert ["taken"] * 20 + ["too fast"] == verdicts(21)
    clock.now += 1
    assert ["taken"] * 2 + ["too fast"] == verdicts(3)
    clock.now += 1000
    assert ["taken"] * 20 + ["too fast"] == verdicts(21)


def test_when_all_of_it_is_full_the_network_waits_until_there_is_room() -> None:
    box = inbox(size=1)
    assert ("taken", "full") == (box.put(message(1), timeout=0), box.put(message(2), timeout=0.01))
    later = threading.Timer(0.05, lambda: box.take(timeout=0))
    later.start()
    assert "taken" == box.put(message(2), timeout=30)
    later.join()


def test_a_message_that_comes_late_is_waited_for() -> None:
    box = inbox()
    later = threading.Timer(0.05, lambda: box.put(message(1), timeout=0))
    later.start()
    assert box.take(timeout=30) is not None
    later.join()
    assert box.take(timeout=0) is None


def test_schools_that_were_never_heard_again_cost_no_memory() -> None:
    clock = Clock()
    box = inbox(clock)
    for school in range(1000):
        clock.now += 1
        box.put(message(school), timeout=0)
        box.take(timeout=0)
    assert len(box._schools) < 50


def test_a_school_whose_message_waits_for_long_is_not_forgotten() -> None:
    clock = Clock()
    box = inbox(clock)
    box.put(message(1), timeout=0)
    clock.now += 1000
    box.put(message(2), timeout=0)
    assert [1, 2] == schools(box)


def test_who_keeps_silent_for_a_while_loses_no_debt_by_it() -> None:
    """A large message has its turn; so long as others wait, the next one's turn comes after theirs."""
    clock = Clock()
    box = inbox(clock)
    box.put(message(1, size=1_000_000), timeout=0)
    for _ in range(2):
        box.put(message(2), timeout=0)
    for _ in range(2):
        box.take(timeout=0)
    clock.now += 100
    box.put(message(3), timeout=0)
    box.put(message(1), timeout=0)
    assert [3, 2, 1] == schools(box)


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("campus/v1/120116/2112000001/gw/readings", "120116/2112000001"),
        ("campus/v1/120116/2112000001/other/status", "120116/2112000001"),
        ("campus/v1/120116/school-1/gw/readings", ""),
        ("campus/v1/120116", ""),
        ("x" * 60_000, ""),
    ],
)
def test_a_topic_tells_its_school_or_none(topic: str, expected: str) -> None:
    assert expected == school_of(topic)
