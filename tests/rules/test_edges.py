"""Where a rule turns: one poll more or less, another kind, the newer state, a point's own figure."""

from datetime import date

import pytest

from rules.facts.facts import AccessPointFacts, DisplayFacts, Facts, RoomFacts, Sample
from rules.facts.polled import whole_access_points
from rules.judging.guarantees import judge_guarantees
from rules.judging.multimedia import judge_room as judge_displays
from rules.judging.utilisation import utilisation_of
from rules.judging.wireless import RoomCoverage
from rules.judging.wireless import judge_room as judge_coverage
from rules.words import worded
from tests.rules.build import BINHAI, registry, school
from tests.rules.telemetry import CODE, one_school, room
from tests.rules.test_guarantees import special, with_allowances

DAY = date(2021, 9, 28)
RULE = BINHAI.observation


def seen(*rooms: tuple[str, RoomFacts]) -> Facts:
    return Facts(
        days=(DAY,), until_ms=0, survey_since=DAY, rooms={(CODE, name): found for name, found in rooms}
    )


def sample(point: str, rssi: int, snr: int | None, band: str = "5") -> Sample:
    return Sample(point=point, band=band, time_ms=0, rssi_dbm=rssi, snr_db=snr, ap=None)


def access_point(name: str = "AP1", *, polls: int, up: int, unknown: int = 0) -> AccessPointFacts:
    return AccessPointFacts(
        ap=name, polls=polls, unknown=unknown, up=up, last_state="up", due=polls, last_ms=0
    )


def covered(*samples: Sample, aps: tuple[AccessPointFacts, ...] = ()) -> RoomCoverage:
    found = RoomFacts(samples=samples, aps=aps or (access_point(polls=10, up=10),))
    return judge_coverage(room(area=20), seen(("R1", found)), BINHAI.wireless)


@pytest.mark.parametrize(
    ("samples", "shown"),
    [
        # The level is the strongest band's, and so is the ratio beside it.
        ((sample("C", -66, 25), sample("C", -80, 3, "2.4")), "C -66 dBm, SNR 25 dB"),
        ((sample("C", -80, 40), sample("C", -66, 8, "2.4")), "C -66 dBm, SNR 8 dB"),
        ((sample("C", -66, 8), sample("C", -66, 12, "2.4")), "C -66 dBm, SNR 12 dB"),
        ((sample("C", -66, None), sample("C", -80, 40, "2.4")), "C -66 dBm（"),
    ],
)
def test_a_weak_point_is_shown_with_its_own_signal_and_ratio(samples: tuple[Sample, ...], shown: str) -> None:
    assert shown in worded(covered(*samples).reason)


def test_a_room_is_as_weak_as_its_weakest_point_and_a_point_as_strong_as_its_best_band() -> None:
    points = (sample("A", -60, 30), sample("B", -72, 30), sample("B", -64, 30, "2.4"))
    assert (-64, 2) == (covered(*points).worst_rssi_dbm, covered(*points).points_covered)


@pytest.mark.parametrize(("known", "verdict"), [(2, "undetermined"), (3, "fail")])
def test_a_coverage_verdict_takes_as_many_known_polls_as_the_standard_says(known: int, verdict: str) -> None:
    assert BINHAI.wireless.min_polls == 3
    one = covered(sample("A", -60, 30), aps=(access_point(polls=known, up=0),))
    assert verdict == one.verdict


@pytest.mark.parametrize(
    ("unknown", "up", "verdict"),
    [
        (5, 95, "pass"),
        # What is not known could turn it: of all polls 94 to 100 % are up.
        (6, 94, "undetermined"),
        (6, 90, "undetermined"),
        (6, 89, "undetermined"),
        (6, 88, "fail"),
        (51, 20, "undetermined"),
    ],
)
def test_unknown_polls_decide_nothing_and_at_least_half_must_be_known(
    unknown: int, up: int, verdict: str
) -> None:
    ap = access_point(polls=100, up=up, unknown=unknown)
    assert verdict == covered(sample("A", -60, 30), aps=(ap,)).verdict


def display(
    *, answered: int, faulty: int = 0, working: int = 0, days: int = 1, whole: int = 0
) -> DisplayFacts:
    return DisplayFacts(
        device="P1",
        type="projector",
        polls=answered,
        answered=answered,
        working=working,
        faulty=faulty,
        days_answered=days,
        days_whole=whole,
        due=answered,
        days_due=days,
        last_ms=0,
    )


@pytest.mark.parametrize(
    ("answered", "whole", "judged"), [(2, 1, "unknown"), (3, 1, "not_working"), (3, 0, "unknown")]
)
def test_a_display_is_called_faulty_after_as_many_answers_as_the_standard_says(
    answered: int, whole: int, judged: str
) -> None:
    assert RULE.min_polls == 3
    found = RoomFacts(displays=(display(answered=answered, faulty=answered, whole=whole),))
    assert judged == judge_displays(room(), found, RULE).seen


@pytest.mark.parametrize(("days", "judged"), [(19, "unknown"), (20, "not_working")])
def test_only_school_days_that_were_all_heard_whole_prove_that_a_display_was_never_on(
    days: int, judged: str
) -> None:
    assert (20, 20) == (RULE.school_days, RULE.answered_days_share * RULE.school_days)
    found = RoomFacts(displays=(display(answered=360, days=20, whole=days),))
    assert judged == judge_displays(room(), found, RULE).seen


@pytest.mark.parametrize(("answered", "known"), [(2, 0), (3, 1)])
def test_a_device_is_known_to_be_in_order_after_as_many_answers(answered: int, known: int) -> None:
    given = one_school(room())
    found = seen(("R1", RoomFacts(displays=(display(answered=answered, working=1),))))
    used = utilisation_of(given, BINHAI, tuple(given.schools.values()), found)
    assert used is not None
    assert known == used.of("U4").known


@pytest.mark.parametrize(
    ("kind", "pupils", "verdict"),
    [("小学", {"primary_classes": 6}, "pass"), ("初中", {"junior_classes": 6}, "fail")],
)
def test_an_allowance_of_one_kind_of_school_helps_no_other(
    kind: str, pupils: dict[str, int], verdict: str
) -> None:
    """Rooms of 54 m² are enough for a small rural 小学, 初中 needs 61 m²."""
    one = school(CODE, kind, flags=frozenset({"最大班额低于30人的农村小规模学校"}), **pupils)  # type: ignore[arg-type]  # a kind
    rooms = (special("M1", "音乐教室", 54), special("A1", "美术教室", 54))
    found = judge_guarantees(registry([one], rooms=rooms), with_allowances(), (one,))
    assert verdict == found.answers["G3"].verdict


@pytest.mark.parametrize("first", ["older", "newer"])
def test_an_access_point_that_moved_has_the_state_that_was_heard_last(first: str) -> None:
    def facts(state: str, last_ms: int) -> AccessPointFacts:
        return AccessPointFacts(ap="AP1", polls=5, unknown=1, up=2, last_state=state, due=5, last_ms=last_ms)

    older, newer = facts("down", 1), facts("up", 2)
    rooms = (older, newer) if first == "older" else (newer, older)
    (whole,) = whole_access_points({(CODE, f"R{index}"): (ap,) for index, ap in enumerate(rooms)}).values()
    assert ("up", 2, 10, 2, 4) == (whole.last_state, whole.last_ms, whole.polls, whole.unknown, whole.up)
