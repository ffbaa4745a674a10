"""The alerts page: what fires, who takes it up, silences and maintenance, and who did it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboards.access.settings import AccessSettings
from rules.stored.acknowledgements import read_acknowledgements
from rules.stored.audit import read_audit
from rules.stored.silences import Silence, read_silences
from rules.stored.tables import ALERT, ALERT_ROUND
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, UNSAFE, evaluation, point
from tests.dashboards.parsed import Element, parse
from tests.dashboards.reader import Reader, add_account

_ZONE = ZoneInfo("Asia/Shanghai")
KEY = {"district": DISTRICT, "school": JUNIOR, "alert": "access-point-down", "subject": "A3"}


@dataclass(frozen=True)
class Watched:
    board: RunningBoard
    operator: Reader
    bureau: Reader


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("alerts")
    accounts = folder / "accounts.sqlite"
    add_account(accounts, "ops", "operator")
    add_account(accounts, "wang", "bureau")
    with running_board(
        f"sqlite:///{folder / 'store.sqlite'}", access=AccessSettings(accounts=accounts)
    ) as board:
        now = board.now_ms
        board.store.write(evaluation(now - 5000))
        board.store.write(
            [
                standing(now - 600_000, "A3", "firing"),
                standing(now - 500_000, "A4", "firing"),
                standing(now - 400_000, "A4", "inactive", announced=True),
                standing(now - 300_000, "A5", "pending"),
            ]
        )
        yield Watched(board, *(Reader(board.url).enter(accounts, name) for name in ("ops", "wang")))


def standing(time: int, subject: str, status: str, *, announced: bool = False):
    return point(
        ALERT,
        (DISTRICT, JUNIOR, "access-point-down", subject),
        time,
        status=status,
        title="AP 离线",
        title_en="AP down",
        severity="warning",
        since_ms=time,
        changed_ms=time,
        announced=announced,
        room="R03",
        detail=UNSAFE,
    )


def typed(after: timedelta) -> str:
    return (datetime.now(_ZONE) + after).strftime("%Y-%m-%dT%H:%M")


def firing(reader: Reader) -> Element:
    return parse(reader.get("/alerts").text).one("section", id="firing")


def happened(reader: Reader, query: str = "") -> list[str]:
    rows = parse(reader.get(f"/alerts?days=366{query}").text).one("section", id="history").all("tr")
    return [row.attributes["data-what"] for row in rows if "data-what" in row.attributes]


def windows(board: RunningBoard) -> list[Silence]:
    return list(read_silences(board.store).known_at(2**60))


def test_what_fires_and_what_happened_is_told_and_pending_is_not(watched: Watched) -> None:
    told = firing(watched.bureau).text
    assert "R03 A3" in told
    assert "A4" not in told
    assert ["inactive", "firing", "firing"] == happened(watched.bureau, "&q=A")[-3:]
    assert ["inactive"] == happened(watched.bureau, "&what=inactive")
    assert "<script>alert" not in watched.bureau.get("/alerts").text


def test_an_alert_is_taken_up_for_its_episode_by_an_operator(watched: Watched) -> None:
    refused = watched.bureau.change("/alerts/acknowledge", **KEY, note="mine")
    done = watched.operator.change("/alerts/acknowledge", **KEY, note="wird getauscht")
    assert (403, 303) == (refused.status_code, done.status_code)
    given = read_acknowledgements(watched.board.store)[tuple(KEY.values())]  # type: ignore[index]
    assert ("ops", "wird getauscht", watched.board.now_ms - 600_000) == (
        given.who,
        given.note,
        given.since_ms,
    )
    assert "ops 已受理" in firing(watched.bureau).text
    line = read_audit(watched.board.store, since_ms=0)[0]
    assert ("alert_acknowledge", "ops", JUNIOR, "127.0.0.1") == (
        line.action,
        line.who,
        line.school,
        line.address,
    )


def test_a_silence_needs_a_reason_and_an_end_that_is_to_come(watched: Watched) -> None:
    before = windows(watched.board)
    wrong = [
        watched.operator.change("/alerts/silence", **KEY, end=typed(timedelta(days=1)), reason=" "),
        watched.operator.change("/alerts/silence", **KEY, end=typed(timedelta(days=-1)), reason="x"),
        watched.operator.change("/alerts/silence", **KEY, end=typed(timedelta(days=900)), reason="x"),
        watched.operator.change("/alerts/silence", **KEY, end="tomorrow", reason="x"),
        watched.operator.change(
            "/alerts/silence", **{**KEY, "subject": "A4"}, end="2099-01-01T00:00", reason="x"
        ),
    ]
    assert [400] * 5 == [answer.status_code for answer in wrong]
    assert before == windows(watched.board)


def test_a_silence_is_set_shown_and_ended_with_who_did_it(watched: Watched) -> None:
    end = typed(timedelta(hours=3))
    assert 303 == watched.operator.change("/alerts/silence", **KEY, end=end, reason=UNSAFE).status_code
    (known,) = [window for window in windows(watched.board) if window.kind == "silence"]
    expected = datetime.fromisoformat(end).replace(tzinfo=_ZONE).timestamp() * 1000
    assert (expected, "A3", "ops") == (known.end_ms, known.subject, known.who)
    assert known.covers(*KEY.values(), "R03")  # type: ignore[arg-type]
    assert not known.covers(DISTRICT, JUNIOR, "access-point-down", "A9", "R03")
    assert "静默至" in firing(watched.bureau).text
    assert "<script>alert" not in watched.bureau.get("/alerts").text
    assert 303 == watched.operator.change("/alerts/end", window=known.window).status_code
    assert 400 == watched.operator.change("/alerts/end", window=known.window).status_code
    assert "静默至" not in firing(watched.bureau).text
    assert {"silence", "ended"} <= set(happened(watched.bureau))


def test_maintenance_of_a_room_holds_what_stands_in_it_and_no_other(watched: Watched) -> None:
    fields = {"district": "", "school": JUNIOR, "room": "R03", "reason": "dust"}
    begin, end = typed(timedelta(hours=1)), typed(timedelta(hours=2))
    # The names of this board come without a registry: it knows no district of any school.
    refused = watched.operator.change("/alerts/maintenance", **fields, begin=begin, end=end)
    assert 400 == refused.status_code
    window = Silence(
        district=DISTRICT,
        school=JUNIOR,
        window="w",
        kind="maintenance",
        begin_ms=0,
        end_ms=1,
        reason="",
        who="",
        decided_ms=0,
        room="R03",
    )
    assert [True, True, False, False] == [
        window.covers(DISTRICT, JUNIOR, "any", "A3", "R03"),
        window.covers(DISTRICT, JUNIOR, "room-uncovered", "R03", ""),
        window.covers(DISTRICT, JUNIOR, "any", "A3", "R04"),
        window.covers(DISTRICT, PRIMARY, "any", "A3", "R03"),
    ]


def test_of_many_alerts_that_fire_every_page_is_reached_and_every_row_is_found(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        now = board.now_ms
        board.store.write(evaluation(now - 5000))
        board.store.write([standing(now - 1000 - number, f"B{number:03}", "firing") for number in range(120)])

        def shown(query: str) -> list[str]:
            section = parse(board.get(f"/alerts{query}").text).one("section", id="firing")
            rows = [row.attributes.get("data-alert", "") for row in section.all("tr")]
            return [row.rpartition("/")[2] for row in rows if row]

        pages = [shown(f"?firing={number}") for number in (1, 2, 3)]
        whole = {f"B{number:03}" for number in range(120)}
        one_more = shown("?firing=4")
        found = shown("?q=B117&firing=3")
        nothing = parse(board.get("/alerts?q=nowhere").text).one("section", id="firing").text
    every = [subject for page in pages for subject in page]
    assert (whole, 120) == (set(every) & whole, len([subject for subject in every if subject in whole]))
    assert (pages[-1], ["B117"]) == (one_more, found)
    assert "没有符合条件的行" in nothing


def test_where_nobody_judges_alerts_none_that_fires_is_no_good_news(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        now = board.now_ms
        board.store.write(evaluation(now - 5000))
        never, told = board.get("/alerts").text, json.loads(board.get("/api/v1/alerts").text)["problem"]
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write([point(ALERT_ROUND, ("watch",), now - 3 * 3_600_000, judged=0)])
        old, old_told = board.get("/alerts").text, json.loads(board.get("/api/v1/alerts").text)["problem"]
        board.store.write([point(ALERT_ROUND, ("watch",), now, judged=0)])
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        well, well_told = board.get("/alerts").text, json.loads(board.get("/api/v1/alerts").text)["problem"]
    good = "当前没有告警"
    assert (True, False, "尚未判定告警") == ("尚未判定告警" in never, good in never, told)
    assert (True, True) == ("告警已停止判定" in old, "告警已停止判定" in old_told)
    assert (True, False, None) == (good in well, "告警已停止判定" in well, well_told)
