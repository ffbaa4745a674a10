"""Messages to people, through Apprise: each address has a thread of its own, and nothing waits for any."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter

from rules.alerts.messages import Message
from runtime import ConfigError, secret

_log = logging.getLogger("rules.alerts")
# A day of an unreachable address at a message a minute; beyond that the oldest is given up, and counted.
_MOST_WAITING = 1440
_BACKOFF_S = (5.0, 15.0, 60.0, 300.0)

# Gives True where the address took the message.
Deliver = Callable[[Message], bool]


class Notifier:
    """Hands every message to every address. Addresses are secrets: they are counted, never shown."""

    def __init__(self, references: Sequence[str], metrics: CollectorRegistry) -> None:
        sent = Counter("rules_alert_messages_sent", "Messages taken by an address", registry=metrics)
        lost = Counter("rules_alert_messages_dropped", "Messages given up", registry=metrics)
        self._channels = [
            Channel(f"alerts.notify[{number}]", deliver, sent=sent, lost=lost)
            for number, deliver in enumerate(map(_address, *_numbered(references)), start=1)
        ]

    def start(self) -> None:
        for channel in self._channels:
            channel.start()

    def send(self, message: Message) -> None:
        for channel in self._channels:
            channel.put(message)

    def stop(self) -> None:
        """What is in hand is tried once more; what still waits then is lost, and said to be."""
        for channel in self._channels:
            channel.stop()


class Channel:
    """One address: a bounded queue and the thread that empties it, in order."""

    def __init__(self, name: str, deliver: Deliver, *, sent: Counter, lost: Counter) -> None:
        self._name = name
        self._deliver = deliver
        self._sent = sent
        self._lost = lost
        self._waiting: deque[Message] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, message: Message) -> None:
        """Never waits: a full queue gives up its oldest message."""
        with self._changed:
            if len(self._waiting) == _MOST_WAITING:
                self._waiting.popleft()
                self._lost.inc()
            self._waiting.append(message)
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        failures = 0
        while True:
            with self._changed:
                if not self._waiting and not self._stopping:
                    self._changed.wait()
                if not self._waiting and self._stopping:
                    return
                message = self._waiting[0]
            if self._deliver(message):
                if failures:
                    _log.info("%s takes messages again", self._name)
                failures = 0
                self._sent.inc()
                self._done(message)
                continue
            if not failures:
                _log.error("%s did not take a message; it is tried again", self._name)
            failures += 1
            if self._give_up(_BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1]):
                return

    def _done(self, message: Message) -> None:
        with self._changed:
            if self._waiting and self._waiting[0] is message:
                self._waiting.popleft()

    def _give_up(self, pause_s: float) -> bool:
        """Wait before the next try; True where the program ends and the rest is lost."""
        with self._changed:
            if not self._stopping:
                self._changed.wait_for(lambda: self._stopping, pause_s)
                return False
            self._lost.inc(len(self._waiting))
            _log.error("%s: %d messages were not sent", self._name, len(self._waiting))
            return True


def _numbered(references: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    return references, [f"alerts.notify[{number}]" for number in range(1, len(references) + 1)]


def _address(reference: str, key: str) -> Deliver:
    url = secret(reference, key=key)
    # Only who sends messages needs Apprise.
    from apprise import Apprise, NotifyFormat, NotifyType

    # Both write addresses, with their secrets, into their logs.
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    target = Apprise()
    if not target.add(url):
        raise ConfigError(f"{key}: the address at {reference} is none that Apprise understands")
    looks = {"info": NotifyType.INFO, "warning": NotifyType.WARNING, "critical": NotifyType.FAILURE}

    def deliver(message: Message) -> bool:
        look = NotifyType.SUCCESS if message.kind == "resolved" else looks[message.severity]
        return bool(
            target.notify(
                body=message.body, title=message.title, notify_type=look, body_format=NotifyFormat.TEXT
            )
        )

    return deliver
