"""The page of what gateways should run and run: settings and program beside one another, and why not."""

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import (
    Address,
    NotTaken,
    Point,
    RunningSettings,
    Status,
    Wanted,
    status_point,
    utc_text,
    wanted_point,
)
from contract.standing import SettingsState
from dashboards.board.fleet import ORDER
from rules.words.wording import table
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT
from tests.dashboards.parsed import parse

HOUR = 3_600_000


def status(school: str, time: int, running: RunningSettings | None, *, version: str = "1.0.0") -> Point:
    told = Status(online=True, time=utc_text(time), version=version, settings=running)
    return status_point(Address(DISTRICT, school, "gw1"), told, time_ms=time)


def wanted(school: str, time: int, number: int, *, own: bool = False, software: str | None = None) -> Point:
    address = Address(DISTRICT, school, "gw1")
    message = Wanted(
        district=DISTRICT,
        school=school,
        gateway="gw1",
        version=number,
        made=utc_text(time),
        settings=None if own else "",
        sha256="0" * 64,
        software=software,
    )
    return wanted_point(address, message)


def runs(number: int, now_ms: int, left: NotTaken | None = None, **more: object) -> RunningSettings:
    told = {"version": number, "since": utc_text(now_ms - HOUR), "wanted": 7, "not_taken": left, **more}
    return RunningSettings.model_validate(told)


def left(number: int, outcome: str, code: str, now_ms: int, **args: object) -> NotTaken:
    told = {
        "version": number,
        "outcome": outcome,
        "code": code,
        "args": args,
        "time": utc_text(now_ms - 60_000),
    }
    return NotTaken.model_validate(told)


def district(now_ms: int) -> dict[SettingsState, list[Point]]:
    """A gateway in every state there is, by a school of its own."""
    since, now = now_ms - 2 * HOUR, now_ms - 1000
    lost = left(7, "rolled_back", "fleet.lost", now_ms, collectors=("ac1",), rounds=3)
    no_secret = left(7, "refused", "fleet.secret", now_ms, reference="env:AC2")
    old = left(5, "refused", "fleet.check", now_ms, collectors=("ac1",))
    rows: dict[SettingsState, list[Point]] = {
        "rolled_back": [status("0000000001", now, runs(6, now_ms, lost))],
        "refused": [status("0000000002", now, runs(6, now_ms, no_secret, changed_here=True))],
        "unable": [status("0000000003", now, None, version="0.9.0")],
        "kept_own": [status("0000000004", now, runs(0, now_ms, master="school"))],
        "sent": [status("0000000005", now, runs(6, now_ms))],
        "trial": [status("0000000006", now, runs(7, now_ms, trial=True, unproven=("ac1", "pj")))],
        "away": [status("0000000007", now_ms - 5 * HOUR, runs(6, now_ms))],
        "running": [status("0000000008", now, runs(7, now_ms, old))],
    }
    for found in rows.values():
        school = found[0].tags[1]
        found += [wanted(school, since - HOUR, 6), wanted(school, since, 7, software="1.0.0")]
    rows["own"] = [status("0000000009", now, None)]
    return rows


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBoard]:
    folder = tmp_path_factory.mktemp("fleet")
    with running_board(f"sqlite:///{folder / 'store.sqlite'}") as board:
        for points in district(board.now_ms).values():
            assert [] == board.store.write(points)
        yield board


def states(board: RunningBoard, path: str = "/fleet") -> list[str]:
    rows = parse(board.get(path).text).one("section", id="fleet").one("tbody").all("tr")
    return [row.attributes["data-state"] for row in rows if "data-state" in row.attributes]


def test_every_gateway_stands_with_its_state_what_needs_somebody_first(fleet: RunningBoard) -> None:
    assert list(ORDER) == states(fleet)
    assert ["refused"] == states(fleet, "/fleet?state=refused")
    assert ["rolled_back"] == states(fleet, "/fleet?q=ac1+%E8%AF%95%E7%94%A8")


def test_versions_programs_and_reasons_are_told_in_both_languages(fleet: RunningBoard) -> None:
    zh, en = (html.unescape(fleet.get("/fleet", language=language).text) for language in ("zh", "en"))
    for text, words in (
        (
            zh,
            ("第 7 版 · ", "学校没有设置 env:AC2", "应为 1.0.0", "学校的文件改过", "1 个网关应更换程序版本"),
        ),
        (en, ("Version 7 · ", "env:AC2 is not set at the school", "should be 1.0.0", "edited at the school")),
    ):
        assert [] == [word for word in words if word not in text]
    for language, text in (("zh", zh), ("en", en)):
        names = {name for key, name in table(language).items() if key.startswith("settings_states.")}
        assert names - {table(language)["settings_states.draft"]} == {name for name in names if name in text}


def test_a_trial_says_which_collectors_it_waits_for(fleet: RunningBoard) -> None:
    texts = [fleet.get("/fleet", language=language).text for language in ("zh", "en")]
    assert ("等 ac1, pj 读到一次" in texts[0], "until ac1, pj were read once" in texts[1]) == (True, True)


def test_what_was_wanted_before_and_a_status_of_yesterday_decide_nothing(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        now, school = board.now_ms, "0000000001"
        board.store.write([wanted(school, now - 9 * HOUR, 6), wanted(school, now - HOUR, 7, own=True)])
        assert ["away"] == states(board)
        board.store.write(
            [status(school, now - 20 * HOUR, runs(7, now)), status(school, now - 2000, runs(6, now))]
        )
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        assert ["sent"] == states(board)


def test_an_empty_store_has_no_gateway(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.prepare()
        assert "还没有网关" in board.get("/fleet").text


def test_programs_read_the_same(fleet: RunningBoard) -> None:
    rows = json.loads(fleet.get("/api/v1/fleet?state=rolled_back").text)["data"]
    assert [("0000000001", 7, 6, 7, "1.0.0", False)] == [
        tuple(row[key] for key in ("school", "wanted", "running", "not_taken", "software", "changed_here"))
        for row in rows
    ]
    assert "ac1" in rows[0]["reason"]
    told = {row["state"] for row in json.loads(fleet.get("/api/v1/fleet").text)["data"]}
    assert set(ORDER) == told
