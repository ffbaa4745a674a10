"""`campus bench rules`: what it measures, not how fast this machine is."""

from datetime import date

from campus.bench.district import LAST, facts_of, registry_of, school_days
from campus.bench.rules import measure
from rules.judging.evaluate import evaluate
from rules.standards.reading import standard_for

BINHAI = standard_for("binhai-2021", as_of=LAST)


def test_it_says_seconds_sections_memory_and_the_ratio_to_a_bare_loop() -> None:
    lines: list[str] = []
    measure(sections=300, most_days=1, say=lines.append)
    wanted = ("registry of 300 sections", "sections/s", "composite", "ratio", "a year of 202 sections")
    assert [word in line for word, line in zip(wanted, lines, strict=True)] == [True] * 5


def test_the_made_up_sections_are_as_many_as_asked_and_not_all_alike() -> None:
    found = evaluate(registry_of(500), BINHAI, None, LAST)
    verdicts = {one.verdict for result in found.sections for one in result.judgements.values()}
    assert (len(found.sections), verdicts, registry_of(500) == registry_of(500)) == (
        500,
        {"pass", "fail"},
        True,
    )


def test_the_made_up_days_are_school_days_with_rooms_at_work_and_dark_ones() -> None:
    registry = registry_of(20, rooms=11)
    days = school_days(registry)
    found = evaluate(registry, BINHAI, facts_of(registry, days[0]), days[0])
    assert (days[0], len(days) > 180, {room.seen for room in found.multimedia}) == (
        date(2021, 9, 1),
        True,
        {"working", "unknown"},
    )
