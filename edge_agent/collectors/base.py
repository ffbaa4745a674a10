"""What every collector gives: one round of readings, and how each of its targets fared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from contract import CollectorRun, Reading
from runtime.language import Text

Clock = Callable[[], int]
"""The gateway's time in ms since 1970 UTC."""
Recall = Callable[[str], str | None]
"""What a collector noted in an earlier round, from the spool."""
Reads = Literal["access_point", "signal_sample", "room_device", "asset", "room_map"]
RunStatus = Literal["ok", "partial", "timeout", "refused", "auth", "decode", "unsupported", "config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round gave. `notes` are kept in the same commit as the readings.

    more: it did not fit into one round, which would fill the memory; the next is due at once.
    """

    runs: tuple[CollectorRun, ...]
    readings: tuple[Reading, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    more: bool = False
    words: Mapping[str, Text] = field(default_factory=dict)
    """The reasons of its runs by target, in every language; what travels is the Chinese."""

    def reason_of(self, run: CollectorRun) -> str | None:
        """A run's reason in the program's language, as far as the collector has words for it."""
        return str(self.words[run.target]) if run.target in self.words else run.reason

    @property
    def status(self) -> str:
        """How the round as a whole went: every target alike, or 'partial'."""
        kinds = {run.status for run in self.runs}
        return "ok" if not kinds else kinds.pop() if len(kinds) == 1 else "partial"


@runtime_checkable
class Closing(Protocol):
    """A collector that keeps a connection or a door open between its rounds."""

    async def close(self) -> None: ...


class Collector(Protocol):
    """Reads its targets once per round. What goes wrong with a target is a run record, not an exception."""

    @property
    def id(self) -> str: ...

    @property
    def interval_s(self) -> float: ...

    @property
    def reads(self) -> Reads: ...

    async def collect(self, clock: Clock) -> Round: ...


@runtime_checkable
class Listening(Collector, Protocol):
    """A collector whose devices speak when they like: a round tells what was heard so far."""

    listens: Literal[True]


def shorten(text: str, most: int = 256) -> str:
    """A reason or a name in the space its field has, without the characters a field refuses."""
    plain = "".join(character if character.isprintable() else "·" for character in text).strip()
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def reasons(parts: Sequence[str]) -> str | None:
    """Several reasons as one field; None where there is none."""
    return shorten("; ".join(parts)) if parts else None


def joined(parts: Sequence[Text]) -> Text:
    """Several reasons as one."""
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def key_text(text: str) -> str | None:
    """A name that a device gives itself as part of an identity; None where nothing is left of it."""
    return shorten(text, 64).rstrip("\\ ") or None
