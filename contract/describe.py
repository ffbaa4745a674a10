"""The contract for people and for tools: tables in Markdown, and an AsyncAPI 3 document."""

from typing import Any

from pydantic.json_schema import models_json_schema

from contract.chinese import MEANINGS
from contract.daybook import DAY_FACTS
from contract.envelope import Ack, Envelope
from contract.status import Status
from contract.table import MEASUREMENTS
from contract.topics import MAX_MESSAGE_BYTES, ROOT, Stream
from contract.types import Column, Measurement
from contract.wanted import Wanted
from runtime.language import Language, Text

_REF = "#/components/schemas/{model}"
_HEARD = ("ack", "wanted")
_RETAINED = ("status", "wanted")
_MESSAGES: dict[Stream, tuple[type[Envelope] | type[Status] | type[Ack] | type[Wanted], str]] = {
    "readings": (Envelope, "One batch of readings; QoS 1, not retained. Sent again until acknowledged."),
    "status": (Status, "A gateway's account of itself; QoS 1, retained; the last will says offline."),
    "ack": (Ack, "Batches that the store or the quarantine now holds; QoS 1, not retained."),
    "wanted": (
        Wanted,
        "The settings that the bureau wants the gateway to run; QoS 1, retained, signed by the bureau.",
    ),
}


_HEAD = Text("| 列 | | 类型 | 单位 | 范围 | 含义 |", "| column | | type | unit | range | meaning |")
_DAYS = Text(
    """## 日账\n
学校的一天，以及其中每节课的含义：由读数汇总一次，迟到的读数到达后重新汇总。时间为当地当天的开始，
`lesson_day` 为该节课的开始；比例为两个整数，标志为 0 或 1。除另有说明外，只计在校时间内的读数。
平均值和百分位只在其 `…_known` 大于 0 时有效，`used` 只在 `known` 为 1 时有效：
重新汇总后没有的值，数据库仍留着旧的。
""",
    """## The day book\n
What a day of a school means, and each lesson of it: counted once from the readings, and again when late ones
came. Time is the begin of the local day, in `lesson_day` that of the lesson; a share is two integers, a flag
0 or 1. Readings count in school hours unless the column says otherwise. A mean or percentile holds only where
its `…_known` is above 0, `used` only where `known` is 1: what a new count does not have, a store keeps.
""",
)
_TAG, _FIELD, _ALWAYS = Text("标签", "tag"), Text("字段", "field"), Text("字段，必有", "field, always")


def markdown(language: Language = "en") -> str:
    """One section a measurement: its meaning, then a row for each tag and field; readings, then day facts."""
    readings = [_section(table, language) for table in MEASUREMENTS.values()]
    return "\n".join(
        [*readings, _DAYS.of(language), *(_section(table, language) for table in DAY_FACTS.values())]
    )


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document, seen from a gateway, which sends readings and status and hears the rest."""
    _, schemas = models_json_schema(
        [(model, "validation") for model, _ in _MESSAGES.values()], ref_template=_REF
    )
    parameters = {
        "district": {"description": "District, 6 digits"},
        "school": {"description": "School identification code, 10 digits"},
        "gateway": {"description": "Gateway of the school, 1 to 32 of a-z, 0-9 and '-'"},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Campus facility monitoring",
            "version": version,
            "description": "What gateways and ingest say over MQTT. Messages have at most "
            f"{MAX_MESSAGE_BYTES} bytes of UTF-8 JSON. Times are UTC.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            stream: {
                "address": f"{ROOT}/{{district}}/{{school}}/{{gateway}}/{stream}",
                "description": text,
                "parameters": parameters,
                "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"}},
                "bindings": {"mqtt": {"bindingVersion": "0.2.0"}},
            }
            for stream, (model, text) in _MESSAGES.items()
        },
        "operations": {
            f"{'receive' if stream in _HEARD else 'send'}{stream.capitalize()}": {
                "action": "receive" if stream in _HEARD else "send",
                "channel": {"$ref": f"#/channels/{stream}"},
                "bindings": {"mqtt": {"qos": 1, "retain": stream in _RETAINED, "bindingVersion": "0.2.0"}},
            }
            for stream in _MESSAGES
        },
        "components": {
            "messages": {
                model.__name__: {"summary": text, "payload": {"$ref": _REF.format(model=model.__name__)}}
                for model, text in _MESSAGES.values()
            },
            "schemas": schemas["$defs"],
        },
    }


def _section(table: Measurement, language: Language) -> str:
    lines = [f"### `{table.name}`", "", _meaning(table.meaning, language), "", _HEAD.of(language)]
    lines.append("|---|---|---|---|---|---|")
    lines += [_row(column, _TAG, language) for column in table.tags]
    lines += [_row(column, _ALWAYS if column.required else _FIELD, language) for column in table.fields]
    return "\n".join([*lines, ""])


def _meaning(english: str, language: Language) -> str:
    return MEANINGS.get(english, english) if language == "zh" else english


def _row(column: Column, role: Text, language: Language) -> str:
    limits = ", ".join(column.choices)
    if column.low is not None or column.high is not None:
        limits = f"{_number(column.low)} … {_number(column.high)}"
    unit, meaning = "" if column.unit == "1" else column.unit, _meaning(column.meaning, language)
    return f"| `{column.name}` | {role.of(language)} | {column.type} | {unit} | {limits} | {meaning} |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value) if value == int(value) else value)
