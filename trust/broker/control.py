"""Talking to mosquitto's dynamic security plugin: commands out, answers in, over the broker itself."""

import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from runtime import BrokerSettings
from runtime.errors import UserError, os_reason
from runtime.language import Text
from trust.broker.answers import found_rules
from trust.broker.rules import CONTROL, RESPONSE, Command, Rules

_PATIENCE_S = 10.0
# A message with more commands is long in coming, and its answer large.
_AT_ONCE = 50
# So long a silence ends what the broker had retained.
_PAUSE_S = 0.5


class BrokerError(UserError):
    """The broker cannot be told now, or does not take it."""


class Control:
    """A connection as the administrator of dynamic security; made by `connected`."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self._changed = threading.Condition()
        self._heard: dict[str, bytes] = {}
        self._heard_s = 0.0
        self._granted: dict[int, bool] = {}
        client.on_message = self._on_message
        client.on_publish = self._on_publish

    def ask(self, commands: Sequence[Command]) -> list[dict[str, Any]]:
        """The answers' data, in order; raises BrokerError at the first command that is refused."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(commands), _AT_ONCE):
            found += self._ask(commands[start : start + _AT_ONCE])
        return found

    def rules(self) -> Rules:
        """What holds at the broker now."""
        everything = {"verbose": True, "count": -1, "offset": 0}
        defaults, roles, clients = self.ask(
            [
                {"command": "getDefaultACLAccess"},
                {"command": "listRoles", **everything},
                {"command": "listClients", **everything},
            ]
        )
        return found_rules(defaults["acls"], roles["roles"], clients["clients"])

    def retained(self, filters: Sequence[str]) -> dict[str, bytes]:
        """What the broker holds on topics of these filters; raises BrokerError where it refuses one."""
        self._heard, self._heard_s = {}, time.monotonic()
        code, number = self._client.subscribe([(topic_filter, 1) for topic_filter in filters])
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or not self._answered(number):
            raise BrokerError(
                Text(
                    f"{self._url}：消息代理不允许收听 {filters[0]}；其规则是否已更新（campus broker sync）？",
                    f"{self._url}: the broker does not let us hear {filters[0]}; are its rules the present "
                    "ones (campus broker sync)?",
                )
            )
        # What is retained is sent after the answer to the subscription; then there is a pause.
        while time.monotonic() - self._heard_s < _PAUSE_S:
            time.sleep(_PAUSE_S / 10)
        self._client.unsubscribe(list(filters))
        return dict(self._heard)

    def say(self, topic: str, payload: bytes) -> None:
        """Let the broker hold this; raises BrokerError where it does not take it."""
        number = self._client.publish(topic, payload, qos=1, retain=True).mid
        if not self._answered(number):
            raise BrokerError(
                Text(
                    f"{self._url}：消息代理不接受 {topic}；其规则是否已更新（campus broker sync）？",
                    f"{self._url}: the broker does not take {topic}; are its rules the present ones "
                    "(campus broker sync)?",
                )
            )

    def note(self, number: int | None, codes: Sequence[ReasonCode]) -> None:
        """The broker's answer to a subscription or a message."""
        with self._changed:
            self._granted[number or 0] = not any(code.is_failure for code in codes)
            self._changed.notify_all()

    def _answered(self, number: int | None) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: (number or 0) in self._granted, _PATIENCE_S)
            return self._granted.pop(number or 0, False)

    def _on_publish(self, _client: Client, _data: Any, number: int, code: ReasonCode, _props: Any) -> None:
        self.note(number, [code])

    def _ask(self, commands: Sequence[Command]) -> list[dict[str, Any]]:
        mark = secrets.token_hex(8)
        marked = [{**command, "correlationData": f"{mark}.{n}"} for n, command in enumerate(commands)]
        self._client.publish(CONTROL, json.dumps({"commands": marked}), qos=1)
        with self._changed:
            if not self._changed.wait_for(
                lambda: len(self._answers.get(mark, ())) >= len(commands), _PATIENCE_S
            ):
                raise BrokerError(
                    Text(
                        f"{self._url}：消息代理未答复。其配置中是否有动态安全插件（deploy/mosquitto）？",
                        f"{self._url}: no answer. Has the broker the dynamic security plugin "
                        "(deploy/mosquitto)?",
                    )
                )
            answers = self._answers.pop(mark)
        for command, answer in zip(commands, answers, strict=True):
            if "error" in answer:
                what = f"{command['command']} {command.get('username', command.get('rolename', ''))}".strip()
                raise BrokerError(
                    Text(f"{self._url}：{what}：{answer['error']}", f"{self._url}: {what}: {answer['error']}")
                )
        return [answer.get("data", {}) for answer in answers]

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic != RESPONSE:
            self._heard_s = time.monotonic()
            self._heard[message.topic] = bytes(message.payload)
            return
        try:
            responses = json.loads(message.payload)["responses"]
        except (ValueError, KeyError, TypeError):
            return
        with self._changed:
            for response in responses:
                mark = str(response.get("correlationData", "")).partition(".")[0]
                self._answers.setdefault(mark, []).append(response)
            self._changed.notify_all()


@contextmanager
def connected(settings: BrokerSettings) -> Iterator[Control]:
    """Raises BrokerError in one line where there is no broker, or it does not let us in."""
    done = threading.Event()
    outcome: list[ReasonCode] = []
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"campus-admin-{secrets.token_hex(8)}",
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )

    def note(code: ReasonCode) -> None:
        outcome.append(code)
        done.set()

    def on_connect(_client: Client, _data: Any, _flags: Any, code: ReasonCode, _props: Any) -> None:
        if code.is_failure:
            note(code)
        else:
            client.subscribe(RESPONSE, 1)

    client.on_connect = on_connect

    def on_subscribe(_client: Client, _data: Any, number: int, codes: list[ReasonCode], _props: Any) -> None:
        control.note(number, codes)
        note(codes[0])

    client.on_subscribe = on_subscribe
    if settings.username:
        client.username_pw_set(settings.username, settings.read_password())
    control = Control(client, settings.url)
    try:
        if settings.tls:
            client.tls_set(ca_certs=str(settings.ca_file) if settings.ca_file else None)
        client.connect(settings.host, settings.port, 30)
    except ssl.SSLError as error:
        text = Text(f"{settings.url}：TLS：{error.reason}", f"{settings.url}: TLS: {error.reason}")
        raise BrokerError(text) from error
    except OSError as error:
        why = os_reason(error)
        raise BrokerError(
            Text(
                f"无法连接消息代理 {settings.url}：{why.zh}",
                f"cannot reach the broker {settings.url}: {why.en}",
            )
        ) from error
    client.loop_start()
    try:
        if not done.wait(_PATIENCE_S) or outcome[0].is_failure:
            why_not = str(outcome[0]) if outcome else "no answer"
            raise BrokerError(
                Text(
                    f"消息代理 {settings.url} 不接受 {settings.username}：{why_not}",
                    f"the broker {settings.url} does not take {settings.username}: {why_not}",
                )
            )
        yield control
    finally:
        client.disconnect()
        client.loop_stop()
