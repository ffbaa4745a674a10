"""Whether what is sent is taken: the broker says what it refuses (MQTT 5), ingest confirms what is stored.

A gateway must not go on as if nothing were where neither happens.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiomqtt

from edge_agent.changes import Changes

# So long sent batches may stay unconfirmed before it is said.
SILENT_S = 60.0


# Who may not come in at all: MQTT 5's two reasons, and the two of 3.1.1.
_TURNED_AWAY = {134, 135, 4, 5}
_TLS_REASONS = {
    "CERTIFICATE_REVOKED": "the broker says that our certificate was revoked: ask the bureau for a new code",
    "CERTIFICATE_EXPIRED": "the broker says that our certificate has ended: is the enrolment service away?",
    "UNKNOWN_CA": "the broker does not know our certificate's authority: enrol this gateway anew",
}


class Heard(logging.Filter):
    """What the client library says in its log, kept for the line that tells why there is no connection."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""
        self.logger = logging.Logger("edge_agent.mqtt", logging.WARNING)
        self.logger.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        self.last = record.getMessage()
        return False


class Answering:
    """What became of what was sent since the last confirmation. `refused`: why the broker takes nothing."""

    def __init__(self, said: Changes, *, question: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`question` is what to look at where the broker refuses."""
        self._said = said
        self._question = question
        self._sent = 0
        self._clock = clock
        self._first_sent_s = 0.0
        self._silence: str | None = None
        self.refused: str | None = None
        self.heard = Heard()

    def reason(self, error: Exception) -> str:
        """Why there is no connection, as far as it can be told; who is turned away is refused."""
        heard, self.heard.last = self.heard.last, ""
        code = getattr(error, "rc", None)
        if getattr(code, "value", code) in _TURNED_AWAY:
            self.refused = f"the broker does not let this gateway in ({code}): {self._question}"
            return self.refused
        for mark, text in _TLS_REASONS.items():
            if mark in heard:
                self.refused = text
                return text
        return f"{error} ({heard})" if heard else str(error)

    def watch(self, client: aiomqtt.Client) -> None:
        """Note every message that the broker refuses; aiomqtt hands on only that there was an answer."""
        paho = client._client
        inner: Any = paho.on_publish

        def on_publish(sender: Any, data: Any, mid: int, reason: Any, properties: Any) -> None:
            if reason.is_failure:
                self._refuse(str(reason))
            inner(sender, data, mid, reason, properties)

        paho.on_publish = on_publish

    def subscribed(self, codes: Sequence[Any]) -> None:
        """The broker's answer to the subscription to acknowledgements; raises MqttError where it refuses.

        Without it nothing can be confirmed, so it is asked again, as for a gateway that was just enrolled.
        """
        refused = [code for code in codes if _is_failure(code)]
        if refused:
            self._refuse(str(refused[0]))
            raise aiomqtt.MqttError(f"subscription refused: {refused[0]}")
        self._take()

    @staticmethod
    def declined(codes: Sequence[Any]) -> bool:
        """Whether the broker refuses a subscription that is worth a word, and no more."""
        return any(_is_failure(code) for code in codes)

    def sent(self, batches: int) -> None:
        if not self._sent:
            self._first_sent_s = self._clock()
        self._sent += batches

    def confirmed(self) -> None:
        """Ingest has answered."""
        self._sent, self._silence = 0, None
        self._take()
        self._said.well("answers", "batches are confirmed again")

    @property
    def silence(self) -> str | None:
        """That batches are sent and none is confirmed, once that is said; None while all is well."""
        return self._silence

    def look(self) -> None:
        """Say that nothing is confirmed, once as long as it lasts."""
        if self._sent and self._clock() - self._first_sent_s > SILENT_S:
            self._silence = self._silence or f"{self._sent} batches sent for a minute, none was confirmed"
            self._said.trouble("answers", self._silence)

    def _refuse(self, reason: str) -> None:
        self.refused = f"the broker refuses what this gateway sends ({reason}): {self._question}"
        self._said.trouble("rights", self.refused)

    def _take(self) -> None:
        self.refused = None
        self._said.well("rights")


def _is_failure(code: Any) -> bool:
    """MQTT 3.1.1 has numbers, MQTT 5 reasons that know."""
    return code >= 0x80 if isinstance(code, int) else bool(code.is_failure)
