"""Alert rules as data. A file that contradicts itself is refused with line, key and what to write instead."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from registry.vocabulary import ShortfallCode
from runtime import ConfigError
from runtime.language import LANGUAGES, Text
from runtime.problems import problem_with_value
from runtime.toml_files import read_toml
from runtime.toml_lines import Path as KeyPath
from runtime.toml_lines import key_text, line_of

SHIPPED = Path(__file__).with_name("alerts.toml")

SignalName = Literal[
    "access_point_down",
    "room_uncovered",
    "device_fault",
    "gateway_silent",
    "clock_wrong",
    "indicator_short",
    "device_silent",
    "display_on",
    "radio_busy",
    "spool_waiting",
    "room_unused",
    "spool_full",
    "certificate_ended",
    "unregistered",
    "bureau_certificate_ended",
    "settings_behind",
    "settings_taken_back",
]
# No round of anything else shows a gateway.
_OF_GATEWAYS = frozenset(
    {
        *("gateway_silent", "clock_wrong", "spool_waiting", "spool_full", "certificate_ended"),
        *("settings_behind", "settings_taken_back"),
    }
)
Hours = Literal["always", "school_hours"]
# Outside school hours: what is bad then is well as long as school lasts.
Counted = Literal["always", "school_hours", "outside_school_hours"]
Severity = Literal["info", "warning", "critical"]
# What a message template may name.
PLACEHOLDERS = ("school", "room", "subject", "value", "detail", "minutes")
_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S
_Seconds = Annotated[int, Field(ge=0, le=_WEEK_S)]
_LONGEST = 200


def _both(given: object) -> Text:
    """One text for all readers, or one a language."""
    if isinstance(given, dict) and set(given) == set(LANGUAGES):
        given = Text(**given)
    # A file has no tuples: a rule that was read once gives its own.
    found = Text(*given) if isinstance(given, tuple) else Text(given, given)  # type: ignore[arg-type]  # see below
    if any(not isinstance(text, str) or not text for text in found):
        raise ValueError(
            Text('请写文本，或 { zh = "…", en = "…" }', 'write a text, or { zh = "…", en = "…" }')
        )
    if any(len(text) > _LONGEST for text in found):
        raise ValueError(Text(f"至多 {_LONGEST} 个字符", f"must have at most {_LONGEST} characters"))
    return found


# A template or a name: one text for all readers, or one a language.
Said = Annotated[Text, PlainValidator(_both)]


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
    counts: Counted = "always"
    sends: Hours = "always"
    fires_from: Literal["anywhere", "good"] = "anywhere"
    indicators: tuple[ShortfallCode, ...] = ()  # none named: all
    labels: dict[str, str] = {}
    title: Said
    firing: Said
    resolved: Said
    withdrawn: Said = Text("{room} {subject} 已撤销：{detail}", "{room} {subject} withdrawn: {detail}")


class AlertRules(_Table):
    """A whole file."""

    group_wait_s: _Seconds = 60
    alerts: tuple[AlertRule, ...] = Field(alias="alert", default=())


def load_alert_rules(path: Path = SHIPPED) -> AlertRules:
    """Read one file; AlertRulesError lists everything that is wrong in it."""
    text, values = read_toml(path, Text("告警规则文件", "the alert rules"), refuse=AlertRulesError)

    def line(key: KeyPath, wrong: Text | str) -> str:
        return f"{path}:{line_of(text, key)}: {key_text(key)}: {wrong}"

    try:
        found = AlertRules.model_validate(values)
    except ValidationError as error:
        raise AlertRulesError(
            "\n".join(
                line(wrong["loc"], problem_with_value(wrong)) for wrong in error.errors(include_url=False)
            )
        ) from error
    contradictions = [line(key, wrong) for key, wrong in _contradictions(found)]
    if contradictions:
        raise AlertRulesError("\n".join(contradictions))
    return found


def _contradictions(found: AlertRules) -> Iterator[tuple[KeyPath, Text]]:
    names = [rule.name for rule in found.alerts]
    for index, rule in enumerate(found.alerts):
        if rule.name in names[:index]:
            yield ("alert", index, "name"), Text(f"{rule.name} 重复", f"{rule.name} is given twice")
        if rule.recovers_at >= rule.fires_at:
            wrong = Text(
                f"{rule.recovers_at} 应小于 fires_at（{rule.fires_at}）",
                f"{rule.recovers_at} is not below fires_at = {rule.fires_at}",
            )
            yield ("alert", index, "recovers_at"), wrong
        if rule.signal != "indicator_short" and "indicators" in rule.model_fields_set:
            wrong = Text(f"{rule.signal} 不看指标", f"{rule.signal} looks at no indicator")
            yield ("alert", index, "indicators"), wrong
        if rule.counts == "outside_school_hours" and rule.fires_from == "good":
            wrong = Text(
                "不能与 counts = outside_school_hours 同用：在校时间内无所谓好坏",
                "not together with counts = outside_school_hours: school hours tell neither good nor bad",
            )
            yield ("alert", index, "fires_from"), wrong
        if rule.signal in _OF_GATEWAYS and "gone_after_s" in rule.model_fields_set:
            wrong = Text(
                "网关静默另有告警，本告警只随学校或网关一起撤销",
                "silence is an alert of its own; this one is withdrawn with its school or gateway only",
            )
            yield ("alert", index, "gone_after_s"), wrong
        for key in ("firing", "resolved", "withdrawn"):
            said: Text = getattr(rule, key)
            misused = _wrong_template(said.zh) or _wrong_template(said.en)
            if misused:
                yield ("alert", index, key), misused


def _wrong_template(text: str) -> Text | None:
    try:
        names = [
            (name, spec, conversion)
            for _, name, spec, conversion in Formatter().parse(text)
            if name is not None
        ]
    except ValueError as error:
        return Text("模板有误：花括号不成对", f"not a template: {error}")
    for name, spec, conversion in names:
        if name not in PLACEHOLDERS or spec or conversion:
            known = [f"{{{placeholder}}}" for placeholder in PLACEHOLDERS]
            return Text(
                f"没有 {{{name}}}，可用：{'、'.join(known)}",
                f"{{{name}}} is unknown; there are {', '.join(known)}",
            )
    return None
