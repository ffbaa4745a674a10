"""Settings: one TOML file a program, checked whole before any socket opens."""

import os
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from runtime.problems import problem_with_value
from runtime.toml_files import read_toml

PLACEHOLDER = "change-me"
_BARE_SECRET = "bare_secret"  # noqa: S105 the name of an error
_NO_REFERENCE = Text(
    "请写 env:变量名 或 file:/路径，不要写密码本身", "write env:NAME or file:/path, not the secret itself"
)


class Settings(BaseModel):
    """Base of every settings class: an unknown key is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Settings)


def load(model: type[S], path: Path) -> S:
    """Read a TOML file into `model`. Relative paths in it are resolved by the models against the file.

    Raises ConfigError with one line that names file and key.
    """
    values = read_toml(path, Text("配置文件", "the configuration")).values
    try:
        return model.model_validate(values, context={"folder": path.parent})
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from error


def secret(reference: str, *, key: str) -> str:
    """The secret that `env:NAME` or `file:/path` points at; `key` names the setting in errors.

    Secrets are never written in the configuration itself.
    """
    try:
        return _secret(reference)
    except ConfigError as error:
        raise ConfigError(f"{key}: {error}") from error


def _secret(reference: str) -> str:
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest:
        value = os.environ.get(rest)
        if value is None:
            raise ConfigError(Text(f"未设置环境变量 {rest}", f"the environment variable {rest} is not set"))
    elif scheme == "file" and rest:
        try:
            value = Path(rest).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            why = os_reason(error)
            raise ConfigError(Text(f"无法读取 {rest}：{why.zh}", f"cannot read {rest}: {why.en}")) from error
    else:
        raise ConfigError(_NO_REFERENCE)
    if not value:
        raise ConfigError(Text(f"{reference} 处的密码为空", f"the secret at {reference} is empty"))
    if PLACEHOLDER in value:
        raise ConfigError(
            Text(
                f"{reference} 仍是 {PLACEHOLDER!r}，请设置自己的密码",
                f"{reference} still holds {PLACEHOLDER!r}; set a secret of your own",
            )
        )
    return value


def _secret_reference(reference: str) -> str:
    if reference.partition(":")[0] not in {"env", "file"}:
        raise _bare_secret(_NO_REFERENCE)
    return reference


def _bare_secret(why: Text) -> PydanticCustomError:
    """An error about a value that must not be shown."""
    return PydanticCustomError(_BARE_SECRET, "{why}", {"why": str(why)})


SecretReference = Annotated[str, AfterValidator(_secret_reference)]


_NO_BROKER = Text(
    "应形如 mqtt://主机:1883 或 mqtts://主机:8883", "must look like mqtt://host:1883 or mqtts://host:8883"
)
_NO_USER = Text(
    "地址中不得写用户名和密码，请用 username 和 password",
    "must not hold a name or password; use username and password",
)


class BrokerSettings(Settings):
    """Where the MQTT broker is, and who we are to it."""

    url: str = Field(examples=["mqtt://127.0.0.1:1883", "mqtts://broker.example:8883"])
    protocol: Literal["5", "3.1.1"] = "5"
    username: str | None = None
    password: SecretReference | None = None
    ca_file: Path | None = None
    keepalive_s: int = Field(default=30, ge=5, le=3600)

    @field_validator("url")
    @classmethod
    def _mqtt_url(cls, url: str) -> str:
        parts = _parts(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError(_NO_BROKER)
        if parts.username or parts.password:
            raise _bare_secret(_NO_USER)
        return url

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
        """The password itself, or None where the broker asks for none."""
        return secret(self.password, key="broker.password") if self.password else None


class HealthSettings(Settings):
    """Where /metrics and /healthz are served; port 0 switches them off."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


def _parts(url: str) -> SplitResult:
    """An address whose port is a number, or ValueError."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no port
    except ValueError as error:
        raise ValueError(_NO_BROKER) from error
    return parts


def _first_problem(error: ValidationError) -> str:
    # A key that is no setting first: the one that it was meant to be is then missing because of it.
    first = min(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or str(Text("（整个文件）", "(whole file)"))
    # A secret that was written into the file by mistake must not go on into a log.
    text = first["msg"] if first["type"] == _BARE_SECRET else problem_with_value(first)
    more = error.error_count() - 1
    return f"{key}: {text}" + (str(Text(f"；另有 {more} 处", f"; and {more} more")) if more else "")
