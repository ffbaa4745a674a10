"""Host names and addresses, as they are written in settings."""

import contextlib
import ipaddress

from runtime.language import Text

_NOT_IN_NAMES = set("\\/:@[]{}<>?#%&=,;\"'`| \t\r\n\0")
_NO_DIGITS = str.maketrans("", "", "0123456789.")
_LONGEST = 253


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


def _can_be_a_name(host: str) -> bool:
    if not host.isprintable() or set(host) & _NOT_IN_NAMES:
        return False
    try:
        # What a name server is asked: Chinese labels become longer.
        asked = host.removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError:
        return False
    return 0 < len(asked) <= _LONGEST and all(0 < len(label) <= 63 for label in asked.split("."))
