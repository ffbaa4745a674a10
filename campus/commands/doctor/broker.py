"""The broker as a program meets it: logged in, subscribed and speaking, with the broker's own reasons.

Speaking is proven with empty messages that nobody keeps: they hold nothing, and ingest passes them over.
"""

import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import Client, ConnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from campus.commands.doctor.finding import BROKER, Finding
from runtime import BrokerSettings
from runtime.errors import os_reason
from runtime.language import Text

_WAIT_S = 10.0


@dataclass(kw_only=True)
class Rights:
    """What a program has to be allowed: whom it hears, and where it speaks."""

    client_id: str
    hears: Sequence[str]
    speaks: Sequence[str]
    tls: ssl.SSLContext | None = None


def login(broker: BrokerSettings, rights: Rights) -> list[Finding]:
    """Whether this broker lets the program in, hear and speak. Raises ConfigError for a wrong secret."""
    with_password = broker.read_password()
    trial = _Trial()
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=rights.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        # What is given to us meanwhile is not ours: unacknowledged, it goes to another or is sent again.
        manual_ack=True,
    )
    if broker.username:
        client.username_pw_set(broker.username, with_password)
    if rights.tls is not None:
        client.tls_set_context(rights.tls)
    trial.watch(client)
    limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it so
    limits.ReceiveMaximum = 1
    try:
        client.connect(broker.host, broker.port, broker.keepalive_s, clean_start=True, properties=limits)
    except OSError as error:
        return [_failed(f"{broker.url}: {_why(error)}", _REACH)]
    client.loop_start()
    try:
        return _tried(client, trial, broker, rights)
    finally:
        client.disconnect()
        client.loop_stop()


_REACH = Text(
    "它在运行吗？地址、端口和 ca_file 对吗？", "is it running, and are address, port and ca_file right?"
)
_WHO = Text("请核对 username、password 或证书", "check username and password, or the certificate")


def _tried(client: Client, trial: "_Trial", broker: BrokerSettings, rights: Rights) -> list[Finding]:
    if not trial.connected.wait(_WAIT_S):
        return [_failed(Text(f"{broker.url} 不答复", f"{broker.url} does not answer"), _REACH)]
    if trial.refused:
        return [_failed(f"{broker.url}: {trial.refused}", _WHO)]
    who = broker.username or rights.client_id
    found = [Finding(BROKER, "ok", Text(f"{broker.url}：{who} 已登录", f"{broker.url}: {who} is let in"))]
    may = Text(f"用户 {who} 有此权限吗？", f"is user {who} allowed to?")
    for topic in rights.hears:
        reason = trial.subscribe(client, topic)
        found.append(_right(Text("接收", "hear"), topic, reason, may))
    for topic in rights.speaks:
        reason = trial.speak(client, topic)
        found.append(_right(Text("发送", "speak"), topic, reason, may))
    return found


def _right(verb: Text, topic: str, reason: str | None, may: Text) -> Finding:
    what = Text(f"{BROKER.zh}：{verb.zh}", f"{BROKER.en}: {verb.en}")
    if reason is None:
        return Finding(what, "ok", topic)
    return Finding(what, "failed", f"{topic}: {reason}", may)


def _failed(detail: Text | str, remedy: Text) -> Finding:
    return Finding(BROKER, "failed", detail, remedy)


def _why(error: OSError) -> Text | str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Text(
            f"不信任其证书：{error.verify_message}", f"its certificate is not trusted: {error.verify_message}"
        )
    return str(error) if isinstance(error, ssl.SSLError) else os_reason(error)


@dataclass
class _Trial:
    """What the broker answered; paho's thread writes, the examination waits."""

    connected: threading.Event = field(default_factory=threading.Event)
    refused: str = ""
    answered: threading.Event = field(default_factory=threading.Event)
    reason: Any = None

    def watch(self, client: Client) -> None:
        def on_connect(_client: Client, _data: Any, _flags: ConnectFlags, code: Any, _props: Any) -> None:
            self.refused = str(code) if code.is_failure else ""
            self.connected.set()

        def on_subscribe(_client: Client, _data: Any, _mid: int, codes: list[Any], _props: Any) -> None:
            self._answer(codes[0])

        def on_publish(_client: Client, _data: Any, _mid: int, code: Any, _props: Any) -> None:
            self._answer(code)

        def on_disconnect(_client: Client, _data: Any, _flags: Any, code: Any, _props: Any) -> None:
            self.refused = self.refused or str(code)
            self.connected.set()
            self._answer(code)

        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        client.on_subscribe, client.on_publish = on_subscribe, on_publish

    def subscribe(self, client: Client, topic: str) -> str | None:
        """Why it is refused, None where it is not."""
        self._ask()
        client.subscribe(topic, 1)
        return self._reason()

    def speak(self, client: Client, topic: str) -> str | None:
        """The same for a message that holds nothing."""
        self._ask()
        client.publish(topic, b"", qos=1)
        return self._reason()

    def _ask(self) -> None:
        self.answered.clear()
        self.reason = None

    def _answer(self, code: Any) -> None:
        self.reason = code
        self.answered.set()

    def _reason(self) -> str | None:
        if not self.answered.wait(_WAIT_S):
            return str(Text("没有答复", "no answer"))
        return str(self.reason) if self.reason.is_failure else None
