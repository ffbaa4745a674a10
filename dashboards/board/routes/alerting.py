"""Alerts: what fires and what happened; acknowledging, silences, maintenance windows."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from contract import Point
from dashboards.board.alert_history import HAPPENINGS, AlertsPage, FiringLine, Happening
from dashboards.board.answers import away, live, not_found, page
from dashboards.board.changing import Asked, Decided, Refused, change
from dashboards.board.figures import SchoolRow
from dashboards.board.listing import listed
from dashboards.board.reader import language_of
from dashboards.board.routing import Page
from dashboards.board.state import Board, board_of
from dashboards.board.words import page_words
from rules.stored.acknowledgements import Acknowledgement, Key, acknowledgement_point
from rules.stored.silences import ALL, Silence, SilenceKind, read_silences, silence_point
from rules.words import name, worded
from runtime.language import Language, Text

SPANS = (1, 7, 31, 366)
_LONGEST = timedelta(days=366)


async def alerts_page(request: Request) -> Response:
    board, language = board_of(request), language_of(request)
    asked = request.query_params
    days = next((span for span in SPANS if str(span) == asked.get("days")), SPANS[1])
    overview = (await board.overview.get()).value  # names the standard of the last evaluation
    seen = await board.alerts(days).get()
    if seen.value is None:
        return away(request, "alerts", seen)
    what = next((known for known in HAPPENINGS if known == asked.get("what")), None)
    school = asked.get("school") or None
    if school and all(row.code != school for row in _schools(board)):
        return await not_found(request)
    firing = [line for line in seen.value.firing if school is None or line.key[1] == school]
    history = [
        line
        for line in seen.value.history
        if (what is None or line.what == what) and (school is None or line.school_code == school)
    ]
    return live(
        request,
        "alerts",
        seen,
        judged_ms=overview.alerts.judged_ms if overview else None,
        firing=listed(firing, asked, partial(_firing_text, language), key="firing"),
        listing=listed(history, asked, partial(_text, language)),
        days=days,
        spans=SPANS,
        what=what,
        school=school,
        happenings=HAPPENINGS,
        districts=_districts(board),
        schools=[(row.code, row.name) for row in _schools(board)],
        begin=_local(board, board.now_ms()),
        end=_local(board, board.now_ms() + 4 * 3_600_000),
    )


def _text(language: Language, line: Happening) -> str:
    """What a line of the history is found by."""
    words = page_words(language)
    said = words[f"happening.{line.what}"]
    parts = (said, line.school, line.school_code, line.title.of(language), line.called.of(language), line.who)
    return "\n".join((*parts, worded(line.detail, language)))


def _firing_text(language: Language, line: FiringLine) -> str:
    """What an alert that fires is found by."""
    parts = (line.school, line.key[1], line.title.of(language), line.called.of(language))
    taken = line.taken.who if line.taken else ""
    return "\n".join(
        (*parts, name("severities", line.severity, language), taken, worded(line.detail, language))
    )


async def handle_page(request: Request) -> Response:
    """The forms for one alert that fires: take it up, or silence it."""
    board = board_of(request)
    seen = await board.alerts(SPANS[1]).get()
    if seen.value is None:
        return away(request, "alerts", seen)
    line = _line(seen.value, _key(request.query_params))
    if line is None:
        return await not_found(request)
    return page(
        request,
        "alerts",
        "alert.html",
        line=line,
        end=_local(board, board.now_ms() + 24 * 3_600_000),
    )


def acknowledge(asked: Asked) -> Decided:
    """Somebody has taken up an alert that fires now; the note says what they do about it."""
    line = _firing(asked)
    given = Acknowledgement(
        key=line.key,
        since_ms=line.since_ms,
        who=asked.person.name,
        note=asked.text("note"),
        time_ms=asked.now_ms,
    )
    return _decided(asked, "alert_acknowledge", line, given.note, [acknowledgement_point(given)])


def silence(asked: Asked) -> Decided:
    """Of one alert nobody is told until a moment, for a reason."""
    line = _firing(asked)
    decided = _window(asked, "silence", line.key[0], line.key[1], asked.now_ms)
    decided = replace(decided, alert=line.key[2], subject=line.key[3])
    detail = f"{asked.text('end', 20)} {decided.reason}"
    return _decided(asked, "alert_silence", line, detail, [silence_point(decided)])


def maintain(asked: Asked) -> Decided:
    """Of a school, a room in it or a whole district nobody is told anything between two moments."""
    school, room = asked.text("school", 10), asked.text("room", 64)
    if school:
        district = _district_of(asked.board, school)
    else:
        school, district = ALL, asked.text("district", 6)
        if district not in _districts(asked.board):
            raise Refused(Text("没有此区县", "there is no such district"))
        if room:
            raise Refused(Text("限定房间须先选学校", "a room needs its school"))
    begin_ms = _moment(asked, "begin")
    window = _window(asked, "maintenance", district, school, begin_ms)
    return Decided(
        action="maintenance_add",
        district=district,
        school=school,
        subject=room,
        detail=f"{asked.text('begin', 20)} – {asked.text('end', 20)} {window.reason}",
        points=[silence_point(replace(window, room=room))],
        next="/alerts",
    )


def end(asked: Asked) -> Decided:
    """A silence or a maintenance window ends now."""
    name = asked.text("window", 40)
    windows = read_silences(asked.board.store).known_at(asked.now_ms)
    known = next((each for each in windows if each.window == name), None)
    if known is None or known.end_ms <= asked.now_ms:
        raise Refused(Text("没有此项，或已结束", "there is no such window, or it is over"))
    ended = replace(
        known,
        begin_ms=min(known.begin_ms, asked.now_ms),
        end_ms=asked.now_ms,
        who=asked.person.name,
        decided_ms=asked.now_ms,
    )
    return Decided(
        action=f"{known.kind}_end",
        district=known.district,
        school=known.school,
        subject=known.subject or known.room,
        detail=known.reason,
        points=[silence_point(ended)],
        next="/alerts",
    )


def _decided(asked: Asked, action: str, line: FiringLine, detail: str, points: list[Point]) -> Decided:
    return Decided(
        action=action,
        district=line.key[0],
        school=line.key[1],
        subject=line.called.of(asked.language),
        detail=detail,
        points=points,
        next="/alerts",
    )


def _window(asked: Asked, kind: SilenceKind, district: str, school: str, begin_ms: int) -> Silence:
    reason, end_ms = asked.text("reason"), _moment(asked, "end")
    if not reason:
        raise Refused(Text("请写明原因", "say why"))
    if end_ms <= max(begin_ms, asked.now_ms):
        raise Refused(
            Text("结束时间须在开始和现在之后", "the end must lie after the beginning, and after now")
        )
    if end_ms - begin_ms > _LONGEST.total_seconds() * 1000:
        raise Refused(Text("最长一年", "a year at most"))
    return Silence(
        district=district,
        school=school,
        window=secrets.token_hex(6),
        kind=kind,
        begin_ms=begin_ms,
        end_ms=end_ms,
        reason=reason,
        who=asked.person.name,
        decided_ms=asked.now_ms,
    )


def _moment(asked: Asked, name: str) -> int:
    """What was typed, by the clock of the pages."""
    try:
        typed = datetime.fromisoformat(asked.text(name, 20))
        return int(typed.replace(tzinfo=typed.tzinfo or asked.board.pages.zone).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        text = Text("时间应写成 2026-10-14T08:00", "write moments as 2026-10-14T08:00")
        raise Refused(text) from error


def _local(board: Board, ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, board.pages.zone).strftime("%Y-%m-%dT%H:%M")


def _firing(asked: Asked) -> FiringLine:
    found = _line(asked.board.read_alerts(1), _key(asked.form))
    if found is None:
        raise Refused(Text("此告警已不在告警中", "this alert does not fire any more"))
    return found


def _line(found: AlertsPage, key: Key) -> FiringLine | None:
    return next((line for line in found.firing if line.key == key), None)


def _key(asked: Mapping[str, str]) -> Key:
    return (
        asked.get("district", ""),
        asked.get("school", ""),
        asked.get("alert", ""),
        asked.get("subject", ""),
    )


def _schools(board: Board) -> list[SchoolRow]:
    overview = board.overview.last
    return sorted(overview.schools, key=lambda row: row.code) if overview else []


def _districts(board: Board) -> dict[str, Text]:
    """Those that the reader may see, by code."""
    registry = board.names().registry
    found = {school.district for school in registry.schools.values()} if registry else set()
    return {code: board.names().district(code) for code in sorted(found)}


def _district_of(board: Board, school: str) -> str:
    registry = board.names().registry
    if registry is None or school not in registry.schools:
        raise Refused(Text("登记表中没有此学校", "the registry has no such school"))
    return registry.schools[school].district


ROUTES = (
    Page(path="/alerts", answer=alerts_page, needs="read", nav="alerts"),
    Page(path="/alerts/handle", answer=handle_page, needs="alerts"),
    Page(path="/alerts/acknowledge", answer=change(acknowledge), needs="alerts", method="POST"),
    Page(path="/alerts/silence", answer=change(silence), needs="alerts", method="POST"),
    Page(path="/alerts/maintenance", answer=change(maintain), needs="alerts", method="POST"),
    Page(path="/alerts/end", answer=change(end), needs="alerts", method="POST"),
)
