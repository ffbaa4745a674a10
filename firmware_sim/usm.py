"""SNMP v3's user-based security (RFC 3414, RFC 7860, RFC 3826), as an agent: SHA-256 and AES-128.

An agent answers what it does not let in with a report that says why, and what it cannot decrypt with silence.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from firmware_sim import aes
from firmware_sim.ber import (
    OCTETS,
    REPORT,
    SEQUENCE,
    V3,
    BerError,
    Request,
    counter32,
    expect,
    integer,
    octets,
    read_integer,
    read_pdu,
    tlv,
    varbind,
    write_pdu,
)

# msgFlags.
_AUTHENTICATED, _ENCRYPTED, _REPORTABLE = 1, 2, 4
_USM = 3
_MAX_SIZE = 65_507
# RFC 3414 §3.2: a message is taken for so many seconds around its time.
_WINDOW_S = 150
# RFC 7860 §4.2.1: usmHMAC192SHA256AuthProtocol keeps 24 octets.
_DIGEST = 24
_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_LEVEL, _TIME, _USER, _ENGINE, _WRONG_DIGEST = range(1, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who may ask: authenticated with SHA-256, encrypted with AES-128."""

    name: str
    auth_key: str
    priv_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A message as it came; `whole` is all of it with zeros where its digest stood."""

    number: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    digest: bytes
    salt: bytes
    data: bytes
    whole: bytes


class Security:
    """One agent's engine, with one user. `uptime` gives the seconds since its last boot, and its boots."""

    def __init__(self, user: User, *, engine: bytes, uptime: Callable[[], tuple[int, int]]) -> None:
        self._user = user
        self._engine = engine
        self._uptime = uptime
        self._salt = 0

    @cached_property
    def _auth(self) -> bytes:
        return _localised(self._user.auth_key, self._engine)

    @cached_property
    def _priv(self) -> bytes:
        return _localised(self._user.priv_key, self._engine)[:16]

    def answer(self, datagram: bytes, answer: Callable[[Request], bytes | None]) -> bytes | None:
        """What is sent back; `answer` gives the PDU that answers a request. Raises BerError."""
        message = _read(datagram)
        seconds, boots = self._uptime()
        wrong = self._refused(message, seconds, boots)
        if wrong is not None:
            if not message.flags & _REPORTABLE:
                return None
            value = varbind((*_STATS, wrong, 0), counter32(1))
            # Who comes at the wrong time learns the right one, and can trust it.
            return self._write(
                message, write_pdu(0, [value], kind=REPORT), _AUTHENTICATED if wrong == _TIME else 0
            )
        try:
            request = read_pdu(_scoped(self._decrypted(message)))
        except BerError:
            return None
        pdu = answer(request)
        return None if pdu is None else self._write(message, pdu, _AUTHENTICATED | _ENCRYPTED)

    def _refused(self, message: _Message, seconds: int, boots: int) -> int | None:
        if message.engine != self._engine:
            return _ENGINE
        if message.user != self._user.name.encode():
            return _USER
        if message.flags & (_AUTHENTICATED | _ENCRYPTED) != _AUTHENTICATED | _ENCRYPTED:
            return _LEVEL
        if not hmac.compare_digest(message.digest, _digest(self._auth, message.whole)):
            return _WRONG_DIGEST
        in_time = message.boots == boots and abs(message.time - seconds) <= _WINDOW_S
        return None if in_time else _TIME

    def _decrypted(self, message: _Message) -> bytes:
        text, rest = expect(OCTETS, message.data)
        if rest or len(message.salt) != 8:
            raise BerError("an encrypted PDU is no octet string")
        return aes.decrypt(self._priv, _start(message.boots, message.time, message.salt), text)

    def _write(self, asked: _Message, pdu: bytes, flags: int) -> bytes:
        seconds, boots = self._uptime()
        scoped = tlv(SEQUENCE, octets(self._engine) + octets(b"") + pdu)
        salt = b""
        if flags & _ENCRYPTED:
            self._salt += 1
            salt = self._salt.to_bytes(8)
            scoped = octets(aes.encrypt(self._priv, _start(boots, seconds, salt), scoped))

        def message(digest: bytes) -> bytes:
            head = integer(asked.number) + integer(_MAX_SIZE) + octets(bytes((flags,))) + integer(_USM)
            user = asked.user if flags & _AUTHENTICATED else b""
            parameters = octets(self._engine) + integer(boots) + integer(seconds) + octets(user)
            security = tlv(SEQUENCE, parameters + octets(digest) + octets(salt))
            return tlv(SEQUENCE, integer(V3) + tlv(SEQUENCE, head) + octets(security) + scoped)

        if not flags & _AUTHENTICATED:
            return message(b"")
        return message(_digest(self._auth, message(bytes(_DIGEST))))


def is_v3(datagram: bytes) -> bool:
    """Whether a datagram is a message of SNMP v3. Raises BerError."""
    message, _ = expect(SEQUENCE, datagram)
    return read_integer(message)[0] == V3


def _read(datagram: bytes) -> _Message:
    message, _ = expect(SEQUENCE, datagram)
    _, message = read_integer(message)
    head, message = expect(SEQUENCE, message)
    security, data = expect(OCTETS, message)
    number, head = read_integer(head)
    _, head = read_integer(head)
    flags, head = expect(OCTETS, head)
    model, _ = read_integer(head)
    if len(flags) != 1 or model != _USM:
        raise BerError("flags or security model cannot be read")
    parameters, _ = expect(SEQUENCE, security)
    engine, parameters = expect(OCTETS, parameters)
    boots, parameters = read_integer(parameters)
    time, parameters = read_integer(parameters)
    user, parameters = expect(OCTETS, parameters)
    digest, parameters = expect(OCTETS, parameters)
    salt, _ = expect(OCTETS, parameters)
    # The digest is over the message with zeros in its place, which is near the end of what precedes the data.
    place = datagram.rfind(digest, 0, len(datagram) - len(data)) if digest else 0
    whole = datagram[:place] + bytes(len(digest)) + datagram[place + len(digest) :]
    return _Message(
        number=number,
        flags=flags[0],
        engine=engine,
        boots=boots,
        time=time,
        user=user,
        digest=digest,
        salt=salt,
        data=data,
        whole=whole,
    )


def _scoped(data: bytes) -> bytes:
    """The PDU of a scoped PDU; what follows it is filling."""
    scoped, _ = expect(SEQUENCE, data)
    _, scoped = expect(OCTETS, scoped)
    _, scoped = expect(OCTETS, scoped)
    return scoped


def _localised(password: str, engine: bytes) -> bytes:
    """RFC 3414 §A.2: a megabyte of the password, and that again around the engine's name."""
    word = password.encode()
    repeated = word * (2**20 // len(word) + 1)
    key = hashlib.sha256(repeated[: 2**20]).digest()
    return hashlib.sha256(key + engine + key).digest()


def _digest(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")[:_DIGEST]


def _start(boots: int, time: int, salt: bytes) -> bytes:
    """RFC 3826 §3.1.2.1."""
    return boots.to_bytes(4) + time.to_bytes(4) + salt
