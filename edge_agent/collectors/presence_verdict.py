"""Whether a device is on, from what was heard of it: the decision alone, with its reason."""

from dataclasses import dataclass
from typing import Literal

from contract.readings import Evidence
from edge_agent.collectors.switch_tables import Link
from runtime.language import Text

NoLink = Literal["unknown", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a round found out about one device."""

    answered: Text | None = None
    """How it answered, by its own network card or where no card can be told."""
    stranger: bool = False
    """Whether another network card answers at its address."""
    neighbour: bool = False
    """Whether its network card answered the question who has its address, and nothing else."""
    port: str | None = None
    """The switch port at which it is heard now."""
    home: str | None = None
    """The switch port at which it was heard last."""
    link: Link | None = None
    """The state of that port now; None where the switch tells none."""
    home_silent: bool = False
    """Whether the switch of that port does not answer."""
    home_partial: bool = False
    """Whether that switch's tables were not read to the end: the device may be heard at it all the same."""
    closed: Text | None = None
    """Why the gateway has no way to it."""
    via_silent: str = ""
    """The host on the way to it that does not answer."""
    searched: bool = False
    """Whether every place was looked into where it could have gone."""
    asked: bool = True
    """Whether there was an address to ask, or a whole table that would have it."""
    known: bool = True
    """Whether it ever was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """on None: unknown."""

    on: bool | None
    seen: bool
    evidence: Evidence | None
    why: Text


def judge(signs: Signs, *, no_link: NoLink) -> Verdict:
    """What was heard proves presence; silence proves absence only where it would have been heard."""
    seen = _seen(signs)
    if seen is not None:
        return seen
    unknown = _unknown(signs, no_link)
    if unknown is not None:
        return Verdict(on=None, seen=False, evidence=None, why=unknown)
    if signs.link == "down":
        why = Text(f"交换机端口 {signs.home} 无链路", f"no link at the switch port {signs.home}")
    else:
        why = Text("无应答，而通路正常", "no answer, and the way to it is open")
    return Verdict(on=False, seen=False, evidence="silence", why=why)


def _seen(signs: Signs) -> Verdict | None:
    if signs.answered is not None:
        return Verdict(on=True, seen=True, evidence="network", why=signs.answered)
    if signs.neighbour:
        why = Text("只应答 ARP（可能有防火墙）", "answers ARP only (perhaps a firewall)")
        return Verdict(on=True, seen=True, evidence="neighbour", why=why)
    if signs.port is not None:
        why = Text(f"交换机端口 {signs.port} 上听到它", f"heard at the switch port {signs.port}")
        return Verdict(on=True, seen=True, evidence="switch", why=why)
    return None


def _unknown(signs: Signs, no_link: NoLink) -> Text | None:
    """Why nothing can be concluded from silence; None where it can."""
    if signs.closed is not None:
        return signs.closed
    if signs.via_silent:
        return Text(
            f"途中的设备 {signs.via_silent} 不应答", f"{signs.via_silent}, which is on the way, is silent"
        )
    if signs.home_silent:
        return Text(f"所在交换机（{signs.home}）不应答", f"its switch ({signs.home}) is silent")
    if signs.link == "disabled":
        return Text(f"交换机端口 {signs.home} 被关闭", f"its switch port {signs.home} is disabled")
    if signs.link == "untold":
        return Text(
            f"交换机没有说明端口 {signs.home} 有无链路",
            f"the switch does not say whether its port {signs.home} has a link",
        )
    if signs.link == "down" and no_link == "unknown":
        return Text(
            f"交换机端口 {signs.home} 无链路：断电或网线脱落",
            f"no link at its switch port {signs.home}: without power, or unplugged",
        )
    if signs.home_partial and signs.link != "down":
        return Text(
            f"所在交换机（{signs.home}）的表没有读完",
            f"the tables of its switch ({signs.home}) were not read to the end",
        )
    if not signs.asked:
        return Text("不知它的地址", "its address is not known")
    if signs.stranger and not signs.searched:
        return Text(
            "其地址上应答的是另一块网卡：地址已变，或设备已更换（请核对 mac）",
            "another network card answers at its address: it has moved, or was replaced (check its mac)",
        )
    if not signs.known:
        return Text(
            "从未应答：地址写错，或防火墙不放行", "has never answered: a wrong address, or a firewall"
        )
    return None
