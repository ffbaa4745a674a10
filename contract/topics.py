"""Topics: `campus/v1/{district}/{school}/{gateway}/{stream}`."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from contract.errors import ContractError
from runtime.language import Text

Stream = Literal["readings", "status", "ack", "wanted"]

MAX_MESSAGE_BYTES = 256 * 1024
ROOT = "campus/v1"

_DISTRICT = re.compile(r"[0-9]{6}")
# A school keeps its identification code for life; it is text, leading zeros and all.
_SCHOOL = re.compile(r"[0-9]{10}")
_GATEWAY = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Address:
    """A gateway's place: district (6 digits), school code (10 digits), gateway name."""

    district: str
    school: str
    gateway: str

    def __post_init__(self) -> None:
        for name, pattern, form in (
            ("district", _DISTRICT, Text("6 位数字", "6 digits")),
            ("school", _SCHOOL, Text("10 位数字", "10 digits")),
            ("gateway", _GATEWAY, Text("1 至 32 个 a-z、0-9 或 '-'", "1 to 32 of a-z, 0-9 and '-'")),
        ):
            value = getattr(self, name)
            if not pattern.fullmatch(value):
                raise ContractError(
                    Text(f"{name} {value!r} 不是 {form.zh}", f"{name} {value!r} is not {form.en}")
                )

    def topic(self, stream: Stream) -> str:
        return f"{ROOT}/{self.district}/{self.school}/{self.gateway}/{stream}"


def parse_topic(topic: str) -> tuple[Address, Stream]:
    """Split a topic into the gateway's address and the stream; raises ContractError."""
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != ROOT:
        raise ContractError(
            f"cannot read topic {topic!r}: expected {ROOT}/{{district}}/{{school}}/{{gateway}}/{{stream}}"
        )
    try:
        address = Address(*parts[2:5])
    except ContractError as error:
        raise ContractError(f"cannot read topic {topic!r}: {error}") from error
    for stream in get_args(Stream):
        if parts[5] == stream:
            return address, stream
    raise ContractError(f"cannot read topic {topic!r}: no stream is called {parts[5]!r}")


def subscription(stream: Stream, *, share: str | None = None) -> str:
    """The filter for one stream of all gateways; `share` names a group that shares the load."""
    topic_filter = f"{ROOT}/+/+/+/{stream}"
    return f"$share/{share}/{topic_filter}" if share else topic_filter
