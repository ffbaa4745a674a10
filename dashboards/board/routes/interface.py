"""The API's routes, made from its table; its document; and the reports' files."""

import asyncio
import json
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboards.board.alerts import ALERTS_STALE_MS
from dashboards.board.answers import not_found, page, problem_answer, root_of
from dashboards.board.api.answering import (
    CSV,
    JSON,
    Asked,
    BadQuery,
    as_csv,
    as_json,
    asked_of,
    cut,
    links,
    tag_of,
    unchanged,
    wanted,
)
from dashboards.board.api.models import Resource
from dashboards.board.api.openapi import document
from dashboards.board.api.reports import report_file, report_files, unreadable
from dashboards.board.api.rows import Look, Source
from dashboards.board.api.table import RESOURCES, Listed
from dashboards.board.cache import LastRead
from dashboards.board.reader import language_of, person_of
from dashboards.board.routing import Answer, Page
from dashboards.board.state import Board, board_of
from dashboards.board.times import iso_text
from dashboards.board.wishes import NotUnderstood, read_budget, read_wish
from dashboards.board.words import page_words
from rules.planner.what_if import addable
from rules.words import worded
from runtime.language import Text

VERSION = "1.0.0"
_AWAY = Text("数据库暂时不可用", "the store cannot answer now")
_BUSY = Text("正在计算别的方案，请稍后再试", "other plans are being made; try again later")
_VARY = "Accept, Accept-Language, Authorization, Cookie"


class NoGround(Exception):
    """What is stored is no ground for a plan; its one argument says why, in both languages."""


class NoSchool(Exception):
    """Nothing of the school that was asked about is judged, or it is not the reader's."""


def listing(found: Listed) -> Answer:
    """The route's answer of one resource."""

    async def answer(request: Request) -> Response:
        kind = wanted(request.headers.get("accept", ""))
        if kind is None:
            return problem_answer(request, 406, "there is application/json and text/csv")
        try:
            asked = _asked(request, found)
            look, problem = await _look(request, found.sources)
        except BadQuery as error:
            return problem_answer(request, 400, str(error))
        except NotUnderstood as error:
            return problem_answer(request, 400, error.args[0].of(language_of(request)))
        except NoSchool:
            return problem_answer(request, 404, page_words(language_of(request))["planner.not_judged"])
        except NoGround as error:
            return problem_answer(request, 409, error.args[0].of(language_of(request)))
        if look is None:
            return problem_answer(request, 503, (problem or _AWAY).of(language_of(request)))
        rows = _kept_rows(board_of(request), found, look)
        page = cut(rows, asked)
        if kind == "csv":
            body, media = as_csv(page, found.model), CSV
        else:
            evaluated = iso_text(look.overview.evaluated_ms) if look.overview else None
            said = problem.of(look.language) if problem else None
            body, media = as_json(page, asked, found.lines, evaluated=evaluated, problem=said), JSON
        lang = request.query_params.get("lang")
        headers = {
            "ETag": tag_of(body),
            "Vary": _VARY,
            "Content-Language": look.language,
            "Cache-Control": "private, no-cache",
            "Link": links(f"{root_of(request)}{found.path}", asked, page.pages, lang),
            "X-Total-Count": str(page.total),
        }
        board_of(request).shared.served.labels(found.name, 200).inc()
        if unchanged(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=media)

    return answer


def _asked(request: Request, found: Listed) -> Asked:
    required = [ask.name for ask in found.asks if ask.required]
    return asked_of(request.query_params, found.filters, [ask.name for ask in found.asks], required)


async def _look(request: Request, sources: tuple[Source, ...]) -> tuple[Look | None, Text | None]:
    """Everything that a resource is told from; None where some of it was never read, with the problem."""
    board = board_of(request)
    found: dict[str, Any] = {}
    problem: Text | None = None
    for source in sources:
        seen = await _READS[source](request, board)
        problem = problem or seen.problem
        if seen.value is None and seen.problem is not None:
            return None, problem
        found[source] = seen.value
    person = person_of(request)
    whole = person is not None and person.may("district")
    return Look(language=language_of(request), names=board.names(), whole=whole, **found), problem


def _kept_rows(board: Board, found: Listed, look: Look) -> Sequence[Resource]:
    """The rows of the same figures are made once, whoever asks for which page of them."""
    basis = tuple(getattr(look, source) for source in found.sources)
    kept = board.told.get((found.name, look.language))
    if kept is None or not all(one is other for one, other in zip(kept[0], basis, strict=True)):
        kept = (basis, found.rows(look))
        board.told[found.name, look.language] = kept
    return kept[1]


async def _reports(request: Request, _: Board) -> LastRead[Any]:
    try:
        return LastRead(await asyncio.to_thread(report_files, request.app.state.reports))
    except OSError as error:
        return LastRead(None, unreadable(error))


async def _alerts(_: Request, board: Board) -> LastRead[Any]:
    """Of alerts that nobody judges, none fires: that is said, and is no good news."""
    seen, overview = await board.alerts(7).get(), (await board.overview.get()).value
    judged_ms = overview.alerts.judged_ms if overview else None
    if judged_ms is None or board.now_ms() - judged_ms > ALERTS_STALE_MS:
        key = "alerts.never" if judged_ms is None else "alerts.old"
        return LastRead(seen.value, seen.problem or Text(page_words("zh")[key], page_words("en")[key]))
    return seen


async def _plan(request: Request, board: Board) -> LastRead[Any]:
    """However long it takes: a program waits."""
    budget = read_budget(request.query_params)
    seen = await board.overview.get()
    if seen.value is None:
        return LastRead(None, seen.problem or _AWAY)
    planned = await board.planning.plan(seen.value, board.names(), budget)
    if planned.plan is None and planned.why:
        raise NoGround(planned.why)
    if planned.plan is None:
        return LastRead(None, _BUSY)
    return LastRead(await board.planning.lines(planned.plan, language_of(request)), seen.problem)


async def _what_if(request: Request, board: Board) -> LastRead[Any]:
    seen = await board.overview.get()
    if seen.value is None:
        return LastRead(None, seen.problem or _AWAY)
    ground = await board.planning.ground(seen.value, board.names())
    if ground.evaluation is None:
        raise NoGround(Text(worded(ground.why, "zh"), worded(ground.why, "en")))
    wish = read_wish(request.query_params, addable(ground.evaluation.standard))
    found = await board.what_if(wish) if wish else None
    if found is None:
        raise NoSchool
    return LastRead(found, seen.problem)


_READS: dict[Source, Callable[[Request, Board], Awaitable[LastRead[Any]]]] = {
    "overview": lambda _, board: board.overview.get(),
    "use": lambda _, board: board.use.get(),
    "register": lambda _, board: board.register.get(),
    "alerts": _alerts,
    "devices": lambda _, board: board.devices.get(),
    "fleet": lambda _, board: board.fleet.get(),
    "reports": _reports,
    "plan": _plan,
    "what_if": _what_if,
}


async def openapi(request: Request) -> Response:
    body = json.dumps(document(root_of(request), VERSION), ensure_ascii=False, indent=1).encode()
    return Response(body, media_type=JSON, headers={"ETag": tag_of(body), "Cache-Control": "no-cache"})


async def download(request: Request) -> Response:
    """A file of a report, as it was made."""
    asked = (request.path_params[name] for name in ("quarter", "version", "name"))
    try:
        path = await asyncio.to_thread(report_file, request.app.state.reports, *asked)
    except OSError as error:
        return page(request, "reports", "error.html", 503, what="reports.title", detail=unreadable(error))
    if path is None:
        return await not_found(request)
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FileResponse(
        path, filename=path.name, media_type=media, headers={"Cache-Control": "private, no-cache"}
    )


ROUTES = (
    Page(path="/api/v1/openapi.json", answer=openapi, needs="read"),
    *(Page(path=found.path, answer=listing(found), needs=found.needs) for found in RESOURCES),
    Page(path="/reports/{quarter}/{version}/{name:path}", answer=download, needs="district"),
)
