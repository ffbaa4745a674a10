"""Grafana's contact points from the same addresses as ours: what Apprise writes, as Grafana takes it.

An address is a secret. A file of these is made where Grafana runs and is never committed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

from runtime.language import Text

JSON = dict[str, Any]
_NAME = "campus"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address as Grafana takes it."""

    type: str
    settings: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """What can be told through Grafana, and what cannot, by its place among the addresses."""

    receivers: tuple[Receiver, ...]
    refused: tuple[tuple[int, Text], ...]


def contacts_of(addresses: Iterable[str]) -> Contacts:
    found: list[Receiver] = []
    refused: list[tuple[int, Text]] = []
    for number, address in enumerate(addresses, 1):
        receiver = _receiver(address)
        if isinstance(receiver, Receiver):
            found.append(receiver)
        else:
            refused.append((number, receiver))
    return Contacts(receivers=tuple(found), refused=tuple(refused))


def contact_points(receivers: Iterable[Receiver]) -> JSON:
    """One contact point with every receiver, and a policy that sends everything there."""
    return {
        "apiVersion": 1,
        "contactPoints": [
            {
                "orgId": 1,
                "name": _NAME,
                "receivers": [
                    {"uid": f"{_NAME}-{number}", "type": receiver.type, "settings": receiver.settings}
                    for number, receiver in enumerate(receivers, 1)
                ],
            }
        ],
        "policies": [{"orgId": 1, "receiver": _NAME, "group_by": ["grafana_folder", "alertname"]}],
    }


def _receiver(address: str) -> Receiver | Text:
    if "$" in address:
        return Text(
            "地址中有 $，Grafana 会把它当作环境变量", "it holds a $, which Grafana takes for a variable"
        )
    parts = urlsplit(address)
    read = _SCHEMES.get(parts.scheme)
    if read is None:
        return Text(
            f"Grafana 没有 {parts.scheme}:// 这种联系方式，仍由 campus rules watch 发送",
            f"Grafana has nothing for {parts.scheme}://; campus rules watch goes on telling it",
        )
    return read(parts)


def _wecom(parts: SplitResult) -> Receiver | Text:
    return Receiver("wecom", {"url": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={parts.netloc}"})


def _dingtalk(parts: SplitResult) -> Receiver | Text:
    if parts.username:
        return Text("Grafana 不会为钉钉消息加签", "Grafana cannot sign messages for DingTalk")
    url = f"https://oapi.dingtalk.com/robot/send?access_token={parts.netloc}"
    return Receiver("dingding", {"url": url, "msgType": "link"})


def _mail(parts: SplitResult) -> Receiver | Text:
    """Grafana's own mail server sends it (its SMTP settings); only who gets it is taken from here."""
    named = parse_qs(parts.query).get("to", [])
    targets = [unquote(target) for target in parts.path.split("/") if "@" in unquote(target)]
    own = [f"{unquote(parts.username)}@{parts.hostname}"] if parts.username else []
    to = [target for several in named for target in several.split(",")] or targets or own
    if not to:
        return Text("地址中没有收件人", "it names nobody to write to")
    return Receiver("email", {"addresses": ";".join(to), "singleEmail": True})


def _hook(scheme: str) -> Callable[[SplitResult], Receiver | Text]:
    def read(parts: SplitResult) -> Receiver | Text:
        url = urlunsplit((scheme, parts.netloc, parts.path, parts.query, ""))
        return Receiver("webhook", {"url": url, "httpMethod": "POST"})

    return read


_SCHEMES: dict[str, Callable[[SplitResult], Receiver | Text]] = {
    "wecombot": _wecom,
    "dingtalk": _dingtalk,
    "mailto": _mail,
    "mailtos": _mail,
    "json": _hook("http"),
    "jsons": _hook("https"),
}
