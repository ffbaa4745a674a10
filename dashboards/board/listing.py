"""Long lists in pages: what is asked for in the address is found, whichever page it stands on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.datastructures import QueryParams

T = TypeVar("T")
PAGE_ROWS = 50
# Rows that are high, as cards of a phone above all.
HIGH_ROWS = 25
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """One page of what was found. `total` counts all there is, `found` what the words asked for."""

    rows: tuple[T, ...]
    total: int
    found: int
    number: int
    pages: int
    words: str
    kept: str  # the rest of the address, for links to other pages of the list
    key: str  # what the address calls this list's page

    def address(self, number: int) -> str:
        return f"?{self.kept}{'&' if self.kept else ''}{self.key}={number}"


def listed(
    items: Iterable[T],
    asked: QueryParams,
    text: Callable[[T], str],
    *,
    key: str = "page",
    rows: int = PAGE_ROWS,
) -> Listing[T]:
    """The items whose text holds every word of `q`, cut to the page that is asked for.

    key: under which the address asks for it; a page of several lists has one for each.
    """
    everything = list(items)
    words = asked.get("q", "")[:_LONGEST].strip()
    wanted = words.lower().split()
    found = everything
    if wanted:
        found = [item for item in everything if all(word in text(item).lower() for word in wanted)]
    pages = max(1, -(-len(found) // rows))
    number = min(max(1, _number(asked.get(key))), pages)
    own = {key, "fragment"}
    return Listing(
        rows=tuple(found[(number - 1) * rows : number * rows]),
        total=len(everything),
        found=len(found),
        number=number,
        pages=pages,
        words=words,
        kept=str(QueryParams([(name, value) for name, value in asked.multi_items() if name not in own])),
        key=key,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 1
