"""A controller's objects in the order of their OIDs, whatever its maker. Values are worked out when asked."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from firmware_sim.ber import Oid

Rows = tuple[Oid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object type: a column with its rows' indexes in order, or a scalar, whose only index is 0."""

    oid: Oid
    rows: Callable[[int], Rows]  # at this second: access points come and go
    value: Callable[[Oid, float], bytes]  # of the row with this index, at this time
    in_table: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of an object; `row` counts from 0."""

    of: Object
    index: Oid
    row: int

    @property
    def oid(self) -> Oid:
        return self.of.oid + self.index

    def value(self, time: float) -> bytes:
        return self.of.value(self.index, time)


class Mib:
    """All objects of one controller."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._objects = sorted(objects, key=lambda one: one.oid)
        self._oids = [one.oid for one in self._objects]

    def find(self, oid: Oid, time: float) -> Instance | None:
        """The instance with this very OID."""
        found = self._below(oid)
        if found is None:
            return None
        rows, index = found.rows(int(time)), oid[len(found.oid) :]
        row = bisect_left(rows, index)
        return Instance(of=found, index=index, row=row) if rows[row : row + 1] == (index,) else None

    def knows(self, oid: Oid) -> bool:
        """Whether `oid` lies below an object of this controller, be there such an instance or not."""
        found = self._below(oid)
        return found is not None and len(oid) > len(found.oid)

    def after(self, oid: Oid, time: float) -> Instance | None:
        """The first instance behind `oid`, None at the end."""
        found = self._below(oid)
        if found is not None:
            rows = found.rows(int(time))
            row = bisect_right(rows, oid[len(found.oid) :])
            if row < len(rows):
                return Instance(of=found, index=rows[row], row=row)
        for following in self._objects[bisect_right(self._oids, oid) :]:
            if rows := following.rows(int(time)):
                return Instance(of=following, index=rows[0], row=0)
        return None

    def _below(self, oid: Oid) -> Object | None:
        """The object that `oid` names or lies below."""
        place = bisect_right(self._oids, oid) - 1
        if place < 0 or oid[: len(self._oids[place])] != self._oids[place]:
            return None
        return self._objects[place]


def scalar(oid: Oid, read: Callable[[float], bytes]) -> Object:
    return Object(oid=oid, rows=lambda _: ((0,),), value=lambda _, time: read(time), in_table=False)


def constant(oid: Oid, value: bytes) -> Object:
    return scalar(oid, lambda _: value)
