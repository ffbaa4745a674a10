"""A reason as a value: a code with its arguments. Worded where someone reads it, never parsed."""

import json
from typing import Any, NamedTuple, TypeAlias, Union

Arg: TypeAlias = Union[str, int, "Reason", tuple["Arg", ...]]
_JOINED = "joined"


class Reason(NamedTuple):
    """Why something is so. `code` is a key of the tables of words, `args` what its template names.

    An argument is a number, a name (of a room, a device; decimal text for exact figures), another reason, or
    several of these. Names are kept whole: whatever they contain, they are never cut apart again.
    """

    code: str
    args: tuple[tuple[str, Arg], ...] = ()

    def __bool__(self) -> bool:
        return self != NOTHING


def reason(code: str, **args: Arg) -> Reason:
    """`reason("wireless.points", covered=3, number=5)`."""
    return Reason(code, tuple(args.items()))


NOTHING = Reason(_JOINED, (("parts", ()),))


def joined(*parts: Reason) -> Reason:
    """Several reasons as one, without those that say nothing."""
    said: list[Arg] = []
    for part in parts:
        if part.code == _JOINED:
            inner = part.args[0][1]
            said += inner if isinstance(inner, tuple) else ()
        else:
            said.append(part)
    if len(said) == 1 and isinstance(said[0], Reason):
        return said[0]
    return Reason(_JOINED, (("parts", tuple(said)),))


def to_json(value: Reason) -> str:
    """One line of JSON, as the store keeps it; empty where nothing is said."""
    return json.dumps(to_value(value), ensure_ascii=False, separators=(",", ":")) if value else ""


def to_value(value: Arg) -> Any:
    """As JSON has it: a reason is an object of code and args, several are a list."""
    if isinstance(value, Reason):
        return {"code": value.code, "args": {key: to_value(arg) for key, arg in value.args}}
    return [to_value(part) for part in value] if isinstance(value, tuple) else value


def from_json(text: str | None) -> Reason | None:
    """The reason that `to_json` wrote; None where there is none, or something else stands there."""
    try:
        found = _from_value(json.loads(text)) if text else None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, Reason) else None


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
