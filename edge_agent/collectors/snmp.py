"""A guarded SNMP v2c manager: a table is read whole, or it is said what is missing.

gufo-snmp does the wire; the guards are ours. It gives no error for genErr and tooBig in a walk (they
read as the end of the table), follows an agent that repeats itself for ever, and does not repeat
requests. One request at a time is outstanding per controller: several make some models stall.
"""

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from gufo.snmp import SnmpDecodeError, SnmpError, ValueType
from gufo.snmp.aio.client import SnmpSession
from gufo.snmp.policer import BasePolicer

Index = tuple[int, ...]
Column = dict[Index, ValueType]

# A controller of 1,000 access points has 2,000 radio rows; ten times that is an agent gone wild.
MAX_ROWS = 20_000


class Silent(Exception):
    """The agent did not answer."""


class Garbled(Exception):
    """The agent's answer makes no sense; nothing of it can be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An agent and how patiently to ask it."""

    host: str
    port: int
    community: str
    timeout_s: float
    retries: int


class Manager:
    """Asks one agent during one round. `requests` and `retries` count what it sent.

    `max_repetitions` becomes smaller when the agent turns out not to manage so many.
    """

    def __init__(self, target: Target, *, max_repetitions: int) -> None:
        self._target = target
        self._sent = _Count()
        self.max_repetitions = max_repetitions
        self.retries = 0
        self._session: SnmpSession | None = None

    @property
    def requests(self) -> int:
        return self._sent.number

    async def get(self, oids: Iterable[str]) -> dict[str, ValueType]:
        """The scalars that the agent has. Raises Silent, Garbled."""
        wanted = list(oids)
        for attempt in range(self._target.retries + 1):
            self.retries += attempt > 0
            try:
                session = await self._open()
                return await session.get_many(wanted)
            except TimeoutError:
                continue
            except (SnmpError, OSError) as error:
                self._session = None
                if attempt == self._target.retries:
                    raise _named(error) from error
        raise Silent("no answer")

    async def column(self, oid: str, *, need: int = 0) -> Column:
        """One column of a table, by index. With fewer rows than `need`, ask for fewer rows at a time.

        So tooBig, which looks like an empty table, is got round. Raises Silent, Garbled.
        """
        best: Column = {}
        best_repetitions = repetitions = self.max_repetitions
        silence: Silent | None = None
        while True:
            try:
                rows = await self._walk(oid, repetitions)
            except Silent as error:
                silence = error
            else:
                silence = None
                if len(rows) > len(best) or not best:
                    best, best_repetitions = rows, repetitions
                if len(rows) >= need:
                    break
            if repetitions == 1:
                break
            repetitions //= 2
        if silence is not None and not best:
            raise silence
        self.max_repetitions = best_repetitions if best else self.max_repetitions
        return best

    async def _walk(self, oid: str, repetitions: int) -> Column:
        """GETBULK to the end of the column. Raises Silent after the retries, Garbled at once."""
        session = await self._open()
        answers = session.getbulk(oid, repetitions).__aiter__()
        prefix = oid + "."
        rows: Column = {}
        last: Index = ()
        unanswered = 0
        while True:
            try:
                name, value = await answers.__anext__()
            except StopAsyncIteration:
                return rows
            except TimeoutError:
                # The same iterator asks again from where it stands, with a request number of its own.
                unanswered += 1
                if unanswered > self._target.retries:
                    self._session = None
                    raise Silent(f"no answer in column {oid}") from None
                self.retries += 1
                continue
            except (SnmpError, OSError) as error:
                self._session = None
                raise _named(error) from error
            unanswered = 0
            index = _index(name, prefix)
            if index <= last:
                raise Garbled(f"{name} does not come after the object before it")
            last = index
            rows[index] = value
            if len(rows) > MAX_ROWS:
                raise Garbled(f"column {oid} has more than {MAX_ROWS} rows")

    async def _open(self) -> SnmpSession:
        if self._session is None:
            target = self._target
            try:
                self._session = SnmpSession(
                    await _address(target.host, target.port),
                    target.port,
                    target.community,
                    timeout=target.timeout_s,
                    policer=self._sent,
                )
            except OSError as error:
                raise Silent(f"cannot reach {target.host}: {error}") from error
        return self._session


class _Count(BasePolicer):
    """gufo asks its policer before every request; this one only counts."""

    def __init__(self) -> None:
        self.number = 0

    def get_timeout(self, ts: int) -> int | None:
        self.number += 1
        return None


def _index(name: str, prefix: str) -> Index:
    if not name.startswith(prefix):
        raise Garbled(f"{name} lies outside {prefix[:-1]}")
    return tuple(int(part) for part in name[len(prefix) :].split("."))


def _named(error: Exception) -> Silent | Garbled:
    if isinstance(error, SnmpDecodeError):
        return Garbled(f"cannot read the answer: {error}")
    return Garbled(f"unexpected answer: {error}") if isinstance(error, SnmpError) else Silent(str(error))


async def _address(host: str, port: int) -> str:
    """gufo wants an address, not a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])
