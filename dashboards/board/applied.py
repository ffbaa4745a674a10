"""The standard that the last evaluation applied: its names, its limits, and what it calls itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from registry.vocabulary import Item
from rules.standards.naming import IndicatorName, code_of, indicator_names
from rules.standards.reading import StandardError, load_standard, standard_for
from rules.standards.standard import Standard


@dataclass(frozen=True)
class Applied:
    """`asked`: the name that the evaluation left; None before any. An unknown one has a stand-in."""

    asked: str | None
    standard: Standard

    @property
    def known(self) -> bool:
        return self.asked in {None, self.standard.name}

    @cached_property
    def names(self) -> Mapping[str, IndicatorName]:
        return indicator_names(self.standard)

    def code(self, item: Item) -> str | None:
        """The indicator of a figure, e.g. of multimedia rooms."""
        return code_of(self.standard, item)


class Standards:
    """Finds standards by the name that an evaluation left.

    own: the file of a standard of the bureau's own, where it has one; raises StandardError where it is none.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._own = load_standard(own) if own else None
        self._found: dict[tuple[str | None, date], Applied] = {}

    def applied(self, asked: str | None, day: date) -> Applied:
        """The standard of that name, else the one in force on the day in its place."""
        if (asked, day) not in self._found:
            self._found = {(asked, day): Applied(asked, self._standard(asked, day))}
        return self._found[asked, day]

    def _standard(self, asked: str | None, day: date) -> Standard:
        if self._own and asked in {None, self._own.name}:
            return self._own
        try:
            # What an evaluation left is a name and never a file.
            return standard_for(None if asked and asked.endswith(".toml") else asked, as_of=day)
        except StandardError:
            return standard_for(None, as_of=day)
