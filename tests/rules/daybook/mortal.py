"""A store whose user dies at a write, as kill -9 would have it."""

from collections.abc import Sequence

from contract import Point
from store import Query, Rejected, Row, Store, Tallied, Tally


class Killed(BaseException):
    """As kill -9: nobody handles it."""


class Mortal(Store):
    """A store whose user is killed before or after its n-th write from now on."""

    def __init__(self, inner: Store) -> None:
        self.inner, self.name = inner, inner.name
        self.writes_left: int | None = None
        self.dies_after = False
        self.writes = 0

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        self.writes += 1
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                self.writes_left = None
                if self.dies_after:
                    self.inner.write(points)
                raise Killed
        return self.inner.write(points)

    def prepare(self) -> None:
        self.inner.prepare()

    def query(self, query: Query) -> list[Row]:
        return self.inner.query(query)

    def tally(self, tallies: Sequence[Tally]) -> list[Tallied]:
        return self.inner.tally(tallies)

    def close(self) -> None:
        self.inner.close()
