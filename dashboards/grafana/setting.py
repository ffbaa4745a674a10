"""What a build depends on: the standard whose names and limits are shown, the zone, the board's address."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dashboards.grafana.variables import BOARD
from registry.vocabulary import Item
from rules.standards.naming import IndicatorName, code_of, indicator_names
from rules.standards.standard import Standard

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Setting:
    """One build. Two of the same setting give the same files to the byte."""

    standard: Standard
    zone: str = ZONE
    board: str = BOARD

    @cached_property
    def names(self) -> Mapping[str, IndicatorName]:
        return indicator_names(self.standard)

    @property
    def own(self) -> tuple[str, ...]:
        """The codes of the standard's own indicators, in its order."""
        return tuple(indicator.code for indicator in self.standard.indicators)

    @property
    def beside(self) -> tuple[str, ...]:
        """What stands beside them, of whole schools."""
        return tuple(code for code in self.names if code not in (*self.own, "overall"))

    def code(self, item: Item) -> str | None:
        return code_of(self.standard, item)

    def short(self, code: str) -> str:
        return self.names[code].short.zh
