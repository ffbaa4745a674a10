"""What stands beside a verdict: how much of it is known, how much is missing, what a ledger lacks."""

from fractions import Fraction

import pytest

from rules.judging.gap import areas_missing
from rules.judging.section_results import evidence_reason
from rules.words import worded
from store import Store
from tests.rules.ledgers import asset, telling
from tests.rules.observing import ALL_UP, l7, look
from tests.rules.telemetry import good_survey, one_school, polls, projector, room, sample, silent
from tests.rules.test_equipment import l6
from tests.rules.test_equipment import look as look_at_ledgers


def test_a_room_proven_idle_is_as_well_known_as_one_at_work(store: Store) -> None:
    rooms = [room("R1"), room("R2"), room("R3")]
    seen = [projector(time, device="P1", room="R1") for time in polls(count=3)]
    broken = [projector(time, device="P2", room="R2", condition="error") for time in polls(count=3)]
    dark = [silent(time, device="P3", room="R3") for time in polls(count=3)]
    evidence = l7(look(store, one_school(*rooms, pupils=100), *seen, *broken, *dark)).evidence
    assert evidence.completeness == Fraction(2, 3)


def test_what_coverage_lacks_is_a_number_of_areas_and_open_where_the_answer_is(store: Store) -> None:
    two = one_school(room("R1"), room("R2"))
    weak = sample("B", -90, room="R2", time="2021-09-21T16:00")
    (failing,) = look(store, two, *good_survey("R1"), *ALL_UP, weak).coverage
    assert (failing.verdict, areas_missing(failing)) == ("fail", 1)


def test_what_coverage_lacks_is_not_known_where_the_answer_is_open(store: Store) -> None:
    (open_,) = look(store, one_school(room("R1"), room("R2")), *good_survey("R1"), *ALL_UP).coverage
    assert (open_.verdict, areas_missing(open_)) == ("undetermined", None)


@pytest.mark.parametrize(("whole", "said"), [("partial", True), ("ok", False)])
def test_a_ledger_of_which_a_file_was_not_read_says_so(store: Store, whole: str, said: bool) -> None:
    *assets, run = telling(asset("1", 5_000))
    told = run.model_copy(update={"status": whole, "unread": 1 if whole == "partial" else 0})
    evidence = l6(look_at_ledgers(store, *assets, told)).evidence
    assert ("文件" in worded(evidence_reason(evidence))) is said
