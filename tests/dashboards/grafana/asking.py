"""Asks what a panel or a variable asks, as Grafana would put it, with something chosen on its page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from dashboards.grafana.building import pages
from dashboards.grafana.setting import Setting
from rules.standards.reading import standard_for
from tests.dashboards.grafana.conftest import Filled
from tests.dashboards.grafana.grafana import ALL, Span, options, put_in
from tests.dashboards.grafana.term import (
    JUNIOR,
    MUTE,
    NINE_YEAR,
    ODD,
    PRIMARY,
    STANDARD,
    Term,
)

SETTING = Setting(standard_for(STANDARD, as_of=date(2026, 1, 1)))
PAGES = pages(SETTING)
DAY_MS = 86_400_000
_UNITS = {"m": 60_000, "h": 3_600_000, "d": DAY_MS}
EVERY = dict.fromkeys(("district", "school", "stage", "room"), (ALL,))
ODD_ROOM = f"{ODD}3"

Chosen = Mapping[str, Sequence[str]]


class Case(NamedTuple):
    """What is chosen on a page that takes several, and on the pages of found school and found room."""

    many: Chosen
    school: str
    room: str


CASES = {
    "all": Case(EVERY, JUNIOR, "101"),
    "one": Case(
        {"district": ("120116",), "school": (JUNIOR,), "stage": ("junior",), "room": (ODD_ROOM,)},
        JUNIOR,
        ODD_ROOM,
    ),
    "two": Case(
        {
            "district": ("120116",),
            "school": (PRIMARY, JUNIOR),
            "stage": ("primary", "junior"),
            "room": ("101", ODD_ROOM),
        },
        PRIMARY,
        "103",
    ),
    "nine-year": Case(
        {**EVERY, "school": (NINE_YEAR,), "room": ("202",)},
        NINE_YEAR,
        "202",
    ),
    "never heard": Case({**EVERY, "school": (MUTE,)}, MUTE, "101"),
}


def chosen_on(page: Mapping[str, Any], case: Case) -> Chosen:
    """What of a case the page has a variable for."""
    many = {variable["name"] for variable in page["templating"]["list"] if variable.get("multi")}
    return case.many if many else {"school": (case.school,), "room": (case.room,)}


def panels(page: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All of a page, those of a closed row too."""
    for panel in page["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def _long(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]]


def span_of(panel: Mapping[str, Any], term: Term) -> Span:
    """The dashboard's two weeks, or the panel's own span of now; shifted as the panel is."""
    until, shift = term.now_ms, _long(panel.get("timeShift", "0h"))
    back = _long(panel.get("timeFrom", "14d"))
    return Span(until - back - shift, until - shift, to_ms=until)


def zoomed(panel: Mapping[str, Any], since_ms: int, until_ms: int) -> Span:
    """Two moments that someone chose: `timeFrom` says nothing then, `timeShift` still holds."""
    shift = _long(panel.get("timeShift", "0h"))
    return Span(since_ms - shift, until_ms - shift, to_ms=until_ms)


def answers(filled: Filled, panel: Mapping[str, Any], page: Mapping[str, Any], span: Span) -> list[Any]:
    """What every query of a panel gives, with everything chosen."""
    chosen = chosen_on(page, CASES["all"])
    return [
        filled.database.ask(put_in(target["query"], chosen, page["templating"]["list"], span))
        for target in panel["targets"]
    ]


def rows(filled: Filled, panel: Mapping[str, Any], page: Mapping[str, Any], chosen: Chosen) -> int:
    """How many rows all queries of a panel give together."""
    variables = page["templating"]["list"]
    found = 0
    for target in panel["targets"]:
        query = put_in(target["query"], chosen, variables, span_of(panel, filled.term))
        assert "$" not in query.replace("$/", ""), query
        found += len(told(filled.database.ask(query)))
    return found


def told(answer: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """The rows of an answer that say anything: a step of which nothing is known is a null."""
    rows = [row for series in answer for row in series["values"]]
    return [row for row in rows if any(value is not None for value in row[1:])]


def variable_of(uid: str, name: str) -> Mapping[str, Any]:
    return next(found for found in PAGES[uid]["templating"]["list"] if found["name"] == name)


def offered(filled: Filled, uid: str, name: str, chosen: Chosen) -> dict[str, str]:
    """What a variable offers to choose from, by the value that it stands for."""
    found, page = variable_of(uid, name), PAGES[uid]
    query = put_in(found["query"], chosen, page["templating"]["list"], Span(0, filled.term.now_ms))
    return options(filled.database.ask(query), found["regex"])


def panel_of(uid: str, title: str) -> dict[str, Any]:
    return next(found for found in panels(PAGES[uid]) if found["title"] == title)


def last_values(
    filled: Filled, uid: str, title: str, chosen: Chosen = EVERY, *, target: int = 0
) -> list[Any]:
    """The last row of a panel's query, without its time."""
    page, found = PAGES[uid], panel_of(uid, title)
    query = put_in(
        found["targets"][target]["query"], chosen, page["templating"]["list"], span_of(found, filled.term)
    )
    last: list[Any] = told(filled.database.ask(query))[-1][1:]
    return last
