"""The last look at a round before it goes into the spool: telephone and identity numbers in it stay here.

Ledgers and surveys are looked through where they are read. But an access point is called as somebody called
it, a projector tells what somebody typed into it, and a reason quotes both. A name alone cannot be told from
that of a room; a text with a number in it that is a person's is left out whole.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from contract import CollectorRun, Reading
from edge_agent.collectors.base import Round
from edge_agent.personal import is_personal
from runtime.language import Text

# Numbers of devices, which may look like a telephone's.
_NUMBERS = {"serial", "category"}
_LEFT_OUT = Text("（含个人信息，已略去）", "(left out: it holds personal data)")

_AnyReading = TypeVar("_AnyReading", bound=Reading)
_personal = lru_cache(maxsize=10_000)(is_personal)


def about_nobody(result: Round) -> Round:
    """The round without what is about a person; the same object where there is nothing of it."""
    readings, runs = _spared(result.readings), _spared(result.runs)
    words = {
        target: _LEFT_OUT if any(map(_personal, text)) else text for target, text in result.words.items()
    }
    if readings == result.readings and runs == result.runs and words == dict(result.words):
        return result
    return replace(result, readings=readings, runs=runs, words=words)


def _spared(readings: Iterable[_AnyReading]) -> tuple[_AnyReading, ...]:
    return tuple(_spare(reading) for reading in readings)


def _spare(reading: _AnyReading) -> _AnyReading:
    """Fields that need not be there are not there then; a reason says that it was left out."""
    found = {
        column.name: _LEFT_OUT.zh if isinstance(reading, CollectorRun) else None
        for column in reading.measurement.fields[1:]
        if column.type == "text"
        and not (column.choices or column.required or column.name in _NUMBERS)
        and (value := getattr(reading, column.name)) is not None
        and _personal(value)
    }
    return reading.model_copy(update=found) if found else reading
