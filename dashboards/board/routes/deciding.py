"""What people decide and say about a school: comments, and taking something out of service."""

from datetime import date
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, not_found, page, said_of
from dashboards.board.cache import LastRead
from dashboards.board.changing import Asked, Decided, Refused, change
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from rules.stored.comments import Comment, comment_point, read_comments
from rules.stored.retirements import (
    RETIRED_KINDS,
    Retirement,
    read_retirements,
    retirement_point,
)
from runtime.language import Text
from store import StoreError


async def decisions_page(request: Request) -> Response:
    """A school's comments and what of it is out of service, with the forms of who may."""
    board, code = board_of(request), request.path_params["code"]
    overview = await board.overview.get()
    if overview.value is None:
        return away(request, "decisions", overview)
    school = next((row for row in overview.value.schools if row.code == code), None)
    if school is None:
        return await not_found(request)
    try:
        comments = await board.shared.run(partial(read_comments, board.store, code))
        retired = await board.shared.run(partial(read_retirements, board.store))
    except StoreError as error:
        return away(request, "decisions", LastRead(None, said_of(error)))
    return page(
        request,
        "decisions",
        "decisions.html",
        school=school,
        comments=comments,
        retired=[found for (known, *_), found in sorted(retired.found.items()) if known == code],
        kinds=RETIRED_KINDS,
        today=board.names().today(board.now_ms()).isoformat(),
    )


def comment(asked: Asked) -> Decided:
    """A comment stands beside the figures, and changes none."""
    school, text = asked.text("school", 10), asked.text("text", 1000)
    if not text:
        raise Refused(Text("请写下批注", "say something"))
    district = _district(asked, school)
    said = Comment(
        district=district,
        school=school,
        who=asked.person.name,
        text=text,
        about=asked.text("about", 60),
        time_ms=asked.now_ms,
    )
    return Decided(
        action="comment",
        district=district,
        school=school,
        subject=said.about,
        detail=text,
        points=[comment_point(said)],
        next=f"/school/{school}/decisions",
    )


def retire(asked: Asked) -> Decided:
    """From a day on something counts no more, and has no alerts; or it is in service again."""
    school, subject, reason = asked.text("school", 10), asked.text("subject", 64), asked.text("reason")
    kind = next((known for known in RETIRED_KINDS if known == asked.form.get("kind")), None)
    back = asked.form.get("back") == "1"
    if kind is None or not subject:
        raise Refused(Text("请写明停用的是什么", "say what is taken out of service"))
    if not reason:
        raise Refused(Text("请写明原因", "say why"))
    district = _district(asked, school)
    if back and (school, kind, subject) not in read_retirements(asked.board.store).found:
        raise Refused(Text("它没有停用", "it is not out of service"))
    decided = Retirement(
        district=district,
        school=school,
        kind=kind,
        subject=subject,
        since=_day(asked),
        reason=reason,
        retired=not back,
    )
    return Decided(
        action="unretire" if back else "retire",
        district=district,
        school=school,
        subject=f"{kind} {subject}",
        detail=f"{decided.since} {reason}",
        points=[retirement_point(decided, asked.now_ms)],
        next=f"/school/{school}/decisions",
    )


def _day(asked: Asked) -> date:
    text = asked.text("since", 10)
    try:
        return date.fromisoformat(text) if text else asked.board.names().today(asked.now_ms)
    except ValueError as error:
        raise Refused(Text("日期应写成 2026-10-14", "write the day as 2026-10-14")) from error


def _district(asked: Asked, school: str) -> str:
    """Of a school that the reader may see: as the registry says, else as it was evaluated."""
    registry, overview = asked.board.names().registry, asked.board.overview.last
    if registry and school in registry.schools:
        return registry.schools[school].district
    district = overview.districts_of.get(school) if overview else None
    if district is None:
        raise Refused(Text("没有此学校", "there is no such school"))
    return district


ROUTES = (
    Page(path="/school/{code}/decisions", answer=decisions_page, needs="read"),
    Page(path="/comment", answer=change(comment), needs="comment", method="POST"),
    Page(path="/retire", answer=change(retire), needs="retire", method="POST"),
)
