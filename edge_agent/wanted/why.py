"""Why wanted settings do not run, as a value: a code of the words' table, and what its sentence names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contract.wanted import Arg
from edge_agent.personal import is_personal

_LONGEST = 200
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Why:
    """`fleet.lost`, {"collectors": ("ac1",)}."""

    code: str
    args: Mapping[str, Arg] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.args.items())])


class NotTakenError(Exception):
    """A version that is not taken; `why` says it."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


def because(code: str, **args: str | int | tuple[str, ...]) -> Why:
    """With what is told cut to the length that a status has for it, and nothing about a person in it."""
    return Why(code, {name: _fitting(value) for name, value in args.items()})


def _fitting(value: str | int | tuple[str, ...]) -> Arg:
    if isinstance(value, int):
        return value
    return _text(value) if isinstance(value, str) else tuple(_text(name) for name in value[:_MOST_NAMES])


def _text(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else "·" for sign in text)
    if is_personal(plain):
        return "…"
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
