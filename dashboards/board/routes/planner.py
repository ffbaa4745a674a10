"""The planner: the least to buy or the best for a budget, and what a school would come to with more."""

from fractions import Fraction

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import away, live, page, to
from dashboards.board.cache import LastRead
from dashboards.board.figures import Overview
from dashboards.board.listing import listed
from dashboards.board.planning import Planned
from dashboards.board.reader import language_of, person_of
from dashboards.board.routing import Page
from dashboards.board.state import Board, board_of
from dashboards.board.wishes import KINDS, NotUnderstood, Wish, read_budget, read_wish
from rules.planner.lines import SchoolLine
from rules.planner.what_if import addable
from rules.planner.workbook import to_workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A page waits so long for a plan, and shows it by itself when it is made later.
_PATIENCE_S = 1.5
_ROWS = 20


async def planner_page(request: Request) -> Response:
    board, asked, language = board_of(request), request.query_params, language_of(request)
    seen = await board.overview.get()
    if seen.value is None:
        return away(request, "planner", seen)
    person = person_of(request)
    whole = person is not None and person.may("district")
    items = tuple(each for each in addable(board.applied().standard) if each.item in KINDS)
    wrong = []
    budget: Fraction | None = None
    wish: Wish | None = None
    try:
        budget = read_budget(asked)
    except NotUnderstood as error:
        wrong.append(error.args[0])
    try:
        wish = read_wish(asked, items)
    except NotUnderstood as error:
        wrong.append(error.args[0])
    names = board.names()
    ground = await board.planning.ground(seen.value, names)
    planned = await _planned(board, budget, wait_s=_PATIENCE_S) if whole and not wrong else Planned()
    lines = await board.planning.lines(planned.plan, language) if planned.plan else None
    found = await board.what_if(wish) if wish and wish.added else None
    return live(
        request,
        "planner",
        LastRead(seen.value, seen.problem),
        whole=whole,
        items=items,
        units={each.item: each.unit for each in items},
        wrong=wrong,
        ground=ground,
        planned=planned,
        lines=lines,
        listing=listed(lines.buying if lines else (), asked, _text, rows=_ROWS),
        wish=wish,
        found=found,
        typed={key: asked.get(key, "") for key in ("budget", "school", *KINDS)},
        schools=[(code, names.school(code).name) for code in sorted(seen.value.verdicts)],
        districts={code: names.district(code) for code in _districts(seen.value)},
    )


async def workbook(request: Request) -> Response:
    """The plan as `campus rules plan --workbook` writes it."""
    board = board_of(request)
    seen = await board.overview.get()
    if seen.value is None:
        return away(request, "planner", seen)
    try:
        planned = await _planned(board, read_budget(request.query_params))
    except NotUnderstood as error:
        return page(request, "planner", "error.html", 400, what="page.not_done", detail=error.args[0])
    if planned.plan is None:
        return to(request, "/planner")  # which says why
    body = await board.shared.run(lambda: to_workbook(planned.plan) if planned.plan else b"")
    headers = {
        "Content-Disposition": 'attachment; filename="plan.xlsx"',
        "Cache-Control": "private, no-cache",
    }
    return Response(body, media_type=_XLSX, headers=headers)


async def _planned(board: Board, budget: Fraction | None, *, wait_s: float | None = None) -> Planned:
    overview = board.overview.last
    return (
        await board.planning.plan(overview, board.names(), budget, wait_s=wait_s) if overview else Planned()
    )


def _text(line: SchoolLine) -> str:
    return " ".join((line.school, line.school_code, line.unit))


def _districts(overview: Overview) -> list[str]:
    return sorted(set(overview.districts_of.values()))


ROUTES = (
    Page(path="/planner", answer=planner_page, needs="read", nav="planner"),
    Page(path="/planner.xlsx", answer=workbook, needs="district"),
)
