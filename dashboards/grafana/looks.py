"""How values look: words and colours of every code, and the steps at which a number changes its colour."""

from collections.abc import Mapping
from typing import Any

from rules.words import name

JSON = dict[str, Any]

GREEN, YELLOW, ORANGE, RED, GREY, BLUE = "green", "yellow", "orange", "red", "#8e8e8e", "blue"
# What stands where nothing does. Never a 0: a query that fails must not look like a count of none.
NOTHING = "—"

_VERDICTS = {"pass": GREEN, "fail": RED, "undetermined": GREY}
# Kind of word in the vocabulary: its codes, each with its colour.
_KINDS: dict[str, dict[str, str]] = {
    "verdicts": _VERDICTS,
    "coverage": _VERDICTS,
    "stages": {"primary": BLUE, "junior": BLUE, "school": BLUE},
    "area_classes": {"key": BLUE, "minor": BLUE, "outdoor": BLUE},
    "rates": {"U1": BLUE, "U2": BLUE, "U3": BLUE, "U4": BLUE, "U5": BLUE},
    "severities": {"critical": RED, "warning": ORANGE, "info": BLUE},
    "alert_states": {"firing": RED, "pending": YELLOW, "inactive": GREEN, "withdrawn": GREY},
    "ap_states": {"up": GREEN, "down": RED, "fault": RED, "starting": YELLOW, "unknown": GREY},
    "power": {"on": GREEN, "warming": YELLOW, "cooling": YELLOW, "off": GREY},
    "device_types": {"projector": BLUE, "panel": BLUE, "class_pc": BLUE, "plug": BLUE, "probe": BLUE},
    "conditions": {"ok": GREEN, "warning": YELLOW, "error": RED},
    "run_states": {
        "ok": GREEN,
        "partial": YELLOW,
        "timeout": RED,
        "refused": RED,
        "auth": RED,
        "decode": RED,
        "unsupported": GREY,
    },
}
_YES, _NO = "是", "否"


def words(kind: str) -> list[JSON]:
    """Value mappings: a code is shown in words and in its colour."""
    options = {
        code: {"text": name(kind, code, "zh"), "color": colour, "index": index}
        for index, (code, colour) in enumerate(_KINDS[kind].items())
    }
    return [{"type": "value", "options": options}]


def spoken(texts: dict[str, tuple[str, str]]) -> list[JSON]:
    """Value mappings of a panel's own: a value, what it is called, and its colour."""
    options = {
        value: {"text": text, "color": colour, "index": index}
        for index, (value, (text, colour)) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def named(names: Mapping[str, str]) -> list[JSON]:
    """Value mappings without colours: what each value is called."""
    options = {value: {"text": text, "index": index} for index, (value, text) in enumerate(names.items())}
    return [{"type": "value", "options": options}]


def yes_no(good: bool = True) -> list[JSON]:
    """A flag, as 1 and 0 or true and false; `good`: yes is green."""
    yes, no = (GREEN, RED) if good else (RED, GREEN)
    return spoken({"1": (_YES, yes), "0": (_NO, no), "true": (_YES, yes), "false": (_NO, no)})


def steps(first: str, *others: tuple[float, str]) -> JSON:
    """Colours by value: the first from below, each other one from its value on."""
    found = [{"color": first, "value": None}, *({"color": colour, "value": at} for at, colour in others)]
    return {"mode": "absolute", "steps": found}


# Any at all is wrong.
NONE_IS_GOOD = steps(GREEN, (1, RED))
# Beside a count of what is wrong: for so many it may be wrong as well.
SOME_UNKNOWN = steps(GREY, (1, YELLOW))
PLAIN = steps(BLUE)


def at_least(limit: float, nearly: float) -> JSON:
    """Red, yellow from `nearly` on, green from the limit on."""
    return steps(RED, (nearly, YELLOW), (limit, GREEN))
