"""Moments as messages spell them: `2026-09-01T08:00:00.000Z`, always UTC."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def _checked(text: str) -> str:
    if not _STAMP.fullmatch(text):
        raise ValueError("must look like 2026-09-01T08:00:00.000Z")
    datetime.fromisoformat(text)
    return text


UtcText = Annotated[str, AfterValidator(_checked)]


def utc_text(time_ms: int) -> str:
    """1790000000000 -> '2026-09-21T14:13:20.000Z'."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"


def utc_ms(text: str) -> int:
    """'2026-09-21T14:13:20.000Z' -> 1790000000000."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
