"""Values of the store's rows as the pages want them; missing stays None."""

from rules.words import Reason, stored
from store import Row


def text_of(row: Row, name: str) -> str | None:
    value = row.values[name]
    return None if value is None else str(value)


def int_of(row: Row, name: str) -> int | None:
    value = row.values[name]
    return None if value is None else int(value)


def reason_of(row: Row, name: str = "reason") -> Reason:
    """A reason of a row; one that an older version wrote says the text that it has."""
    return stored(text_of(row, f"{name}_json"), text_of(row, name))
