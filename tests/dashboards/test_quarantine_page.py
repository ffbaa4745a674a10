"""The quarantine on the board: what ingest told last, and nothing of what it told before."""

from contract import Point
from contract.quarantined import QUARANTINE, TOLD_EVERY_MS
from dashboards.board.quarantined import read_quarantine
from store import open_store
from tests.dashboards.conftest import RunningBoard
from tests.dashboards.filling import DISTRICT, JUNIOR, PRIMARY, point

T0 = 1_790_000_000_000


def told(
    now_ms: int, rows: dict[tuple[str, str], tuple[int, int]], *, entries: int, ingest: str = "one"
) -> list[Point]:
    return [
        point(QUARANTINE, (ingest, "", "", ""), now_ms, entries=entries),
        *(
            point(
                QUARANTINE,
                (ingest, DISTRICT, school, gateway),
                now_ms,
                entries=messages,
                readings=readings,
                newest=now_ms - 1000,
                reason="readings.…: radio.clients: …",
            )
            for (school, gateway), (messages, readings) in rows.items()
        ),
    ]


def test_what_was_discarded_is_there_no_more_and_each_ingest_speaks_for_itself(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.write(told(T0, {(PRIMARY, "a"): (1, 5), (JUNIOR, "b"): (2, 9)}, entries=4))
        store.write(told(T0 + 60_000, {(JUNIOR, "b"): (1, 4)}, entries=3))
        store.write(told(T0, {(PRIMARY, "a"): (1, 7)}, entries=1, ingest="another"))
        page = read_quarantine(store, now_ms=T0 + 61_000)
        late = read_quarantine(store, now_ms=T0 + 3 * TOLD_EVERY_MS)
    lines = [(line.school, line.gateway, line.entries, line.readings) for line in page.lines]
    assert [(PRIMARY, "a", 1, 7), (JUNIOR, "b", 1, 4)] == lines
    assert (2, T0, False) == (page.unplaced, page.told_ms, page.old)
    assert late.old


def test_what_ingest_left_out_of_a_moment_is_one_mark(sqlite_url: str) -> None:
    told_so = "readings.…: time: …-…-…T…:…:…….…Z lies in the future…"
    with open_store(sqlite_url) as store:
        (nobody, line) = told(T0, {(PRIMARY, "a"): (1, 5)}, entries=1)
        at = line.measurement.field_names.index("reason")
        store.write([nobody, line._replace(fields=(*line.fields[:at], told_so, *line.fields[at + 1 :]))])
        (shown,) = read_quarantine(store, now_ms=T0).lines
    assert "readings.…: time: … lies in the future…" == shown.reason


def test_an_ingest_that_never_told_is_not_an_empty_quarantine(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.prepare()
        page = read_quarantine(store, now_ms=T0)
    assert (None, ()) == (page.told_ms, page.lines)


def test_the_page_names_school_gateway_and_reason_in_both_languages(board: RunningBoard) -> None:
    empty = board.get("/quarantine")
    board.store.write(told(board.now_ms, {(PRIMARY, "gw-7"): (3, 41)}, entries=4))
    pages = [board.get("/quarantine", language=language).text for language in ("zh", "en")]
    assert (200, True) == (empty.status, "收集服务还没有报告过隔离区" in empty.text)
    assert all("gw-7" in page and "41" in page and "radio.clients" in page for page in pages)
    assert ("无法判断来源: 1" in pages[0], "of nobody who can be told: 1" in pages[1]) == (True, True)
