"""Settings: one TOML file a program, checked whole before any socket opens."""

from collections.abc import Iterator
from datetime import date, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from runtime.errors import ConfigError
from runtime.hosts import problem_of
from runtime.language import Text
from runtime.problems import WORDS, problem_with_value
from runtime.toml_files import read_toml

# No setting is longer, and no path can be.
_LONGEST = 4095
_TOO_LONG = Text(f"太长，至多 {_LONGEST} 个字符", f"is too long, at most {_LONGEST} characters")
_LONGEST_NAME = 255
# What pydantic would also make of a number: 99999 of a network, a day of seconds.
_WRITTEN_OUT = {IPv4Network, IPv6Network, IPv4Address, IPv6Address, date, datetime}
_NO_PATH = Text("不能是文件或文件夹的名称", "no file or folder can be called so")
_CONTROL = Text("含有控制字符", "holds a control character")


class Settings(BaseModel):
    """Base of every settings class: an unknown key is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_meant(cls, value: Any, info: ValidationInfo) -> Any:
        """Elsewhere true would pass for 1, and a path that no file can have would fail in use."""
        wanted = _types(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and bool not in wanted and wanted & {int, float}:
            raise ValueError(WORDS["int_type" if int in wanted else "float_type"])
        if isinstance(value, int | float) and wanted & _WRITTEN_OUT:
            raise ValueError(WORDS["string_type"])
        if isinstance(value, str) and Path in wanted and not _can_be_a_path(value):
            raise ValueError(_NO_PATH)
        return value


S = TypeVar("S", bound=Settings)


def load(model: type[S], path: Path) -> S:
    """Read a TOML file into `model`. Relative paths in it are resolved by the models against the file.

    Raises ConfigError with one line that names file and key.
    """
    return validated(model, read_toml(path, Text("配置文件", "the configuration")).values, path)


def validated(model: type[S], values: dict[str, Any], path: Path) -> S:
    """The same for values that were read from `path` already; raises ConfigError."""
    for key, wrong in _unfit(values):
        raise ConfigError(f"{path}: {key}: {wrong}")
    try:
        return model.model_validate(values, context={"folder": path.parent})
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}") from error


def _fit_host(host: str) -> str:
    if wrong := problem_of(host):
        raise ValueError(wrong)
    return host


ListenHost = Annotated[str, AfterValidator(_fit_host)]


class HealthSettings(Settings):
    """Where /metrics and /healthz are served; port 0 switches them off."""

    host: ListenHost = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


def _unfit(value: Any, key: str = "") -> Iterator[tuple[str, Text]]:
    """Texts that no setting can be, whatever it is for: nothing that reads them need think of them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unfit(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unfit(inner, f"{key}.{number}")
    elif isinstance(value, str):
        if len(value) > _LONGEST:
            yield key, _TOO_LONG
        elif any(letter < " " and letter not in "\t\n\r" for letter in value):
            yield key, _CONTROL


def _types(annotation: Any) -> set[Any]:
    """What an annotation is made of: `int | None` of int and None."""
    parts = [_types(part) for part in get_args(annotation)]
    return {annotation if isinstance(annotation, type) else None}.union(*parts)


def _can_be_a_path(text: str) -> bool:
    try:
        return all(len(part.encode()) <= _LONGEST_NAME for part in text.split("/")) and text != ""
    except UnicodeEncodeError:
        return False


def _first_problem(error: ValidationError) -> str:
    # A key that is no setting first: the one that it was meant to be is then missing because of it.
    first = min(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or str(Text("（整个文件）", "(whole file)"))
    text = problem_with_value(first)
    more = error.error_count() - 1
    return f"{key}: {text}" + (str(Text(f"；另有 {more} 处", f"; and {more} more")) if more else "")
