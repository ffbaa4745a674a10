"""The one way from a registry to an evaluation: day, standard, what counts."""

from datetime import UTC, date, datetime

import pytest

from rules.answers.inquiry import inquire
from rules.standards.reading import StandardError
from store import open_store
from tests.rules.build import BINHAI, registry, school
from tests.rules.telemetry import access_point, points, polls, projector

KNOWN = registry([school("2112000001", primary_pupils=100)])


def moment(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_today_is_the_day_in_the_registrys_time_zone() -> None:
    before, after = (
        inquire(KNOWN, None, now_ms=moment(text)) for text in ("2021-09-28T15:59", "2021-09-28T16:00")
    )
    assert (date(2021, 9, 28), date(2021, 9, 29), BINHAI) == (before.as_of, after.as_of, after.standard)


def test_the_standard_in_force_is_that_of_the_day_asked_about() -> None:
    asked = inquire(KNOWN, None, now_ms=moment("2021-09-28T08:00"), as_of=date(2020, 1, 1))
    assert "national-2017" == asked.standard.name
    with pytest.raises(StandardError, match="binhai-2022"):
        inquire(KNOWN, "binhai-2022", now_ms=0)


def test_nothing_that_was_observed_later_than_now_counts(sqlite_url: str) -> None:
    readings = [access_point(time, "up") for time in polls()] + [projector(time) for time in polls()]
    with open_store(sqlite_url) as store:
        store.prepare()
        store.write(points(*readings))
        early, late = (
            inquire(KNOWN, None, now_ms=now_ms, as_of=date(2021, 9, 28)).evaluation(store)
            for now_ms in (min(polls()) - 1, max(polls()))
        )
    assert early.facts is not None
    assert late.facts is not None
    assert (0, True) == (len(early.facts.aps), len(late.facts.aps) > 0)


def test_without_a_store_the_declared_figures_are_judged_alone() -> None:
    evaluation = inquire(KNOWN, "binhai-2021", now_ms=0, as_of=date(2021, 9, 28)).evaluation(None)
    assert ("declared", None) == (evaluation.basis, evaluation.facts)
