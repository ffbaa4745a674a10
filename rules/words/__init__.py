"""Reasons as values, and one table of words a language: nothing else in the house words a reason."""

from rules.words.reason import NOTHING, Arg, Reason, from_json, joined, reason, to_json
from rules.words.wording import name, worded

__all__ = ["NOTHING", "Arg", "Reason", "from_json", "joined", "name", "reason", "to_json", "worded"]
