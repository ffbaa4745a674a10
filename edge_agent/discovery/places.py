"""Which addresses are looked at: those that were named, and no more than can be looked at in minutes."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from runtime.errors import ConfigError
from runtime.hosts import problem_of
from runtime.language import Text

MOST_ADDRESSES = 4096


def addresses(ranges: Sequence[str], hosts: Sequence[str]) -> tuple[str, ...]:
    """Every address once; raises ConfigError."""
    networks = [_network(text) for text in ranges]
    for host in hosts:
        problem = problem_of(host)
        if problem is not None:
            raise ConfigError(f"--host {host!r}: {problem}")
    if sum(network.num_addresses for network in networks) + len(hosts) > MOST_ADDRESSES:
        raise ConfigError(
            Text(
                f"范围过大：合计至多 {MOST_ADDRESSES} 个地址（一个 /20），请缩小 --range",
                f"too wide: at most {MOST_ADDRESSES} addresses in all (a /20); give a smaller --range",
            )
        )
    if not networks and not hosts:
        raise ConfigError(
            Text(
                "须用 --range 或 --host 说明在哪里寻找设备",
                "say with --range or --host where devices are to be looked for",
            )
        )
    found = dict.fromkeys(hosts)
    for network in networks:
        inside = [network.network_address] if network.prefixlen == 32 else network.hosts()
        found |= dict.fromkeys(map(str, inside))
    return tuple(found)


def _network(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise ConfigError(
            Text(
                f"--range {text!r}：应写成 10.1.0.0/24（网段的首地址与掩码位数）",
                f"--range {text!r}: write a network as 10.1.0.0/24, its first address and its mask",
            )
        ) from error
