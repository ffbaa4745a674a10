"""Messages to people, through Apprise: each address has a thread of its own, and nothing waits for any."""

import logging
import re
from collections.abc import Sequence
from contextvars import ContextVar

from prometheus_client import CollectorRegistry, Counter

from rules.alerts.channel import Channel, Counters, Deliver, Delivery, delivery
from rules.alerts.notices import Notice
from runtime import ConfigError, secret
from runtime.language import Language, Text
from runtime.language import language as program_language

# How every HTTP service of Apprise ends the line in which it says that it failed; a bool is all it returns.
_HTTP_STATUS = re.compile(r"\berror=(\d{3})\b")
# Of the message that is being delivered. Apprise has threads of its own, and takes the context along.
_heard: ContextVar[list[int]] = ContextVar("heard")


class Notifier:
    """Hands every message to every address, in one language; None: the program's own.

    Addresses are secrets: they are counted, never shown.
    """

    def __init__(
        self, references: Sequence[str], metrics: CollectorRegistry, language: Language | None = None
    ) -> None:
        counters = Counters(
            sent=Counter("rules_alert_messages_sent", "Messages taken by an address", registry=metrics),
            refused=Counter(
                "rules_alert_messages_refused", "Messages that an address refused for good", registry=metrics
            ),
            lost=Counter("rules_alert_messages_dropped", "Messages given up", registry=metrics),
        )
        keys = [f"alerts.notify[{number}]" for number in range(1, len(references) + 1)]
        self._channels = [
            Channel(key, _address(reference, key, language or program_language()), counters)
            for reference, key in zip(references, keys, strict=True)
        ]

    def start(self) -> None:
        for channel in self._channels:
            channel.start()

    def send(self, notice: Notice) -> None:
        for channel in self._channels:
            channel.put(notice)

    def stop(self) -> None:
        """What is in hand is tried once more; what still waits then is lost, and said to be."""
        for channel in self._channels:
            channel.stop()


class _HttpStatuses(logging.Handler):
    """Listens to what Apprise says of the message in hand; nothing of it is written, it names addresses."""

    def emit(self, record: logging.LogRecord) -> None:
        if found := _HTTP_STATUS.search(record.getMessage()):
            _heard.get([]).append(int(found[1]))


_LISTENER = _HttpStatuses()


def _address(reference: str, key: str, language: Language) -> Deliver:
    url = secret(reference, key=key)
    # Only who sends messages needs Apprise.
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    # Both write addresses, with their secrets, into their logs.
    said = logging.getLogger("apprise")
    said.propagate = False
    said.setLevel(logging.WARNING)
    said.addHandler(_LISTENER)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)
    target = Apprise(asset=AppriseAsset(async_mode=False))
    if not target.add(url):
        raise ConfigError(
            Text(
                f"{key}: {reference} 处的地址不是 Apprise 能识别的地址",
                f"{key}: the address at {reference} is none that Apprise understands",
            )
        )
    looks = {"info": NotifyType.INFO, "warning": NotifyType.WARNING, "critical": NotifyType.FAILURE}

    def deliver(notice: Notice) -> Delivery:
        look = NotifyType.SUCCESS if notice.kind == "resolved" else looks[notice.severity]
        heard: list[int] = []
        _heard.set(heard)
        taken = target.notify(
            body=notice.body.of(language),
            title=notice.title.of(language),
            notify_type=look,
            body_format=NotifyFormat.TEXT,
        )
        return delivery(bool(taken), heard[-1] if heard else None)

    return deliver
