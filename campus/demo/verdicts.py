"""The demo's last word: the same table that `campus rules evaluate` prints."""

import time
from pathlib import Path

from rich.console import RenderableType

from registry import read_registry
from rules.answers.inquiry import inquire
from rules.answers.table import to_table
from store import Store


def verdict_table(store: Store, registry: Path, standard: str) -> RenderableType:
    """Judge what the store holds now."""
    inquiry = inquire(read_registry(registry), standard, now_ms=round(time.time() * 1000))
    return to_table(inquiry.evaluation(store))
