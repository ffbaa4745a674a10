"""A reason as a value: a code with its arguments. Worded where someone reads it, never parsed."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar, Union

Arg: TypeAlias = Union[str, int, "Reason", tuple["Arg", ...]]
_T = TypeVar("_T")
_JOINED = "joined"
_VERBATIM = "verbatim.text"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Reason(NamedTuple):
    """Why something is so. `code` is a key of the tables of words, `args` what its template names.

    An argument is a number, a name (of a room, a device; decimal text for exact figures), another reason, or
    several of these. Names are kept whole: whatever they contain, they are never cut apart again.
    """

    code: str
    args: tuple[tuple[str, Arg], ...] = ()

    def __bool__(self) -> bool:
        return self != NOTHING


_make = tuple.__new__  # the quick way to make a named tuple: an evaluation makes a million of them


def reason(code: str, /, **args: Arg) -> Reason:
    """`reason("survey.points", covered=3, number=5)`."""
    return _make(Reason, (code, tuple(args.items())))


NOTHING = Reason(_JOINED, (("parts", ()),))


def verbatim(text: str) -> Reason:
    """What someone wrote, said in every language as it stands."""
    return reason(_VERBATIM, text=text) if text else NOTHING


def joined(*parts: Reason) -> Reason:
    """Several reasons as one, without those that say nothing."""
    said: list[Arg] = []
    for part in parts:
        if part.code != _JOINED:
            said.append(part)
        elif part is not NOTHING:
            said += parts_of(part)
    if len(said) == 1 and isinstance(said[0], Reason):
        return said[0]
    return _make(Reason, (_JOINED, (("parts", tuple(said)),)))


def parts_of(value: Reason) -> tuple[Arg, ...]:
    """What `joined` put together; a reason alone is its only part."""
    if value.code != _JOINED:
        return (value,)
    parts = value.args[0][1] if value.args else ()
    return parts if isinstance(parts, tuple) and not isinstance(parts, Reason) else (parts,)


def first_of(names: Sequence[_T], most: int) -> tuple["_T | Reason", ...]:
    """The first of many names or reasons, and how many more there are."""
    left = len(names) - most
    return (*names[:most], reason("marks.others", number=left)) if left > 0 else tuple(names)


def to_json(value: Reason) -> str:
    """One line of JSON, as the store keeps it; empty where nothing is said."""
    return _encode(to_value(value)) if value else ""


def to_list(value: Reason) -> list[Any]:
    """Every part as JSON has it: code and args."""
    return [to_value(part) for part in parts_of(value)]


def to_value(value: Arg) -> Any:
    """As JSON has it: a reason is an object of code and args, several are a list."""
    if isinstance(value, Reason):
        return {"code": value.code, "args": {key: to_value(arg) for key, arg in value.args}}
    return [to_value(part) for part in value] if isinstance(value, tuple) else value


@lru_cache(maxsize=8192)  # of a history most reasons are those of the day before
def from_json(text: str | None) -> Reason | None:
    """The reason that `to_json` wrote; None where there is none, or something else stands there."""
    try:
        found = _from_value(json.loads(text)) if text else None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, Reason) else None


def stored(values: str | None, text: str | None) -> Reason:
    """A reason as a store has it: its JSON, or from rows of an older version its text alone."""
    return from_json(values) or verbatim(text or "")


def reasons_of(values: Any, text: str) -> tuple[Reason, ...]:
    """What `to_list` made, as JSON has it; where none was written, or it is something else, the text."""
    try:
        found = tuple(_from_value(value) for value in values or ())
    except (TypeError, KeyError, AttributeError, RecursionError):
        found = ()
    reasons = tuple(value for value in found if isinstance(value, Reason))
    return reasons if reasons and len(reasons) == len(found) else (verbatim(text),)


def _from_value(value: Any) -> Arg:
    if isinstance(value, dict):
        return Reason(
            str(value["code"]), tuple((key, _from_value(arg)) for key, arg in value["args"].items())
        )
    if isinstance(value, list):
        return tuple(_from_value(part) for part in value)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"no argument of a reason: {value!r}")
