"""The variables that every page offers, and the links between pages. Names come from the store's own rows."""

from typing import Any

from dashboards.grafana.influxql import chosen
from dashboards.grafana.model import DATA_SOURCE, TAG
from rules.words import name

JSON = dict[str, Any]

ALL = {"selected": True, "text": ["All"], "value": ["$__all"]}
# Rows of names carry code and name with a tab between.
_LABEL = r"/^(?<value>[^\t]+)\t(?<text>.*)$/"
_BY_NAME = 5  # alphabetical, whatever the case
_ON_TIME_CHANGE = 2
BOARD = "http://127.0.0.1:8080"
# Pages that show whatever is chosen take it along; the others begin with a choice of their own.
DISTRICT_TAG, DETAIL_TAG = f"{TAG}-district", f"{TAG}-detail"


def labels(measurement: str, field: str, tags: str, where: str = "") -> str:
    """The labels that are in force: what the registry has no more is marked as gone."""
    asked = f" WHERE {where}" if where else ""
    inner = (
        f'SELECT last("{field}") AS "{field}", last("present") AS "present" '
        f'FROM "{measurement}"{asked} GROUP BY {tags}'
    )
    return f'SELECT "{field}" FROM ({inner}) WHERE "present" = 1'


_DISTRICTS = labels("school_name", "district_label", '"district", "school"')
_SCHOOLS = labels("school_name", "label", '"district", "school"', chosen("district"))
_ALL_SCHOOLS = labels("school_name", "label", '"district", "school"')
# Over several schools room 101 is whatever each calls it.
_ROOMS = labels("room_name", "common_label", '"district", "school", "room"', chosen("district", "school"))
_ROOMS_OF_ONE = labels("room_name", "label", '"district", "school", "room"', chosen("school"))


def _asked(variable: str, title: str, query: str, says: str, *, many: bool) -> JSON:
    found: JSON = {
        "name": variable,
        "label": title,
        "description": says,
        "type": "query",
        "datasource": DATA_SOURCE,
        "query": query,
        "definition": query,
        "regex": _LABEL,
        "sort": _BY_NAME,
        "refresh": _ON_TIME_CHANGE,
        "multi": many,
        "includeAll": many,
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "current": ALL if many else {},
    }
    return {**found, "allValue": ".*"} if many else found


DISTRICT = _asked("district", "区县", _DISTRICTS, "District, by its name in the registry", many=True)
SCHOOL = _asked("school", "学校", _SCHOOLS, "School, by its name in the registry", many=True)
ROOM = _asked("room", "房间", _ROOMS, "Room, by its name in the registry", many=True)
ONE_SCHOOL = _asked("school", "学校", _ALL_SCHOOLS, "The school shown", many=False)
ONE_ROOM = _asked("room", "房间", _ROOMS_OF_ONE, "The room shown", many=False)


def _stage() -> JSON:
    """A fixed list. Its options are written out: without them a value from the address shows as its code."""
    codes = ("primary", "junior", "school")
    options = [{"selected": False, "text": name("stages", code, "zh"), "value": code} for code in codes]
    return {
        "name": "stage",
        "label": "学段",
        "description": "Stage",
        "type": "custom",
        "query": ", ".join(f"{option['text']} : {option['value']}" for option in options),
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "hide": 0,
        "skipUrlSync": False,
        "options": [{"selected": True, "text": "All", "value": "$__all"}, *options],
        "current": ALL,
    }


STAGE = _stage()


def board(address: str) -> JSON:
    """Where the built-in board is: hidden, for the links."""
    option = {"selected": True, "text": address, "value": address}
    return {
        "name": "board",
        "label": "看板地址",
        "description": "Address of the built-in board",
        "type": "constant",
        "query": address,
        "hide": 2,
        "skipUrlSync": True,
        "options": [option],
        "current": option,
    }


def page_links(*, taking: bool, to_board: str = "${board}/") -> tuple[JSON, ...]:
    """Links at the top: the pages of the district, those of one school or room, and the board."""
    return (
        _pages("全区页面", DISTRICT_TAG, taking=taking),
        _pages("一校一室", DETAIL_TAG, taking=False),
        {
            "title": "看板",
            "tooltip": "The built-in board",
            "type": "link",
            "icon": "external link",
            "url": to_board,
            "targetBlank": True,
            "includeVars": False,
            "keepTime": False,
            "asDropdown": False,
            "tags": [],
        },
    )


def _pages(title: str, tag: str, *, taking: bool) -> JSON:
    return {
        "title": title,
        "tooltip": "",
        "type": "dashboards",
        "icon": "external link",
        "url": "",
        "tags": [tag],
        "asDropdown": True,
        "includeVars": taking,
        "keepTime": True,
        "targetBlank": False,
    }
