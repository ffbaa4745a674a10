"""What a program says of itself: whether it is well, and its figures."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the program does its work, and why not."""

    ok: bool
    reason: str = "ok"


@runtime_checkable
class Exposes(Protocol):
    """Figures that write themselves down as Prometheus reads them, without its library."""

    def exposition(self) -> bytes: ...
