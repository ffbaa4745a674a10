"""`campus edge --config FILE` and nothing else: how a gateway is started for months."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR"}


class PlainStart(NamedTuple):
    config: Path
    log_level: str


def plain_start(arguments: Sequence[str]) -> PlainStart | None:
    """What such a line says; None for any other, which the whole command line reads and explains."""
    words = list(arguments)
    if words[:1] == ["--lang"]:
        if words[1:2] not in (["zh"], ["en"]):
            return None
        del words[:2]
    elif words[:1] in (["--lang=zh"], ["--lang=en"]):
        del words[0]
    if words[:1] != ["edge"]:
        return None
    found: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in {"--config", "--log-level"} or name in found:
            return None
        found[name] = value if equals else next(rest, "")
    level = found.get("--log-level", "INFO").upper()
    if not found.get("--config") or found["--config"].startswith("-") or level not in _LEVELS:
        return None
    return PlainStart(Path(found["--config"]), level)
