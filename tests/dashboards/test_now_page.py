"""What is wrong now says since when, where an alert has noted it; red is what is wrong, and nothing else."""

from pathlib import Path

import pytest

from contract import Point
from contract.types import Value
from dashboards.board.alerts import ALERTS_STALE_MS
from dashboards.board.times import iso_text
from rules.stored.tables import ALERT, ALERT_ROUND
from tests.dashboards.conftest import running_board
from tests.dashboards.filling import DISTRICT, JUNIOR, NINE_YEAR, PRIMARY, evaluation, gateway, live, point
from tests.dashboards.parsed import Element, parse

HOUR = 3_600_000


def alert(name: str, subject: str, time: int, status: str, since_ms: int | None) -> Point:
    return point(
        ALERT,
        (DISTRICT, JUNIOR, name, subject),
        time,
        status=status,
        severity="warning",
        title=name,
        since_ms=since_ms,
    )


def judged(time: int) -> Point:
    return point(ALERT_ROUND, ("watch",), time, judged=3)


def began(page: Element, kind: str) -> list[str | None]:
    """The moments of what a section names."""
    items = [item for held in page.one("section", id=kind).all("ul") for item in held.all("li")]
    return [next((time.attributes["datetime"] for time in item.all("time")), None) for item in items]


def test_what_an_alert_has_noted_is_told_with_since_when_it_is_wrong(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        now = board.now_ms
        noted = {
            ("access-point-down", "A3"): 3 * HOUR,
            ("display-silent", "PJ3"): 2 * HOUR,
            # Another alert's of the same device, and another device's.
            ("projector-fault", "PJ3"): 9 * HOUR,
            ("display-silent", "PJ1"): 8 * HOUR,
            ("room-uncovered", "R03"): 5 * HOUR,
        }
        status = {"A3": "pending"}
        board.store.write(
            [
                *evaluation(now - 5000),
                *live(now),
                judged(now),
                *(
                    alert(name, subject, now, status.get(subject, "firing"), now - ago)
                    for (name, subject), ago in noted.items()
                ),
            ]
        )
        page = parse(board.get("/now").text)
        school = parse(board.get(f"/school/{JUNIOR}").text).one("section", id="troubles")
    assert {
        "aps": [iso_text(now - 3 * HOUR)],
        "displays": [iso_text(now - 2 * HOUR)],
        "rooms": [iso_text(now - 5 * HOUR)],
    } == {kind: began(page, kind) for kind in ("aps", "displays", "rooms")}
    assert "AP-3 始于 3 小时前" in school.text


@pytest.mark.parametrize(
    ("status", "ago_ms", "told"),
    [
        ("firing", 0, True),
        ("firing", ALERTS_STALE_MS - HOUR // 60, True),
        # Nobody has looked since: it may have been well in between.
        ("firing", ALERTS_STALE_MS + HOUR // 60, False),
        ("inactive", 0, False),
        ("withdrawn", 0, False),
    ],
)
def test_since_when_is_told_only_of_what_alerts_still_follow(
    status: str, ago_ms: int, told: bool, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        then = board.now_ms - ago_ms
        noted = alert("access-point-down", "A3", then, status, then - HOUR)
        board.store.write([*live(board.now_ms), judged(then), noted])
        (found,) = began(parse(board.get("/now").text), "aps")
    assert (iso_text(then - HOUR) if told else None) == found


def test_a_gateway_that_got_a_part_only_is_not_red_and_told_beside_those_that_are_not_well(
    tmp_path: Path,
) -> None:
    def collecting(school: str, time: int, failing: str) -> Point:
        row = gateway(school, time)
        fields: dict[str, Value] = dict(zip(row.measurement.field_names, row.fields, strict=True))
        fields |= {"collectors_failing": failing.count("="), "failing": failing}
        return row._replace(fields=tuple(fields.values()))

    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        now = board.now_ms
        board.store.write(
            [
                collecting(PRIMARY, now, "projectors=partial"),
                collecting(NINE_YEAR, now, "projectors=partial,ac1=timeout"),
                gateway(JUNIOR, now),
            ]
        )
        page = parse(board.get("/now").text)
        panel = parse(board.get("/").text).one("article", data_trouble="gateways")
    look = {
        school: page.one("tr", data_gateway=f"{school}/gw1")
        .one("td", data_label="未采全的采集器")
        .attributes["class"]
        for school in (PRIMARY, NINE_YEAR, JUNIOR)
    }
    assert {PRIMARY: "num unknown", NINE_YEAR: "num bad", JUNIOR: "num"} == look
    assert "1 / 4 个异常 · 从未上报 1 采集不完整 1" in page.one("h2", id="h-gateways").text
    assert "1 个异常 / 4 从未上报 1 采集不完整 1" == panel.one("p", class_="head").text


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("Asia/Shanghai", "zh", "本页时刻为北京时间 (Asia/Shanghai, UTC+8)"),
        ("Asia/Shanghai", "en", "Times on this page: Beijing time (Asia/Shanghai, UTC+8)"),
        ("Asia/Kolkata", "zh", "本页时刻为Asia/Kolkata (UTC+5:30)"),
        ("Pacific/Honolulu", "en", "Times on this page: Pacific/Honolulu (UTC−10)"),
    ],
)
def test_every_page_says_once_in_which_zone_its_times_are(
    zone: str, language: str, said: str, tmp_path: Path
) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", timezone=zone) as board:
        for path in ("/", "/now", "/alerts", f"/school/{PRIMARY}"):
            footer = parse(board.get(path, language=language).text).one("footer")
            assert 1 == footer.text.count(said), footer.text
