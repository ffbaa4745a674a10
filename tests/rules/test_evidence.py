"""By what a room was seen at work: the display's own word, a device that is present, or the power drawn."""

from fractions import Fraction
from typing import Any

import pytest

from contract import RoomDevice
from rules.facts.evidence import telling
from rules.facts.observed import observe
from rules.judging.evaluate import Evaluation, evaluate
from rules.judging.indicators import Judgement
from rules.judging.section_results import evidence_reason
from rules.judging.utilisation import Rate, utilisation_of
from rules.standards.standard import Standard
from rules.words import worded
from store import Store
from tests.rules.build import BINHAI, CALENDAR
from tests.rules.telemetry import LAST_DAY, NOW, one_school, points, polls, projector, room, silent

DAYS = CALENDAR.school_days_before(LAST_DAY, 20)
TIMES = [time for day in DAYS for time in polls(day)]


def accepting(*evidence: str) -> Standard:
    changed = BINHAI.observation.model_copy(update={"evidence": evidence})
    return BINHAI.model_copy(update={"observation": changed})


def device(kind: str, time: int, evidence: str, *, power: str = "on") -> RoomDevice:
    fields: dict[str, Any] = {"type": kind, "power": power, "evidence": evidence}
    return RoomDevice(time=time, device=f"X-{kind}", room="R1", reachable=evidence != "silence", **fields)


def look(
    store: Store, *readings: RoomDevice, standard: Standard = BINHAI, multimedia: bool = True
) -> Evaluation:
    assert store.write(points(*readings)) == []
    registry = one_school(room(multimedia=multimedia), declared=1)
    return evaluate(
        registry, standard, observe(store, registry, standard, as_of=LAST_DAY, now_ms=NOW), LAST_DAY
    )


def l7(evaluation: Evaluation) -> Judgement:
    return evaluation.sections[0].judgements["L7"]


def rests_on(found: Judgement) -> str:
    return worded(evidence_reason(found.evidence))


def rate(store: Store, code: str, *readings: RoomDevice, standard: Standard = BINHAI) -> Rate:
    assert store.write(points(*readings)) == []
    registry = one_school(room(), declared=1)
    facts = observe(store, registry, standard, as_of=LAST_DAY, now_ms=NOW)
    found = utilisation_of(registry, standard, tuple(registry.schools.values()), facts)
    assert found is not None
    return found.of(code)  # type: ignore[arg-type]  # one of the rates


def test_a_panel_that_is_present_is_at_work_and_the_evidence_is_named(store: Store) -> None:
    found = l7(look(store, *(device("panel", time, "network") for time in TIMES)))
    assert (found.evidence.observed, "最弱的证据：设备在线" in rests_on(found)) == (Fraction(1), True)


def test_a_displays_own_word_is_nothing_to_remark_on(store: Store) -> None:
    found = l7(look(store, *(projector(time) for time in TIMES)))
    assert (found.evidence.observed, "证据：" in rests_on(found)) == (Fraction(1), False)


@pytest.mark.parametrize(
    ("kind", "evidence", "accepts", "observed"),
    [
        ("panel", "network", ("display",), None),
        ("panel", "beacon", ("display",), Fraction(1)),
        ("panel", "switch", ("display", "presence"), Fraction(1)),
        ("class_pc", "network", ("display",), None),
        ("class_pc", "beacon", ("display", "presence"), Fraction(1)),
        ("plug", "watts", ("display", "presence"), None),
        ("plug", "watts", ("display", "presence", "watts"), Fraction(1)),
    ],
)
def test_what_a_standard_does_not_accept_says_nothing(
    store: Store, kind: str, evidence: str, accepts: tuple[str, ...], observed: Fraction | None
) -> None:
    readings = [device(kind, time, evidence) for time in TIMES]
    found = l7(look(store, *readings, standard=accepting(*accepts)))
    assert found.evidence.observed == observed


def test_a_class_pc_stands_in_only_where_displays_tell_nothing(store: Store) -> None:
    """A projector that reports a fault in every answer is not at work, whatever PC runs beside it."""
    faulty = [projector(time, condition="error") for time in TIMES]
    present = [device("class_pc", time, "network") for time in TIMES]
    assert l7(look(store, *faulty, *present)).evidence.observed != Fraction(1)


def test_a_class_pc_beside_a_silent_projector_shows_the_room_at_work(store: Store) -> None:
    mute = [silent(time) for time in TIMES]
    found = l7(look(store, *mute, *(device("class_pc", time, "network") for time in TIMES)))
    assert (found.evidence.observed, "最弱的证据：设备在线" in rests_on(found)) == (Fraction(1), True)


def test_a_class_pc_that_is_off_proves_no_room_idle(store: Store) -> None:
    readings = [device("class_pc", time, "silence", power="off") for time in TIMES]
    assert l7(look(store, *readings)).evidence.observed is None


def test_a_class_pc_makes_no_room_a_multimedia_room(store: Store) -> None:
    found = look(store, *(device("class_pc", time, "network") for time in TIMES), multimedia=False)
    assert l7(found).evidence.observed != Fraction(1)


def test_lessons_used_rest_on_what_is_accepted_and_say_so(store: Store) -> None:
    readings = [device("panel", time, "network") for time in TIMES]
    found = rate(store, "U1", *readings)
    assert (found.numerator > 0, "最弱的证据：设备在线" in worded(found.reason)) == (True, True)


def test_lessons_of_what_is_not_accepted_are_not_known(store: Store) -> None:
    readings = [device("panel", time, "network") for time in TIMES]
    assert rate(store, "U1", *readings, standard=accepting("display")).denominator == 0


def test_of_a_device_that_is_only_present_nobody_knows_whether_it_is_in_order(store: Store) -> None:
    readings = [device("panel", time, "network") for time in TIMES]
    assert rate(store, "U4", *readings).denominator == 0


def test_a_room_without_any_device_tells_nothing() -> None:
    assert telling([], ("display",)) == ([], "display")
