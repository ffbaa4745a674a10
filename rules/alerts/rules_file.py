"""Alert rules as data. A file that contradicts itself is refused with line, key and what to write instead."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registry.vocabulary import ShortfallCode
from runtime import ConfigError
from runtime.toml_lines import Path as KeyPath
from runtime.toml_lines import key_text, line_of

SHIPPED = Path(__file__).with_name("alerts.toml")

SignalName = Literal[
    "access_point_down", "room_uncovered", "device_fault", "gateway_silent", "indicator_short"
]
Hours = Literal["always", "school_hours"]
Severity = Literal["info", "warning", "critical"]
# What a message template may name.
PLACEHOLDERS = ("school", "room", "subject", "value", "detail", "minutes")
_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S
_Seconds = Annotated[int, Field(ge=0, le=_WEEK_S)]
_Line = Annotated[str, Field(min_length=1, max_length=200)]


class AlertRulesError(ConfigError):
    """A file of alert rules cannot be used; each line names file, line, key and what is wrong."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AlertRule(_Table):
    """One alert. `counts`: which time adds up to for_s and recover_for_s; `sends`: when it may be told.

    `gone_after_s`: so long must whole rounds have gone on without a subject before it is withdrawn.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    signal: SignalName
    severity: Severity
    fires_at: int
    recovers_at: int
    for_s: _Seconds
    recover_for_s: _Seconds
    fresh_s: Annotated[int, Field(ge=1, le=_WEEK_S)]
    gone_after_s: Annotated[int, Field(ge=1, le=60 * _DAY_S)] = _DAY_S
    counts: Hours = "always"
    sends: Hours = "always"
    fires_from: Literal["anywhere", "good"] = "anywhere"
    indicators: tuple[ShortfallCode, ...] = get_args(ShortfallCode)
    labels: dict[str, str] = {}
    title: _Line
    firing: _Line
    resolved: _Line
    withdrawn: _Line = "{room} {subject} 已撤销 / withdrawn：{detail}"


class AlertRules(_Table):
    """A whole file."""

    group_wait_s: _Seconds = 60
    alerts: tuple[AlertRule, ...] = Field(alias="alert", default=())


def load_alert_rules(path: Path = SHIPPED) -> AlertRules:
    """Read one file; AlertRulesError lists everything that is wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise AlertRulesError(f"{path}: cannot read the alert rules: {error.strerror}") from error
    except ValueError as error:
        raise AlertRulesError(f"{path}: not valid TOML: {error}") from error

    def line(key: KeyPath, wrong: str) -> str:
        return f"{path}:{line_of(text, key)}: {key_text(key)}: {wrong}"

    try:
        found = AlertRules.model_validate(values)
    except ValidationError as error:
        problems = [(detail["loc"], detail) for detail in error.errors(include_url=False)]
        raise AlertRulesError(
            "\n".join(line(key, _misfit(detail["type"], detail["msg"])) for key, detail in problems)
        ) from error
    contradictions = [line(key, wrong) for key, wrong in _contradictions(found)]
    if contradictions:
        raise AlertRulesError("\n".join(contradictions))
    return found


def _misfit(kind: str, message: str) -> str:
    return {"missing": "must be given", "extra_forbidden": "no such key"}.get(kind, message)


def _contradictions(found: AlertRules) -> Iterator[tuple[KeyPath, str]]:
    names = [rule.name for rule in found.alerts]
    for index, rule in enumerate(found.alerts):
        if rule.name in names[:index]:
            yield ("alert", index, "name"), f"{rule.name} is given twice"
        if rule.recovers_at >= rule.fires_at:
            wrong = f"{rule.recovers_at} is not below fires_at = {rule.fires_at}"
            yield ("alert", index, "recovers_at"), wrong
        if rule.signal != "indicator_short" and "indicators" in rule.model_fields_set:
            yield ("alert", index, "indicators"), f"{rule.signal} looks at no indicator"
        if rule.signal == "gateway_silent" and "gone_after_s" in rule.model_fields_set:
            wrong = "a gateway's silence is this alert itself; it is withdrawn with its school only"
            yield ("alert", index, "gone_after_s"), wrong
        for key in ("firing", "resolved", "withdrawn"):
            if wrong := _wrong_template(getattr(rule, key)):
                yield ("alert", index, key), wrong


def _wrong_template(text: str) -> str:
    try:
        names = [
            (name, spec, conversion)
            for _, name, spec, conversion in Formatter().parse(text)
            if name is not None
        ]
    except ValueError as error:
        return f"not a template: {error}"
    for name, spec, conversion in names:
        if name not in PLACEHOLDERS or spec or conversion:
            return f"{{{name}}} is unknown; there are {', '.join(f'{{{one}}}' for one in PLACEHOLDERS)}"
    return ""
