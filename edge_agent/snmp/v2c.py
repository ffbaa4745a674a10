"""SNMP v2c over UDP: one question at a time, asked again where no answer comes.

Several questions at once make some controllers stall. A codec of our own reads the answers: what a
library in another language does with damaged bytes can end the whole program, and did.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from edge_agent.hosts import Unresolved, address_of
from edge_agent.snmp.asking import Column, Effort, Failed, Garbled, Limits, NotThere, Silent, Unknown, dotted
from edge_agent.snmp.ber import (
    END_OF_VIEW,
    GET,
    GETBULK,
    NO_SUCH_INSTANCE,
    NO_SUCH_OBJECT,
    Answer,
    Damaged,
    Oid,
    Value,
    Varbind,
    read_answer,
    write_question,
)
from runtime.errors import os_reason
from runtime.language import Text

_TOO_BIG, _GENERAL_ERROR = 1, 5
_ERRORS = {
    _TOO_BIG: "tooBig",
    2: "noSuchName",
    _GENERAL_ERROR: "genErr",
    6: "noAccess",
    16: "authorizationError",
}
# How agents say that a column has no more rows: the first is the right way.
_NO_MORE = {END_OF_VIEW, NO_SUCH_OBJECT, NO_SUCH_INSTANCE}
# Datagrams that wait to be read. An agent that sends more than was asked for loses the rest.
_WAITING = 32
# Some agents take no question about more objects than these.
_GET_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An agent and how patiently to ask it."""

    host: str
    port: int
    community: str
    timeout_s: float
    retries: int


class Wire(Protocol):
    """A way to an agent, for datagrams."""

    def send(self, datagram: bytes) -> None: ...

    async def receive(self) -> bytes:
        """The next datagram. Raises Silent where the network says that nobody is there."""
        ...

    def close(self) -> None: ...


Connect = Callable[[str, int], Awaitable[Wire]]


class V2c:
    """Asks one agent during one round.

    `most` is how many objects one answer may have; it becomes smaller when the agent turns out not to
    manage so many.
    """

    def __init__(self, target: Target, *, most: int, connect: Connect | None = None) -> None:
        """`connect` opens the way to an agent; by default a UDP socket."""
        self.effort = Effort()
        self._connect = connect or _Socket.to
        self.most = most
        self._target = target
        self._community = target.community.encode()
        self.limits = Limits()
        self._first = self._last = random.randrange(1, 2**30)  # noqa: S311 - tells questions apart, no secret
        self._wire: Wire | None = None

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The scalars that the agent has. Raises Failed."""
        found: dict[Oid, Value] = {}
        waiting = [oids[at : at + _GET_AT_ONCE] for at in range(0, len(oids), _GET_AT_ONCE)]
        while waiting:
            group = waiting.pop(0)
            answer = await self._ask(GET, group)
            if answer.error and len(group) > 1:
                waiting[:0] = [group[: len(group) // 2], group[len(group) // 2 :]]
            elif not answer.error:
                if [bind.oid for bind in answer.varbinds] != list(group):
                    raise Garbled(
                        Text("答复的对象与所问不符", "answers about other objects than those asked for")
                    )
                found |= {bind.oid: bind.value for bind in answer.varbinds if bind.value is not None}
        return found

    async def read(self, columns: Mapping[Oid, Column]) -> None:
        """Fill `columns` with GETBULK, several at a time. Raises Failed; what was read stays."""
        at: dict[Oid, Oid] = {oid: oid for oid, column in columns.items() if not column.ended}
        # How many objects to ask for right now: fewer around a row that the agent cannot tell.
        size, alone = self.most, False
        while at:
            group = list(at)[: 1 if alone else size]
            repetitions = max(1, size // len(group))
            answer, asked = await self._bulk([at[oid] for oid in group], repetitions)
            size = min(size, self.most)
            if not answer.error:
                self._take(answer, columns, group[:asked], at)
                size = min(2 * size, self.most)
            elif len(group) * repetitions == 1:
                columns[group[0]].broken = _refusal(answer.error)
                del at[group[0]]
                size = self.most
            elif answer.error == _TOO_BIG:
                self.most = size = len(group) * repetitions // 2
            else:
                # One object that cannot be told spoils all that are asked for with it.
                alone, size = True, max(1, repetitions // 2) if alone else size

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _take(
        self, answer: Answer, columns: Mapping[Oid, Column], group: Sequence[Oid], at: dict[Oid, Oid]
    ) -> None:
        """Put an answer's objects into their columns: they come row by row, in the order asked for."""
        if not answer.varbinds:
            raise Garbled(Text("对批量查询答复为空", "answers a bulk question with nothing"))
        for place, bind in enumerate(answer.varbinds):
            oid = group[place % len(group)]
            if oid in at and not self._put(oid, columns[oid], bind, at):
                columns[oid].ended = True
                del at[oid]

    def _put(self, oid: Oid, column: Column, bind: Varbind, at: dict[Oid, Oid]) -> bool:
        """Put one object into its column; False where the column has ended before it."""
        if bind.tag in _NO_MORE:
            return False
        if bind.oid[: len(oid)] != oid:
            # An agent that goes back to the beginning would be followed for ever.
            if bind.oid < oid:
                raise _not_increasing(bind.oid)
            return False
        if bind.oid <= at[oid]:
            raise _not_increasing(bind.oid)
        at[oid] = bind.oid
        self.limits.put(oid, column, bind.oid[len(oid) :], bind.value)
        return True

    async def _bulk(self, oids: Sequence[Oid], repetitions: int) -> tuple[Answer, int]:
        """GETBULK: the answer, and how many of the columns it is about.

        An agent that falls silent is asked for fewer objects: answers that are too long may get lost.
        """
        try:
            return await self._ask(GETBULK, oids, repetitions), len(oids)
        except Silent:
            objects = len(oids) * repetitions
            while objects > 1:
                objects = max(1, objects // 4)
                fewer = oids[:objects]
                with contextlib.suppress(Silent):
                    answer = await self._ask(GETBULK, fewer, max(1, objects // len(fewer)), attempts=1)
                    self.most = objects
                    return answer, len(fewer)
            raise

    async def _ask(
        self, kind: int, oids: Sequence[Oid], repetitions: int = 0, *, attempts: int | None = None
    ) -> Answer:
        """One question, asked again where no answer comes that can be read. Raises Failed."""
        wire = await self._open()
        failure: Failed = Silent(Text("没有答复", "no answer"))
        earliest = self._last + 1
        for attempt in range(attempts or self._target.retries + 1):
            self._last += 1
            self.effort.requests += 1
            self.effort.retries += attempt > 0
            wire.send(write_question(kind, self._last, self._community, oids, repetitions=repetitions))
            try:
                return await self._answer(wire, earliest)
            except Failed as error:
                failure = error
            except TimeoutError:
                continue
        raise failure

    async def _answer(self, wire: Wire, earliest: int) -> Answer:
        """The answer to the question of this number or a later one; late ones to others are passed over."""
        strange = False
        try:
            async with asyncio.timeout(self._target.timeout_s):
                while True:
                    try:
                        answer = read_answer(await wire.receive())
                    except Damaged as error:
                        why = error.text
                        raise Garbled(
                            Text(f"无法读懂答复：{why.zh}", f"cannot read the answer: {why.en}")
                        ) from error
                    if earliest <= answer.request <= self._last:
                        return answer
                    strange = strange or not self._first < answer.request < earliest
        except TimeoutError:
            if strange:
                raise Garbled(
                    Text("答复的编号不是所问的编号", "answers with numbers of questions that nobody asked")
                ) from None
            raise

    async def _open(self) -> Wire:
        if self._wire is None:
            target = self._target
            try:
                address = await address_of(target.host, within_s=target.timeout_s)
                self._wire = await self._connect(address, target.port)
            except Unresolved as error:
                raise Unknown(error.text) from error
            except OSError as error:
                why = os_reason(error)
                raise NotThere(
                    Text(f"到 {target.host} 没有网络通路：{why.zh}", f"no way to {target.host}: {why.en}")
                ) from error
        return self._wire


class _Socket(asyncio.DatagramProtocol):
    """A UDP socket that hears one address only."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[bytes | OSError] = asyncio.Queue(_WAITING)
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def to(cls, address: str, port: int) -> "_Socket":
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, socket = await loop.create_datagram_endpoint(cls, remote_addr=(address, port))
        socket._transport = transport
        return socket

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._keep(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._keep(exc)

    def send(self, datagram: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram)

    async def receive(self) -> bytes:
        """The next datagram. Raises Silent where the network says that nobody is there."""
        heard = await self._heard.get()
        if isinstance(heard, ConnectionRefusedError):
            raise NotThere(
                Text(
                    "该地址上没有程序监听 SNMP 端口：设备未开启 SNMP，或端口写错",
                    "nothing listens on that port: SNMP is switched off there, or it is another port",
                )
            )
        if isinstance(heard, OSError):
            why = os_reason(heard)
            raise NotThere(Text(f"网络不通：{why.zh}", f"the network gives an error: {why.en}"))
        return heard

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _keep(self, heard: bytes | OSError) -> None:
        if not self._heard.full():
            self._heard.put_nowait(heard)


def _not_increasing(oid: Oid) -> Garbled:
    name = dotted(oid)
    return Garbled(Text(f"{name} 没有排在前一个对象之后", f"{name} does not come after the object before it"))


def _refusal(error: int) -> Text:
    name = _ERRORS.get(error, str(error))
    return Text(f"控制器以错误 {name} 拒绝继续", f"the controller refuses to go on with error {name}")
