"""plugs.csv: which plug feeds which room, and how it speaks."""

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from edge_agent.plugs.dialects import PlugDialect
from edge_agent.tables import key_of, place_of, rows_of, twice
from runtime import ConfigError
from runtime.language import Text

# 10 A at 250 V, as plugs of a classroom have.
_MOST_W = 2500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlug:
    """One line of plugs.csv. on_w: from where on it counts as on; None: to be learnt."""

    topic: str
    kind: PlugDialect
    device: str
    room: str
    channel: int = 0
    on_w: float | None = None
    most_w: float = _MOST_W


def read_plugs(path: Path) -> tuple[ListedPlug, ...]:
    """Read plugs.csv; raises ConfigError with file, line and column."""
    plugs: dict[str, ListedPlug] = {}
    heard: set[tuple[str, str, int]] = set()
    for line, row in rows_of(
        path, required=("topic", "kind", "room"), optional=("device", "channel", "on_w", "most_w")
    ):
        plug = _plug(path, line, row)
        if plug.device in plugs:
            raise twice(path, line, "device", plug.device)
        if (plug.kind, plug.topic, plug.channel) in heard:
            raise twice(path, line, "topic", plug.topic)
        plugs[plug.device] = plug
        heard.add((plug.kind, plug.topic, plug.channel))
    return tuple(plugs.values())


def _plug(path: Path, line: int, row: dict[str, str]) -> ListedPlug:
    topic = row["topic"].strip("/")
    if not topic or set(topic) & set("+#\0"):
        wrong = Text("须写插座的主题名，不含 + 和 #", "write the plug's own name, without + and #")
        raise ConfigError(f"{place_of(path, line, 'topic')}: {wrong}")
    kind = next((dialect for dialect in get_args(PlugDialect) if dialect == row["kind"].casefold()), None)
    if kind is None:
        known = ", ".join(get_args(PlugDialect))
        wrong = Text(
            f"{row['kind']!r} 未知，可写 {known}", f"{row['kind']!r} is unknown; write one of {known}"
        )
        raise ConfigError(f"{place_of(path, line, 'kind')}: {wrong}")
    channel = _number(path, line, row, "channel")
    most_w = _number(path, line, row, "most_w")
    plain = topic if len(topic) <= 64 else topic[-64:]
    return ListedPlug(
        topic=topic,
        kind=kind,
        device=key_of(path, line, {"device": row.get("device") or plain}, "device"),
        room=key_of(path, line, row, "room"),
        channel=int(channel or 0),
        on_w=_number(path, line, row, "on_w"),
        most_w=_MOST_W if most_w is None else most_w,
    )


def _number(path: Path, line: int, row: dict[str, str], column: str) -> float | None:
    text = row.get(column) or ""
    try:
        value = float(text) if text else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value <= 20_000:
        wrong = Text(f"{text!r} 不是 0 至 20000 的数", f"{text!r} is no number from 0 to 20000")
        raise ConfigError(f"{place_of(path, line, column)}: {wrong}")
    return value
