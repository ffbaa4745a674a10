"""What was read leniently or left out: told, though it stops nothing."""

from collections import Counter
from dataclasses import dataclass, field

from runtime.language import Text


@dataclass(slots=True)
class Notes:
    """Counted by sheet and kind, so that the same thing many times is one line."""

    _counts: Counter[tuple[str, Text]] = field(default_factory=Counter)

    def add(self, sheet: str, what: Text, count: int = 1) -> None:
        """`what` without a number: how often is added by `lines`."""
        self._counts[sheet, what] += count

    def lines(self) -> tuple[Text, ...]:
        return tuple(
            Text(
                f"{sheet}：{what.zh}" + (f"（{count} 处）" if count > 1 else ""),
                f"{sheet}: {what.en}" + (f" ({count} times)" if count > 1 else ""),
            )
            for (sheet, what), count in self._counts.items()
        )
