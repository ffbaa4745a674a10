"""What one asks of an agent, whichever way it is reached, and how that can fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge_agent.snmp.ber import Oid, Value
from runtime.language import Text

Index = tuple[int, ...]

# A controller of 1,000 access points has 3,000 radio rows; no school has more. An agent gone wild ends here.
MAX_ROWS = 3_000
# All that an agent may tell in one round: what 1,000 access points take, and little beside 64 MiB.
MAX_BYTES = 5 * 1024**2


class Failed(Exception):
    """An agent could not be asked to the end. `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class Silent(Failed):
    """It did not answer."""


class NotThere(Silent):
    """It cannot answer: the network says that nobody is there."""


class Garbled(Failed):
    """What it answered makes no sense; nothing of it can be trusted."""


class Denied(Failed):
    """It answered that it does not let us in (SNMP v3 only)."""


class Unknown(Failed):
    """Its host has no address: a mistake in the configuration, or a name server that is away."""


@dataclass(slots=True)
class Column:
    """One column of a table, by index. `ended` where the agent said that there is no more of it."""

    rows: dict[Index, Value] = field(default_factory=dict)
    ended: bool = False
    broken: Text | None = None
    """Why it ends too early, where the agent gave a reason."""


@dataclass(slots=True)
class Effort:
    """What asking cost so far."""

    requests: int = 0
    retries: int = 0


class Limits:
    """How much one agent may tell in a round, so that none fills the gateway's memory."""

    def __init__(self, *, rows: int = MAX_ROWS, size: int = MAX_BYTES) -> None:
        self._most_rows, self._most_bytes = rows, size
        self._bytes = 0
        # Ten columns of one table share their indexes.
        self._indexes: dict[Index, Index] = {}

    def put(self, oid: Oid, column: Column, index: Index, value: Value) -> None:
        """Put a value into its column; raises Garbled where that goes too far."""
        if len(column.rows) >= self._most_rows:
            raise Garbled(
                Text(
                    f"表列 {dotted(oid)} 超过 {self._most_rows} 行",
                    f"column {dotted(oid)} has more than {self._most_rows} rows",
                )
            )
        self._bytes += 64 + 4 * len(index) + (len(value) if isinstance(value, bytes | tuple) else 0)
        if self._bytes > self._most_bytes:
            most = f"{self._most_bytes >> 20} MiB"
            raise Garbled(Text(f"一轮内给出的数据超过 {most}", f"tells more than {most} in one round"))
        column.rows[self._indexes.setdefault(index, index)] = value


class Source(Protocol):
    """An agent, or what once was recorded of one."""

    limits: Limits

    @property
    def effort(self) -> Effort: ...

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """The scalars among `oids` that there are. Raises Failed."""
        ...

    async def read(self, columns: Mapping[Oid, Column]) -> None:
        """Fill columns of one table, by their OIDs. Raises Failed; what was read until then stays."""
        ...

    def close(self) -> None: ...


def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def oid_of(text: str) -> Oid:
    """'1.3.6.1' as numbers; raises ValueError where it is no OID."""
    return tuple(int(part) for part in text.strip().lstrip(".").split("."))
