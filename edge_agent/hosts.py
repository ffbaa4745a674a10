"""Where host names of devices and brokers lead."""

import asyncio
import contextlib
import socket
import threading

from runtime.hosts import is_address
from runtime.language import Text


class Unresolved(Exception):
    """A host name leads to no address. `text` says so."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


async def address_of(host: str, *, within_s: float) -> str:
    """The address of `host`; raises Unresolved.

    An address needs nobody's help, and a name server that is away delays nothing but its own question:
    each name has a thread of its own, for which nobody else waits, neither the end of the program.
    """
    if is_address(host):
        return host
    try:
        async with asyncio.timeout(within_s):
            return await _looked_up(host)
    except (OSError, UnicodeError) as error:  # TimeoutError is one of the former
        away = isinstance(error, TimeoutError) or getattr(error, "errno", None) == socket.EAI_AGAIN
        raise Unresolved(_away(host) if away else _leads_nowhere(host)) from error


def _away(host: str) -> Text:
    return Text(
        f"主机名 {host} 没有解析结果：域名服务器不通，或主机名写错；请核对配置中的 host，可改写 IP 地址",
        f"no address for the host name {host}: the name server is away, or the name is wrong; check host in"
        " the configuration, an IP address would do",
    )


def _leads_nowhere(host: str) -> Text:
    return Text(
        f"主机名 {host} 不存在：请核对配置中的 host，或改写 IP 地址",
        f"there is no host name {host}: check host in the configuration, or write an IP address",
    )


Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Future[str]"]
_waiting: dict[str, list[Waiting]] = {}
_lock = threading.Lock()


def _looked_up(host: str) -> asyncio.Future[str]:
    """What the name server says; whoever asks about a host that it is being asked about shares the answer."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()
    with _lock:
        first = host not in _waiting
        _waiting.setdefault(host, []).append((loop, answer))
    if first:
        threading.Thread(target=_look_up, args=(host,), name=f"look up {host}", daemon=True).start()
    return answer


def _look_up(host: str) -> None:
    found: str | Exception
    try:
        found = str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        found = error
    with _lock:
        waiting = _waiting.pop(host)
    for loop, answer in waiting:
        with contextlib.suppress(RuntimeError):  # that loop has ended meanwhile
            loop.call_soon_threadsafe(_tell, answer, found)


def _tell(answer: asyncio.Future[str], found: str | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, str):
        answer.set_result(found)
    else:
        answer.set_exception(found)
