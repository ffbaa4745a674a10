"""What every store does, and how it fails."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from contract import Kept, Point
from runtime import UserError
from runtime.language import Text
from store.query import Query, Row
from store.tally import Tallied, Tally

# A month of a district is taken down in some seconds.
_SETTLED_S = 20.0


class StoreError(UserError):
    """Base of the store's errors."""


class Unavailable(StoreError):
    """The store cannot answer now: keep what you hold and try again.

    `retry_after_s` is the store's own wish where it gave one.
    """

    def __init__(self, message: Text | str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class JustExpired(Unavailable):
    """A part was dropped by another program while it was written to: what was written is to come again, once
    that one has taken down what it saw of it."""

    def __init__(self, where: object) -> None:
        text = Text(
            f"{where}：写入期间有数据到期删除，稍后重写",
            f"{where}: a part expired while it was written to; it is written again",
        )
        super().__init__(text, retry_after_s=_SETTLED_S)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A point that the store will never take, and why. Every other point of the write is stored.

    part: where its time is over, the name of the part that it would have belonged to.
    """

    point: Point
    reason: str
    part: str = ""


@dataclass(frozen=True)
class Part(ABC):
    """What a class of retention has of one period: looked at by itself, and dropped as a whole."""

    kept: Kept
    begin_ms: int
    end_ms: int
    name: str

    @abstractmethod
    def query(self, query: Query) -> list[Row]:
        """Rows of this part alone; raises Unavailable."""

    @abstractmethod
    def drop(self, settle: Callable[[], None]) -> None:
        """Let the part go. `settle` takes down what is to be known of it; nothing comes in after it."""


class Store(ABC):
    """A time-series store. Its methods may be called from several threads."""

    name: str

    @property
    def visible_after_s(self) -> float:
        """How long after its acknowledgement a write may be missing from answers; raises Unavailable."""
        return 0.0

    @abstractmethod
    def prepare(self) -> None:
        """Create the database or bucket if it is not there; raises Unavailable."""

    @abstractmethod
    def write(self, points: Sequence[Point]) -> list[Rejected]:
        """Store points, all of them or with each exception named; twice is once.

        When this returns, everything that is not in the answer is durable. Raises Unavailable, after which
        nothing, some or all of the points may be stored: write them again.
        """

    def keep(self, points: Sequence[Point]) -> list[Rejected]:
        """Store points of a class that expires so that they do not; as `write` where nothing expires."""
        return self.write(points)

    def parts(self, kept: Kept, before_ms: int) -> list[Part]:
        """What a class has of periods that ended before a moment, oldest first; raises Unavailable."""
        return []

    def has_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        """Whether a part is gone for all that read, however much of it is still to be deleted; raises
        Unavailable."""
        return False

    def mark_dropped(self, kept: Kept, name: str, end_ms: int) -> bool:
        """Take a part of which nothing is here as dropped here; False: that cannot be kept. Raises
        Unavailable."""
        return False

    @property
    def can_drop(self) -> bool:
        """Whether parts can be dropped at all; raises Unavailable."""
        return True

    def files(self) -> list[Path]:
        """The files that the store consists of, where it is one of files."""
        return []

    def missing(self) -> list[Path]:
        """Those that should be there and are not; raises Unavailable."""
        return []

    @abstractmethod
    def query(self, query: Query) -> list[Row]:
        """Rows in order of their group's tags, then time; raises Unavailable."""

    @abstractmethod
    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        """Several tallies, each in one pass over its rows, all in one request; raises Unavailable."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections and files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
