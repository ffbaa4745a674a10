"""SNMP v3 (user, authentication, privacy), through gufo-snmp behind guards.

The library gives no error for genErr and tooBig in a walk (they read as the end of the table), follows an
agent that repeats itself for ever, does not repeat requests, tells little of why it is not let in, and panics
on some damaged answers with what is no Exception. All of that ends here.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gufo.snmp import SnmpAuthError, SnmpError
from gufo.snmp.aio.client import SnmpSession
from gufo.snmp.policer import BasePolicer
from gufo.snmp.user import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)

from edge_agent.hosts import Unresolved, address_of
from edge_agent.snmp.asking import (
    Column,
    Denied,
    Effort,
    Failed,
    Garbled,
    Limits,
    Silent,
    Unknown,
    dotted,
    oid_of,
)
from edge_agent.snmp.ber import Oid, Value
from runtime.errors import os_reason
from runtime.language import Text

T = TypeVar("T")

AUTHENTICATION: Mapping[str, type[BaseAuthKey]] = {
    "md5": Md5Key,
    "sha1": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
PRIVACY: Mapping[str, tuple[type[BasePrivKey], KeyExpansion]] = {
    "des": (DesKey, KeyExpansion.Blumenthal),
    "aes128": (Aes128Key, KeyExpansion.Blumenthal),
    "aes192": (Aes192Key, KeyExpansion.Blumenthal),
    "aes256": (Aes256Key, KeyExpansion.Blumenthal),
    # Reeder's way to make longer keys, as Cisco and others do.
    "aes192-cisco": (Aes192Key, KeyExpansion.Cisco),
    "aes256-cisco": (Aes256Key, KeyExpansion.Cisco),
}
_NOBODY = "no-such-user"
_SYS_UPTIME = "1.3.6.1.2.1.1.3.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTarget:
    """An agent, as whom to ask it, and how patiently."""

    host: str
    port: int
    timeout_s: float
    retries: int
    user: str
    auth: str | None = None
    auth_key: str | None = field(default=None, repr=False)
    priv: str | None = None
    priv_key: str | None = field(default=None, repr=False)


class V3:
    """Asks one agent during one round."""

    def __init__(self, target: UserTarget, *, most: int) -> None:
        self.effort = Effort()
        self._target = target
        self._most = most
        self.limits = Limits()
        self._session: SnmpSession | None = None
        self._answered = False

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """The scalars that the agent shows to this user. Raises Failed."""
        names = [dotted(oid) for oid in oids]
        found: dict[Oid, Value] = {}
        for at in range(0, len(names), self._most):
            part = names[at : at + self._most]

            async def ask(session: SnmpSession, part: list[str] = part) -> dict[str, object]:
                return dict(await session.get_many(part))

            told = await self._patiently(ask)
            found |= {oid_of(name): _value(value) for name, value in told.items() if value is not None}
        return found

    async def read(self, columns: Mapping[Oid, Column]) -> None:
        """Fill `columns`, one after the other. Raises Failed; what was read stays.

        An answer that is too big looks like the end: a column that is empty, or shorter than another one of
        its table, is read again with fewer rows at a time.
        """
        for oid, column in columns.items():
            need = max((len(held.rows) for name, held in columns.items() if name[:-1] == oid[:-1]), default=0)
            for repetitions in (self._most, max(1, self._most // 4), 1):
                again = Column()
                try:
                    await self._read_one(oid, again, repetitions)
                finally:
                    column.rows = max(column.rows, again.rows, key=len)
                if column.rows and len(column.rows) >= need:
                    break
            column.ended = True

    def close(self) -> None:
        self._session = None

    async def _read_one(self, oid: Oid, column: Column, repetitions: int) -> None:
        answers: AsyncIterator[tuple[str, object]] | None = None
        of: SnmpSession | None = None
        here = oid  # how far this session has come

        async def following(session: SnmpSession) -> tuple[str, object] | None:
            nonlocal answers, of, here
            if answers is None or of is not session:
                answers, of, here = session.getbulk(dotted(oid), repetitions).__aiter__(), session, oid
            # The same iterator asks again from where it stands, with a request number of its own.
            with contextlib.suppress(StopAsyncIteration):
                return await answers.__anext__()
            return None

        last = oid
        while (found := await self._patiently(following)) is not None:
            name = oid_of(found[0])
            if name[: len(oid)] != oid or name <= here:
                raise Garbled(
                    Text(
                        f"{found[0]} 没有排在前一个对象之后",
                        f"{found[0]} does not come after the object before it",
                    )
                )
            here = name
            if name <= last:
                continue  # after a restart of the agent a new session begins anew
            last = name
            self.limits.put(oid, column, name[len(oid) :], _value(found[1]))

    async def _patiently(self, ask: Callable[[SnmpSession], Awaitable[T]]) -> T:
        """Ask, and ask again after a silence. An agent that has restarted denies the first question once."""
        denied = silent = 0
        while True:
            try:
                return await self._guarded(ask)
            except Denied:
                denied += 1
                if denied > 1:
                    raise
                self._session = None
            except Silent:
                silent += 1
                if silent > self._target.retries:
                    self._session = None
                    if not self._answered:
                        await self._tell_why_it_is_silent()
                    raise
                if silent == self._target.retries:
                    # One that has restarted does not answer what belongs to its life before.
                    self._session = None
            self.effort.retries += 1

    async def _guarded(self, ask: Callable[[SnmpSession], Awaitable[T]]) -> T:
        """Ask once; whatever comes of it is an answer or Failed."""
        try:
            found = await ask(await self._open())
            self._answered = True
            return found
        except (Failed, StopAsyncIteration):
            raise
        except TimeoutError as error:
            raise Silent(Text("没有答复：设备关机或不通", "no answer: it is down or out of reach")) from error
        except SnmpAuthError as error:
            raise Denied(
                Text(
                    "SNMP v3 拒绝登录：用户名、认证口令、认证算法或安全级别不对（设备不说是哪一项）",
                    "SNMP v3 does not let us in: user, authentication key, algorithm or level (it does not"
                    " tell which)",
                )
            ) from error
        except (SnmpError, ValueError) as error:
            raise Garbled(Text("无法读懂答复", f"cannot read the answer: {error}")) from error
        except OSError as error:
            why = os_reason(error)
            raise Silent(Text(f"网络不通：{why.zh}", f"no way to it: {why.en}")) from error
        except BaseException as error:
            # A panic of the library on bytes that it did not expect; anything else is none of ours.
            if type(error).__name__ != "PanicException":
                raise
            self._session = None
            raise Garbled(Text("无法读懂答复", "cannot read the answer")) from error

    async def _tell_why_it_is_silent(self) -> None:
        """An agent does not answer what it cannot decrypt. One that turns a stranger away is there."""
        if self._target.priv is None:
            return
        address = await self._address()
        session = SnmpSession(
            address,
            self._target.port,
            user=User(_NOBODY),
            timeout=self._target.timeout_s,
            policer=_Count(self.effort),
        )
        try:
            await session.refresh()
            await session.get(_SYS_UPTIME)
        except SnmpAuthError as error:
            raise Denied(
                Text(
                    "设备在线，但 SNMP v3 的加密口令或加密算法不对",
                    "it is there, but the privacy key or algorithm of SNMP v3 is wrong",
                )
            ) from error
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise

    async def _open(self) -> SnmpSession:
        if self._session is None:
            session = SnmpSession(
                await self._address(),
                self._target.port,
                user=_user(self._target),
                timeout=self._target.timeout_s,
                policer=_Count(self.effort),
            )
            await session.refresh()
            self._session = session
        return self._session

    async def _address(self) -> str:
        try:
            return await address_of(self._target.host, within_s=self._target.timeout_s)
        except Unresolved as error:
            raise Unknown(error.text) from error


class _Count(BasePolicer):
    """gufo asks its policer before every request; this one only counts."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort

    def get_timeout(self, ts: int) -> int | None:
        self._effort.requests += 1
        return None


def _user(target: UserTarget) -> User:
    auth = AUTHENTICATION[target.auth](target.auth_key.encode()) if target.auth and target.auth_key else None
    if not target.priv or not target.priv_key:
        return User(target.user, auth_key=auth)
    kind, expansion = PRIVACY[target.priv]
    return User(target.user, auth_key=auth, priv_key=kind(target.priv_key.encode()), key_expansion=expansion)


def _value(value: object) -> Value:
    """gufo gives an OBJECT IDENTIFIER and an IpAddress as text."""
    if isinstance(value, str):
        try:
            return oid_of(value)
        except ValueError:
            return value.encode()
    return value if isinstance(value, int | bytes) else None
