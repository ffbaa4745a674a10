"""What is known of a plug: which message is the last, how far its meter grew, how many watts mean on."""

import pytest

from edge_agent.collectors.mqtt_power import Heard, take
from edge_agent.plugs.dialects import Said
from edge_agent.plugs.energy import Meter, growth
from edge_agent.plugs.threshold import Learner


def meter(wh: float, minutes: int = 0, life: str | None = None) -> Meter:
    return Meter(wh=wh, at_ms=minutes * 60_000, life=life)


@pytest.mark.parametrize(
    ("before", "now", "wraps", "used", "said"),
    [
        (None, meter(500), None, None, None),
        (meter(500), meter(503.5, 1), None, 3.5, None),
        (meter(500), meter(500, 1), None, 0.0, None),
        (meter(500), meter(4, 1), None, 4, "归零"),
        (meter(500, life="a"), meter(501, 1, life="b"), None, 501, "归零"),
        (meter(500, life="a"), meter(501, 1), None, 1.0, None),
        (meter(90_000, life="a"), meter(80_000, 1, life="b"), None, None, "倒退"),
        (meter(500), meter(99_999, 1), None, None, "不可能"),
        (meter(2**32 / 60 - 10), meter(5, 1), 2**32 / 60, 15.0, None),
        # What the plug counted while the gateway was away belongs to it, too.
        (meter(500), meter(5500, 60 * 24), None, 5000.0, None),
    ],
)
def test_energy_is_what_the_meter_grew_by(
    before: Meter | None, now: Meter, wraps: float | None, used: float | None, said: str | None
) -> None:
    found = growth(before, now, most_w=2500, wraps_wh=wraps)
    assert (found.used_wh, said is None if found.said is None else said and said in found.said.zh) == (
        used,
        True,
    )


def learnt(*heaps: tuple[float, int]) -> float | None:
    learner = Learner()
    for watts, times in heaps:
        for number in range(times):
            learner.see(watts * (1 + (number % 5) / 50))
    return Learner(learner.counts).threshold_w


def test_a_threshold_stands_between_sleep_and_work() -> None:
    assert 5 < (learnt((3, 400), (60, 200)) or 0) < 55
    # A PC and a projector at one plug: either is work.
    assert 5 < (learnt((3, 400), (60, 200), (330, 200)) or 0) < 55


@pytest.mark.parametrize(
    "heaps",
    [
        [],
        [(3, 1000)],
        [(60, 1000)],  # never seen asleep
        [(3, 1000), (60, 5)],
        [(3, 10), (60, 1000)],
        [(3, 500), (6, 500)],  # too near
        [(90, 500), (400, 500)],  # a plug that never sleeps
    ],
)
def test_a_threshold_is_not_guessed(heaps: list[tuple[float, int]]) -> None:
    assert learnt(*heaps) is None


def test_a_retained_message_is_no_sample_and_no_sign_of_life() -> None:
    heard = Heard()
    take(heard, Said(watts=50.0, energy_wh=9.0, relay=True, stamp="a"), now_s=5, now_ms=5, retained=True)
    assert (heard.watts, heard.energy_wh, heard.ever, heard.relay) == (None, None, False, True)


@pytest.mark.parametrize(
    ("stamp", "energy_wh", "watts"),
    [
        ("2026-09-02T08:20:00", 9.0, 50.0),  # made before the last, and its meter says so
        ("2026-09-02T08:20:00", None, 50.0),
        ("2026-09-02T08:20:00", 11.0, 7.0),  # the clock was set back: the meter went on
        ("2026-09-02T07:20:00", 9.0, 7.0),  # by more than any message is under way
        ("1970-01-01T00:00:10", 0.0, 7.0),  # begun anew, without a clock yet
        ("2026-09-02T08:21:30", 9.0, 7.0),
        ("soon", 9.0, 7.0),
    ],
)
def test_a_message_that_was_overtaken_says_how_things_were(
    stamp: str, energy_wh: float | None, watts: float
) -> None:
    heard = Heard()
    last = Said(watts=50.0, energy_wh=10.0, relay=True, stamp="2026-09-02T08:21:00")
    take(heard, last, now_s=5, now_ms=5, retained=False)
    overtaken = Said(watts=7.0, energy_wh=energy_wh, relay=False, stamp=stamp)
    take(heard, overtaken, now_s=6, now_ms=6, retained=False)
    assert (watts, watts == 50.0) == (heard.watts, heard.relay)


def test_the_same_message_twice_teaches_once_and_keeps_nothing_fresh() -> None:
    heard = Heard()
    for now in (5, 900):
        take(heard, Said(watts=50.0, energy_wh=9.0, stamp="a"), now_s=now, now_ms=now, retained=False)
    assert (sum(heard.learner.counts), heard.watts_at) == (1, 5)


def test_who_tells_changes_only_tells_with_anything_that_its_power_is_the_same() -> None:
    partial, whole = Heard(), Heard()
    for heard, overlay in ((partial, True), (whole, False)):
        take(heard, Said(watts=50.0), now_s=5, now_ms=5, retained=False, overlay=overlay)
        take(heard, Said(relay=True), now_s=60, now_ms=60, retained=False, overlay=overlay)
    assert (partial.watts_at, whole.watts_at) == (60, 5)
