"""Host names and addresses of devices: how they are written, and where they lead."""

import asyncio
import contextlib
import ipaddress
import socket
import threading

from runtime.language import Text


class Unresolved(Exception):
    """A host name leads to no address. `text` says so."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


_NOT_IN_NAMES = set("\\/:@[]{}<>?#%&=,;\"'`| \t\r\n\0")
_NO_DIGITS = str.maketrans("", "", "0123456789.")


def problem_of(host: str) -> Text | None:
    """What is wrong with a host as someone wrote it; None where it can be one."""
    if is_address(host):
        return None
    name, colon, port = host.rpartition(":")
    if colon and port.isdecimal():
        return Text(
            f"地址里不写端口：host 写 {name}，port 写 {port}",
            f"a host has no port in it: write {name} as the host and {port} as the port",
        )
    # 10.1.0.300, and 10.1 which some systems read as 10.0.0.1.
    if host and not host.translate(_NO_DIGITS):
        return Text("不是 IP 地址", "no IP address")
    if not _can_be_a_name(host):
        return Text("不是主机名", "no host name")
    return None


def is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False


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


def _can_be_a_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return all(0 < len(label) <= 63 and not set(label) & _NOT_IN_NAMES for label in labels)
