"""Settings: one TOML file a program, checked whole before any socket opens."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

PLACEHOLDER = "change-me"
_BARE_SECRET = "bare_secret"  # noqa: S105 the name of an error


class ConfigError(ValueError):
    """A setting is wrong; the text names the file, the key and what to write instead."""


class Settings(BaseModel):
    """Base of every settings class: an unknown key is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Settings)


def load(model: type[S], path: Path) -> S:
    """Read a TOML file into `model`. Relative paths in it are resolved by the models against the file.

    Raises ConfigError with one line that names file and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not UTF-8 text") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    try:
        return model.model_validate(values, context={"folder": path.parent})
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from error


def secret(reference: str, *, key: str) -> str:
    """The secret that `env:NAME` or `file:/path` points at; `key` names the setting in errors.

    Secrets are never written in the configuration itself.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest:
        value = os.environ.get(rest)
        if value is None:
            raise ConfigError(f"{key}: the environment variable {rest} is not set")
    elif scheme == "file" and rest:
        try:
            value = Path(rest).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise ConfigError(f"{key}: cannot read {rest}: {error.strerror}") from error
    else:
        raise ConfigError(f"{key}: write env:NAME or file:/path, not the secret itself")
    if not value:
        raise ConfigError(f"{key}: the secret at {reference} is empty")
    if PLACEHOLDER in value:
        raise ConfigError(f"{key}: {reference} still holds {PLACEHOLDER!r}; set a secret of your own")
    return value


def _secret_reference(reference: str) -> str:
    if reference.partition(":")[0] not in {"env", "file"}:
        raise PydanticCustomError(_BARE_SECRET, "write env:NAME or file:/path, not the secret itself")
    return reference


SecretReference = Annotated[str, AfterValidator(_secret_reference)]


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
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("must look like mqtt://host:1883 or mqtts://host:8883")
        if parts.username or parts.password:
            raise ValueError("must not hold a name or password; use username and password")
        _ = parts.port  # raises where it is no port
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


def _first_problem(error: ValidationError) -> str:
    # A key that is no setting first: the one that it was meant to be is then missing because of it.
    first = min(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or "(whole file)"
    if first["type"] == "extra_forbidden":
        text = "no such setting"
    elif first["type"] == "missing":
        text = "must be set"
    else:
        text = first["msg"].removeprefix("Value error, ")
        # A secret that was written into the file by mistake must not go on into a log.
        if first["type"] != _BARE_SECRET and not isinstance(first["input"], dict | list):
            text += f" (got {first['input']!r})"
    more = error.error_count() - 1
    return f"{key}: {text}" + (f"; and {more} more" if more else "")
