"""The quarter before this one as it was handed in, for the pages that show how it went since.

Its snapshot is read once. One whose seal does not hold, or that applied another standard, stands beside
nothing: the pages say so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboards.board.api.reports import DRAFT, ReportFile, rank, report_files, unreadable
from registry.exact import rounded, told_apart
from rules.stored.frozen import Earlier, Place, earlier_of, rates_of, seal_of
from runtime.language import Text

_SNAPSHOT = "snapshot.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """One quarter. standard: whose codes these are; problem: why nothing of it is shown."""

    quarter: str
    as_of: str = ""
    standard: str = ""
    answers: Mapping[Place, Earlier] = field(default_factory=dict)
    rates: Mapping[Place, str] = field(default_factory=dict)
    coefficients: Mapping[Place, str] = field(default_factory=dict)
    problem: Text | None = None

    def beside(self, standard: str | None) -> "Frozen":
        """Laid beside an evaluation by a standard: within one an indicator's code means the same."""
        if self.problem or standard in {None, self.standard}:
            return self
        return _nothing(
            self.quarter,
            f"按标准 {self.standard} 评估，与现在的不同",
            f"it applied the standard {self.standard}, which is another one",
        )


def told_then(earlier: Earlier) -> str | None:
    """A value of then, with as many decimals as set it apart from its threshold."""
    if earlier.value is None:
        return None
    if earlier.threshold is None:
        return rounded(earlier.value, 2)
    threshold = Fraction(earlier.threshold)
    if earlier.value.denominator == threshold.denominator == 1:
        return str(earlier.value)  # rooms, items, pupils
    return told_apart(earlier.value, threshold, places=2)


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def read_last_quarter(folder: Path | None, today: date) -> Frozen | None:
    """The newest quarter before this one of which a version was handed in; None where there is none."""
    try:
        files = report_files(folder)
    except OSError as error:
        return Frozen(quarter="", problem=unreadable(error))
    kept = [
        file
        for file in files
        if file.name == _SNAPSHOT and file.version != DRAFT and file.quarter < quarter_of(today)
    ]
    newest = max(kept, key=lambda file: (file.quarter, rank(file.version)), default=None)
    return None if newest is None else _read(newest)


@lru_cache(maxsize=4)  # a version is never written again; one that was changed is another file
def _read(file: ReportFile) -> Frozen:
    try:
        content = json.loads(file.path.read_text(encoding="utf-8"))
        if content["seal"] != seal_of(content) or content["quarter"] != file.quarter:
            return _nothing(file.quarter, "内容与封印不符", "its content does not match its seal")
        return _frozen(file.quarter, content["evaluation"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _nothing(file.quarter, "快照读不懂", "its snapshot cannot be read")


def _frozen(quarter: str, evaluation: Mapping[str, Any]) -> Frozen:
    rates, coefficients = rates_of(evaluation)
    return Frozen(
        quarter=quarter,
        as_of=str(evaluation["as_of"]),
        standard=str(evaluation["standard"]),
        answers=earlier_of(evaluation),
        rates=rates,
        coefficients=coefficients,
    )


def _nothing(quarter: str, zh: str, en: str) -> Frozen:
    return Frozen(
        quarter=quarter,
        problem=Text(f"{quarter} 季报不作对照：{zh}", f"The report of {quarter} is not shown beside: {en}"),
    )
