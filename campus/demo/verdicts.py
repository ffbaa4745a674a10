"""The demo's last word: the same table that `campus rules evaluate` prints."""

import time
from pathlib import Path

from rich.console import RenderableType

from registry import read_registry
from rules.answers.table import to_table
from rules.facts.observed import observe
from rules.judging.evaluate import evaluate
from rules.standards.standard import standard_for
from store import Store


def verdict_table(store: Store, registry: Path, standard: str) -> RenderableType:
    """Judge what the store holds now."""
    now_ms = round(time.time() * 1000)
    known = read_registry(registry)
    day = known.calendar.day_of(now_ms)
    rule = standard_for(standard, as_of=day)
    return to_table(evaluate(known, rule, observe(store, known, rule, as_of=day, now_ms=now_ms), day))
