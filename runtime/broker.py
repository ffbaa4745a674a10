"""Settings of the MQTT broker, which gateways and ingest share."""

import ssl
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, model_validator

from runtime.errors import ConfigError, os_reason
from runtime.hosts import problem_of
from runtime.language import Text
from runtime.paths import ExistingFile
from runtime.secrets import SecretReference, bare_secret, secret
from runtime.settings import Settings

_NO_BROKER = Text(
    "应形如 mqtt://主机:1883 或 mqtts://主机:8883", "must look like mqtt://host:1883 or mqtts://host:8883"
)
_NO_PORT = Text("端口应为 1 至 65535 的整数", "a port is a number from 1 to 65535")
_NO_USER = Text(
    "地址中不得写用户名和密码，请用 username 和 password",
    "must not hold a name or password; use username and password",
)
_NO_NAME = Text("有 password 时须有 username", "password needs username")
_NOT_ENCRYPTED = Text(
    "有 ca_file 而 url 以 mqtt:// 开头，并不加密；请写 mqtts://，或去掉 ca_file",
    "ca_file is set, but mqtt:// does not encrypt; write mqtts://, or take ca_file out",
)


def _mqtt_url(url: str) -> str:
    if "@" in url:
        raise bare_secret(_NO_USER)
    parts = _parts(url)
    fits = parts.scheme in {"mqtt", "mqtts"} and parts.hostname and parts.path in {"", "/"}
    if not fits or parts.query or parts.fragment:
        raise ValueError(_NO_BROKER)
    if wrong := problem_of(parts.hostname or ""):
        raise ValueError(wrong)
    return url


BrokerUrl = Annotated[str, AfterValidator(_mqtt_url)]


class BrokerSettings(Settings):
    """Where the MQTT broker is, and who we are to it."""

    url: BrokerUrl = Field(examples=["mqtt://127.0.0.1:1883", "mqtts://broker.example:8883"])
    protocol: Literal["5", "3.1.1"] = "5"
    username: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    password: SecretReference | None = None
    ca_file: ExistingFile | None = None
    keepalive_s: int = Field(default=30, ge=5, le=3600)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.password is not None and self.username is None:
            raise ValueError(_NO_NAME)
        if self.ca_file is not None and not self.tls:
            raise ValueError(_NOT_ENCRYPTED)
        return self

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or (8883 if parts.scheme == "mqtts" else 1883)

    @property
    def tls(self) -> bool:
        return urlsplit(self.url).scheme == "mqtts"

    def read_password(self) -> str | None:
        """The password itself, or None where the broker asks for none; raises ConfigError."""
        return secret(self.password, key="broker.password") if self.password else None

    def read_certificates(self, *, key: str = "broker") -> ssl.SSLContext | None:
        """Whom to trust, None without TLS; raises ConfigError where `ca_file` holds no certificate."""
        return _tls_context(self.ca_file, key) if self.tls else None


def _tls_context(ca_file: Path | None, key: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except ssl.SSLError as error:
        text = Text(f"{ca_file} 中没有证书（PEM）", f"{ca_file} holds no certificate (PEM)")
        raise ConfigError(f"{key}.ca_file: {text}") from error
    except OSError as error:
        why = os_reason(error)
        text = Text(f"无法读取 {ca_file}：{why.zh}", f"cannot read {ca_file}: {why.en}")
        raise ConfigError(f"{key}.ca_file: {text}") from error


def _parts(url: str) -> SplitResult:
    """An address whose port is one, or ValueError."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(_NO_BROKER) from error
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(_NO_PORT) from error
    if port == 0:
        raise ValueError(_NO_PORT)
    return parts
