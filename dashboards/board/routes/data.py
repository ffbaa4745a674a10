"""The same figures as JSON: texts in the reader's language (`?lang=zh`), moments in UTC."""

from dataclasses import fields, is_dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboards.board.answers import json_answer
from dashboards.board.reader import language_of
from dashboards.board.routing import Page
from dashboards.board.state import board_of
from dashboards.board.times import iso_text
from dashboards.board.words import page_words
from rules.words import Reason, worded
from runtime.language import Language, Text

# What only the pages need.
_NOT_TOLD = ("verdicts", "room_rows", "applied", "district_rows", "districts_of")


async def overview_json(request: Request) -> Response:
    seen, language = await board_of(request).overview.get(), language_of(request)
    problem = plain(seen.problem, language)
    if seen.value is None:
        return json_answer(request, "overview.json", {"problem": problem}, 503)
    overview = seen.value
    figures = {
        field.name: plain(getattr(overview, field.name), language)
        for field in fields(overview)
        if field.name not in _NOT_TOLD
    }
    figures["now"] = iso_text(figures.pop("now_ms"))
    figures["evaluated"] = iso_text(figures.pop("evaluated_ms"))
    figures["standard_title"] = overview.applied.standard.title if overview.applied.known else None
    for gateway in figures["gateways"]:
        gateway["heard"] = iso_text(gateway.pop("heard_ms"))
    figures["alerts"]["judged"] = iso_text(figures["alerts"].pop("judged_ms"))
    for line in figures["alerts"]["lines"]:
        line["since"] = iso_text(line.pop("since_ms"))
    return json_answer(request, "overview.json", {"problem": problem, **figures})


async def history_json(request: Request) -> Response:
    board, language = board_of(request), language_of(request)
    code = request.path_params["code"]
    overview = await board.overview.get()
    if overview.value is None or all(row.code != code for row in overview.value.schools):
        problem = plain(overview.problem, language) or page_words(language)["page.not_found"]
        return json_answer(request, "history.json", {"problem": problem}, 404)
    seen = await board.history(code, "hour").get()
    if seen.value is None:
        return json_answer(request, "history.json", {"problem": plain(seen.problem, language)}, 503)
    history = plain(seen.value, language)
    words = page_words(language)
    for lines in (history["utilisation"], history["clients"], history["devices_on"]):
        for line in lines:
            line["name"] = words.get(f"history.{line['name']}", line["name"])
    offset = board.pages.offset_ms(board.now_ms())
    return json_answer(request, "history.json", {"offset_ms": offset, **history})


def plain(value: Any, language: Language) -> Any:
    """Figures as JSON has them: reasons and texts in words."""
    if isinstance(value, Reason):
        return worded(value, language)
    if isinstance(value, Text):
        return value.of(language)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), language) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(part, language) for part in value]
    return value


ROUTES = (
    Page(path="/api/overview.json", answer=overview_json, needs="district"),
    Page(path="/api/school/{code}/history.json", answer=history_json, needs="read"),
)
