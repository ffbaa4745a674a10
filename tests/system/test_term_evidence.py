"""A told term in verdicts: panels by their presence, the room of a silent projector by its plug."""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract import Address, decode_envelope, to_point
from contract.daybook import touched_points
from firmware_sim import Scenario, World, load_scenario, write_registry
from firmware_sim.history import GatewayPast, Span, places_of
from registry import read_registry
from rules.answers.inputs import inputs_of
from rules.answers.inquiry import Inquiry
from rules.judging.evaluate import Evaluation
from rules.judging.section_results import evidence_reason
from rules.words import worded
from store import Store, open_store
from tests.rules.build import BINHAI

TODAY, FIRST = dt.date(2026, 11, 13), dt.date(2026, 11, 9)
SECOND, THIRD = "3112000002", "3112000003"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
FAR_MS = 2**42


@pytest.fixture(scope="module")
def term() -> Scenario:
    return load_scenario("demo").on(TODAY)


@contextmanager
def told(term: Scenario, school: str, folder: Path) -> Iterator[tuple[Store, Inquiry]]:
    """A week of one school in a store, and what asks about it on its last evening."""
    begin, end = (dt.datetime.combine(day, dt.time(), SHANGHAI).timestamp() for day in (FIRST, TODAY))
    world, numbers = World(term), itertools.count(1)
    span = Span(begin=begin, end=end + 18 * 3600, interval_s=900, walks="none")
    past = GatewayPast(term, world.campus(school), places_of(term, world)[school], span)
    address = Address(term.district, school, "gw-1")
    write_registry(term, folder / "registry")
    with open_store(f"sqlite:///{folder / 'readings.sqlite'}") as store:
        store.prepare()
        for message in past.messages():
            if message.stream == "readings":
                batch = decode_envelope(message.payload, now_ms=FAR_MS)
                points = [to_point(address, batch.epoch, batch.seq, one) for one in batch.readings]
                assert store.write([*points, *touched_points(points, next(numbers))]) == []
        now_ms = round((end + 18 * 3600) * 1000)
        known = read_registry(folder / "registry")
        yield store, Inquiry(registry=known, standard=BINHAI, as_of=TODAY, now_ms=now_ms)


def accepting(inquiry: Inquiry, *evidence: str) -> Inquiry:
    observation = BINHAI.observation.model_copy(update={"evidence": evidence})
    standard = BINHAI.model_copy(update={"observation": observation})
    return Inquiry(registry=inquiry.registry, standard=standard, as_of=inquiry.as_of, now_ms=inquiry.now_ms)


def multimedia(evaluation: Evaluation, school: str) -> dict[str, str]:
    """What L7 rests on, by stage."""
    return {
        result.section.stage: worded(evidence_reason(result.judgements["L7"].evidence))
        for result in evaluation.sections
        if result.section.school.school_code == school
    }


def test_panels_count_by_their_presence_and_use_and_verdict_say_so(term: Scenario, tmp_path: Path) -> None:
    with told(term, THIRD, tmp_path) as (store, inquiry):
        evaluation = inquiry.evaluation(store)
        strict = accepting(inquiry, "display").evaluation(store)
    (use,) = [one for one in evaluation.utilisation if one.school.school_code == THIRD]
    lessons = use.of("U1")
    assert "最弱的证据：设备在线" in multimedia(evaluation, THIRD)["junior"]
    assert (lessons.numerator > 0, "最弱的证据：设备在线" in worded(lessons.reason)) == (True, True)
    rooms = {room.room: room.seen for room in evaluation.multimedia if room.school_code == THIRD}
    strictly = {room.room: room.seen for room in strict.multimedia if room.school_code == THIRD}
    assert [(rooms[room], strictly[room]) for room in ("201", "204", "205")] == [
        ("working", "working"),
        ("working", "unknown"),
        ("working", "unknown"),
    ]


def test_the_room_of_a_silent_projector_is_known_by_its_plug_where_that_is_accepted(
    term: Scenario, tmp_path: Path
) -> None:
    with told(term, SECOND, tmp_path) as (store, inquiry):
        plain = inquiry.evaluation(store)
        taken = accepting(inquiry, "display", "presence", "watts").evaluation(store)
        (inputs,) = [one for one in inputs_of(taken, inquiry.registry) if one.school.school_code == SECOND]
    seen = [
        next(room.seen for room in found.multimedia if (room.school_code, room.room) == (SECOND, "203"))
        for found in (plain, taken)
    ]
    assert seen == ["unknown", "working"]
    assert "最弱的证据：用电功率" in multimedia(taken, SECOND)["junior"]
    listed = {one.device: (one.counts, one.evidence, one.stands_for) for one in inputs.devices}
    assert (listed["TP-203"], listed["TP-204"]) == (
        (True, "watts", ("PJ-203",)),
        (False, "watts", ("PJ-204",)),
    )
