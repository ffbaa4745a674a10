"""The shortfall register (销号台账) as a page: what is short, by how much, whose it is, until when."""

from dataclasses import dataclass

from dashboards.board.applied import Applied
from dashboards.board.names import Names
from rules.shortfalls.register import Shortfall, Shortfalls, ShortfallSource
from store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The page's figures; `found` is None where the board knows names but no registry."""

    now_ms: int
    applied: Applied
    found: Shortfalls | None

    @property
    def open_items(self) -> int:
        """Items that are not closed."""
        counts = self.found.counts if self.found else {}
        return sum(count for state, count in counts.items() if state != "closed")

    def open_of(self, school: str) -> dict[tuple[str, str], Shortfall]:
        """What is not closed of a school, by stage and indicator."""
        rows = self.found.rows if self.found else ()
        return {
            row.item.key[2:]: row for row in rows if row.item.key[1] == school and row.item.state != "closed"
        }

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.found.rows) if self.found else 0


class RegisterSource:
    """Reads the register; not to be used by two threads at once."""

    def __init__(self, store: Store) -> None:
        self._source = ShortfallSource(store)

    def read(self, names: Names, applied: Applied, *, now_ms: int) -> RegisterPage:
        """By the standard of the last evaluation. Raises store.Unavailable."""
        registry = names.registry
        found = None
        if registry is not None:
            found = self._source.read(registry, applied.standard, as_of=names.today(now_ms))
        return RegisterPage(now_ms=now_ms, applied=applied, found=found)
