"""Asking an address whether somebody is there: an echo request, or a connection to one of some ports."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge_agent.network.ping import Pings
from runtime.language import Text

Method = Literal["auto", "icmp", "tcp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an address gave. how: by what it answered, None: it is silent. closed: there is no way to it."""

    how: Text | None = None
    closed: Text | None = None


async def ask(
    address: str, *, method: Method, ports: Sequence[int], pings: Pings | None, within_s: float
) -> Heard:
    """Ask one address; a connection that is refused is an answer, too."""
    closed: Text | None = None
    if method != "tcp" and pings is not None and ipaddress.ip_address(address).version == 4:
        try:
            if await pings.answers(address, within_s=within_s):
                return Heard(how=Text("应答 ping", "answers ping"))
        except OSError:
            closed = _NO_WAY
    if method != "icmp" and ports:
        answers = await asyncio.gather(*(_connect(address, port, within_s) for port in ports))
        found = next((answer for answer in answers if answer.how is not None), None)
        if found is not None:
            return found
        closed = next((answer.closed for answer in answers if answer.closed is not None), None)
    return Heard(closed=closed)


_NO_WAY = Text("没有通往它的网络通路", "there is no way to it")


async def _connect(address: str, port: int, within_s: float) -> Heard:
    try:
        async with asyncio.timeout(within_s):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return Heard()
    except ConnectionRefusedError:
        return Heard(how=Text(f"拒绝端口 {port} 的连接，可见在线", f"refuses port {port}, so it is there"))
    except ConnectionResetError:
        return Heard(how=Text(f"端口 {port} 有应答", f"answers at port {port}"))
    except OSError as error:
        # EHOSTUNREACH is what ARP's silence looks like; ENETUNREACH says that no route leads there.
        return Heard(closed=_NO_WAY if error.errno == 101 else None)
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return Heard(how=Text(f"端口 {port} 有应答", f"answers at port {port}"))
