"""Who is next, and when a rollout pauses: decided from the book and from what gateways say."""

import pytest

from contract import Address, NotTaken, RunningSettings, Status
from fleet.book import Version
from fleet.rollout import NotUnderstood, share_of, stage_named, stage_to
from fleet.standing import Standing, State, standing

TIME = "2026-11-27T08:00:00.000Z"


def version(school: int = 1, number: int = 7, *, sent: bool = True, release: int = 3) -> Version:
    return Version(
        address=Address("120116", f"{school:010}", "gw1"),
        number=number,
        release=release,
        made_ms=1,
        who="clerk",
        settings="",
        sha256="0" * 64,
        sent_ms=2 if sent else None,
    )


def status(running: RunningSettings | None, *, online: bool = True) -> Status:
    return Status(online=online, time=TIME, version="1.0", settings=running)


def runs(
    number: int, *, trial: bool = False, left: NotTaken | None = None, heard: int = 7
) -> RunningSettings:
    return RunningSettings(version=number, since=TIME, trial=trial, wanted=heard, not_taken=left)


def left(number: int, outcome: str = "refused") -> NotTaken:
    return NotTaken.model_validate(
        {"version": number, "outcome": outcome, "code": "fleet.check", "time": TIME}
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, "away"),
        (status(None, online=False), "away"),
        (status(None), "unable"),
        (status(runs(6, heard=6)), "sent"),
        (status(runs(6, heard=6), online=False), "away"),
        (status(runs(7, trial=True)), "trial"),
        (status(runs(7)), "running"),
        # What it refused before is over.
        (status(runs(7, left=left(5))), "running"),
        (status(runs(6, left=left(5))), "sent"),
        (status(runs(6, left=left(7))), "refused"),
        (status(runs(6, left=left(7, "rolled_back"))), "rolled_back"),
        (status(RunningSettings(version=0, since=TIME, master="school")), "kept_own"),
    ],
)
def test_a_gateway_stands_to_what_is_wanted_as_it_says(said: Status | None, expected: State) -> None:
    assert expected == standing(version(), said).state
    assert "draft" == standing(version(sent=False), said).state


def found(*states: State) -> list[Standing]:
    return [
        Standing(
            address=version(number).address,
            version=version(number, sent=state not in {"draft", "unable"}),
            state=state,
        )
        for number, state in enumerate(states, 1)
    ]


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [("10%", 174, 18), ("10%", 3, 1), ("100%", 3, 3), ("5", 3, 3), ("2", 3, 2), ("0%", 9, 0), ("10%", 0, 0)],
)
def test_a_share_is_at_least_one_gateway_and_at_most_all(text: str, number: int, expected: int) -> None:
    assert expected == share_of(text, number)


@pytest.mark.parametrize("text", ["", "ten", "101%", "-1", "0", "1.5%", "１０%"])
def test_a_share_that_is_none_is_said(text: str) -> None:
    with pytest.raises(NotUnderstood):
        share_of(text, 10)


def test_a_stage_counts_what_was_sent_before() -> None:
    stage = stage_to(3, found("running", "draft", "draft", "draft"), "50%")
    assert (1, False, 4) == (len(stage.chosen), stage.paused, stage.of)
    assert () == stage_to(3, found("running", "running", "draft", "draft"), "50%").chosen


def test_the_schools_of_a_stage_are_the_same_whenever_it_is_asked_and_others_in_the_next_release() -> None:
    drafts = found(*["draft"] * 40)
    first = [line.address for line in stage_to(3, drafts, "10%").chosen]
    assert first == [line.address for line in stage_to(3, list(reversed(drafts)), "10%").chosen]
    later = [
        Standing(
            address=line.address,
            version=version(int(line.address.school), sent=False, release=4),
            state="draft",
        )
        for line in drafts
    ]
    assert first != [line.address for line in stage_to(4, later, "10%").chosen]


@pytest.mark.parametrize("state", ["refused", "rolled_back", "trial", "sent"])
def test_a_failure_or_an_open_answer_pauses_what_comes_next(state: State) -> None:
    assert stage_to(3, found(state, "draft"), "100%").paused
    assert stage_named(found(state, "draft"), ["0000000002"]).paused


@pytest.mark.parametrize("state", ["running", "away", "kept_own", "unable"])
def test_who_is_away_or_keeps_its_own_does_not_hold_up_the_others(state: State) -> None:
    stage = stage_to(3, found(state, "draft"), "100%")
    assert (1, False) == (len(stage.chosen), stage.paused)


def test_another_release_does_not_pause_this_one() -> None:
    old = Standing(address=version(9).address, version=version(9, release=2), state="refused")
    assert not stage_to(3, [old, *found("draft")], "100%").paused


def test_a_gateway_that_takes_no_settings_is_sent_none() -> None:
    stage = stage_to(3, found("unable", "draft"), "100%")
    assert (["0000000002"], 1) == ([line.address.school for line in stage.chosen], len(stage.unable))
