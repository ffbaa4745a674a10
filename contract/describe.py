"""The contract for people and for tools: tables in Markdown, and an AsyncAPI 3 document."""

from typing import Any

from pydantic.json_schema import models_json_schema

from contract.envelope import Ack, Envelope
from contract.status import Status
from contract.table import MEASUREMENTS
from contract.topics import MAX_MESSAGE_BYTES, ROOT, Stream
from contract.types import Column, Measurement

_REF = "#/components/schemas/{model}"
_MESSAGES: dict[Stream, tuple[type[Envelope] | type[Status] | type[Ack], str]] = {
    "readings": (Envelope, "One batch of readings; QoS 1, not retained. Sent again until acknowledged."),
    "status": (Status, "A gateway's account of itself; QoS 1, retained; the last will says offline."),
    "ack": (Ack, "Batches that the store or the quarantine now holds; QoS 1, not retained."),
}


def markdown() -> str:
    """One section a measurement: its meaning, then a row for each tag and field."""
    return "\n".join(_section(table) for table in MEASUREMENTS.values())


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document, seen from the gateway: it sends readings and status and receives acks."""
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
            f"{'receive' if stream == 'ack' else 'send'}{stream.capitalize()}": {
                "action": "receive" if stream == "ack" else "send",
                "channel": {"$ref": f"#/channels/{stream}"},
                "bindings": {"mqtt": {"qos": 1, "retain": stream == "status", "bindingVersion": "0.2.0"}},
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


def _section(table: Measurement) -> str:
    lines = [f"### `{table.name}`", "", table.meaning, "", "| column | | type | unit | range | meaning |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [_row(column, "tag") for column in table.tags]
    lines += [_row(column, "field" if not column.required else "field, always") for column in table.fields]
    return "\n".join([*lines, ""])


def _row(column: Column, role: str) -> str:
    limits = ", ".join(column.choices)
    if column.low is not None or column.high is not None:
        limits = f"{_number(column.low)} … {_number(column.high)}"
    unit = "" if column.unit == "1" else column.unit
    return f"| `{column.name}` | {role} | {column.type} | {unit} | {limits} | {column.meaning} |"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value) if value == int(value) else value)
