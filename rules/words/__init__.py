"""Reasons as values, and one table of words a language: nothing else in the house words a reason."""

from rules.words.clock import clock_reason
from rules.words.faults import faults_reason
from rules.words.reason import (
    NOTHING,
    Arg,
    Reason,
    first_of,
    from_json,
    joined,
    reason,
    reasons_of,
    stored,
    to_json,
    to_list,
    verbatim,
)
from rules.words.wording import name, worded

__all__ = [
    "NOTHING",
    "Arg",
    "Reason",
    "clock_reason",
    "faults_reason",
    "first_of",
    "from_json",
    "joined",
    "name",
    "reason",
    "reasons_of",
    "stored",
    "to_json",
    "to_list",
    "verbatim",
    "worded",
]
