"""An SNMP agent over UDP (RFC 3416), v2c and v3: GET, GETNEXT, GETBULK, and faults on request."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import cast

from firmware_sim import ber, usm
from firmware_sim.ber import Oid, Request
from firmware_sim.chance import chance
from firmware_sim.controllers import Instance, Mib
from firmware_sim.faults import SnmpFaults
from firmware_sim.usm import Security

_TOO_BIG, _GEN_ERR, _NOT_WRITABLE = 1, 5, 17
# RFC 3417 §3.2 recommends 1472 octets at least, an Ethernet frame's worth: no agent of a school sends more.
MAX_DATAGRAM = 1472
_ENVELOPE = 64  # more than version, PDU header and error fields take beside the community
_V3_ENVELOPE = 224  # more than the security parameters of v3 and its scoped PDU take as well
# More than that in flight with a delay on each is a flood: the controller drops what comes on top.
_MAX_DELAYED = 256

# INTEGER and Gauge32; what makers say where a number is not known; what all simulated serial numbers have.
_NUMBERS, _INVALID, _SERIAL = {0x02, 0x42}, 255, b"SIM"

log = logging.getLogger(__name__)


class Agent(asyncio.DatagramProtocol):
    """One controller. `seed` and `school` decide which requests a drop fault hits.

    swapped: what it tells once access points have been swapped; None where there are none.
    """

    def __init__(
        self,
        mib: Mib,
        *,
        swapped: Callable[[], Mib] | None = None,
        community: str,
        school: str,
        seed: int,
        clock: Callable[[], float],
        faults: Callable[[], SnmpFaults],
        security: Security | None = None,
    ) -> None:
        self._plain, self._swapped = mib, swapped
        self._security = security
        self._community = community.encode()
        self._names = (seed, school)
        self._clock = clock
        self._faults = faults
        self._requests = 0
        self._delayed: set[asyncio.TimerHandle] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for handle in self._delayed:
            handle.cancel()
        self._delayed.clear()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        faults = self._faults()
        self._requests += 1
        dropped = chance(*self._names, self._requests, "drop") < faults.drop
        if faults.mute or faults.deny or dropped:
            return
        reply = self.answer(data, faults)
        if reply is None:
            return
        for _ in range(2 if faults.duplicate else 1):
            self._send(reply, addr, faults.delay_ms / 1000)

    def answer(self, datagram: bytes, faults: SnmpFaults) -> bytes | None:
        """The answer to one datagram; None where a real agent keeps silent."""
        try:
            if self._security is not None and usm.is_v3(datagram):
                return self._security.answer(
                    datagram, lambda request: self._pdu(request, faults, _V3_ENVELOPE)
                )
            request = ber.read_request(datagram)
        except ber.BerError as error:
            log.debug("not an SNMP request: %s", error)
            return None
        if request is None or request.community != self._community:
            return None
        pdu = self._pdu(request, faults, _ENVELOPE + len(self._community))
        return None if pdu is None else ber.write_message(request, pdu)

    def _pdu(self, request: Request, faults: SnmpFaults, envelope: int) -> bytes | None:
        """The PDU that answers a request, small enough for a datagram with so many octets around it."""
        number, names = request.request_id, [ber.varbind(oid, ber.NULL) for oid in request.oids]
        try:
            found = self._varbinds(request, faults)
        except _GeneralError as error:
            return ber.write_pdu(number, names, error=_GEN_ERR, index=error.index)
        if found is None:
            if request.pdu != ber.SET:
                return None
            return ber.write_pdu(number, names, error=_NOT_WRITABLE, index=1)
        limit = faults.too_big_above
        if limit is not None and len(found) > limit:
            return ber.write_pdu(number, (), error=_TOO_BIG)
        return self._fit(request, found, MAX_DATAGRAM - envelope)

    def _fit(self, request: Request, found: list[bytes], room: int) -> bytes:
        """A bulk answer is cut to what fits, any other that does not fit is tooBig (RFC 3416 §4.2)."""
        for number, one in enumerate(found):
            room -= len(one)
            if room < 0:
                if request.pdu == ber.GETBULK and number:
                    return ber.write_pdu(request.request_id, found[:number])
                return ber.write_pdu(request.request_id, (), error=_TOO_BIG)
        return ber.write_pdu(request.request_id, found)

    def _varbinds(self, request: Request, faults: SnmpFaults) -> list[bytes] | None:
        mib = self._swapped() if faults.swapped and self._swapped is not None else self._plain
        view = _View(mib, faults, self._clock())
        if request.pdu == ber.GET:
            return [view.get(oid, index) for index, oid in enumerate(request.oids, 1)]
        if request.pdu == ber.GETNEXT:
            return [view.next(oid, index)[1] for index, oid in enumerate(request.oids, 1)]
        if request.pdu == ber.GETBULK:
            return list(self._bulk(view, request))
        return None

    def _bulk(self, view: "_View", request: Request) -> Iterator[bytes]:
        once = min(max(request.first, 0), len(request.oids))
        for index, oid in enumerate(request.oids[:once], 1):
            yield view.next(oid, index)[1]
        reached = list(request.oids[once:])
        ended = [False] * len(reached)
        # What lies beyond a datagram is never sent, so it need not be worked out; 10 octets are the
        # least a variable binding takes.
        for _ in range(min(max(request.second, 0), MAX_DATAGRAM // 10)):
            if all(ended):
                return
            for column, oid in enumerate(reached):
                if ended[column]:
                    yield _end(oid)
                    continue
                found, one = view.next(oid, once + column + 1)
                ended[column] = found is None
                reached[column] = found or oid
                yield one

    def _send(self, reply: bytes, addr: tuple[str, int], delay_s: float) -> None:
        if not delay_s:
            if self._transport:
                self._transport.sendto(reply, addr)
            return
        if len(self._delayed) >= _MAX_DELAYED:
            return

        def later() -> None:
            self._delayed.discard(handle)
            if self._transport:
                self._transport.sendto(reply, addr)

        handle = asyncio.get_running_loop().call_later(delay_s, later)
        self._delayed.add(handle)


class _GeneralError(Exception):
    def __init__(self, index: int) -> None:
        super().__init__(f"variable binding {index}")
        self.index = index


class _View:
    """The controller's objects at one moment, bent by its faults."""

    def __init__(self, mib: Mib, faults: SnmpFaults, time: float) -> None:
        self._mib = mib
        self._faults = faults
        self._time = time

    def get(self, oid: Oid, index: int) -> bytes:
        found = self._mib.find(oid, self._time)
        if found is not None:
            return ber.varbind(oid, self._value(found, index))
        return ber.varbind(oid, ber.NO_SUCH_INSTANCE if self._mib.knows(oid) else ber.NO_SUCH_OBJECT)

    def next(self, oid: Oid, index: int) -> tuple[Oid | None, bytes]:
        """The object behind `oid` and its variable binding; None at the end."""
        found = self._mib.after(oid, self._time)
        if found is not None and self._ends_before(found):
            found = None
        elif found is not None and self._loops_at(found):
            found = self._mib.after(found.of.oid, self._time)
        if found is None:
            return None, _end(oid)
        return found.oid, ber.varbind(found.oid, self._value(found, index))

    def _value(self, found: Instance, index: int) -> bytes:
        if found.of.in_table and found.row == self._faults.gen_err_row:
            raise _GeneralError(index)
        value = found.value(self._time)
        if found.of.in_table and found.row == self._faults.invalid_row and value[0] in _NUMBERS:
            return ber.integer(_INVALID)
        if found.of.in_table and found.row == self._faults.reused_row:
            return _of_another(value)
        return value

    def _ends_before(self, found: Instance) -> bool:
        limit = self._faults.end_after
        return limit is not None and found.of.in_table and found.row >= limit

    def _loops_at(self, found: Instance) -> bool:
        limit = self._faults.loop_row
        return limit is not None and found.of.in_table and found.row >= limit


def _of_another(value: bytes) -> bytes:
    """Where it is a serial number, that of an access point which nobody has."""
    serial = value[2:]
    return ber.octets(serial[:-4] + b"9999") if value[0] == ber.OCTETS and _SERIAL in serial else value


def _end(oid: Oid) -> bytes:
    return ber.varbind(oid, ber.END_OF_MIB_VIEW)
