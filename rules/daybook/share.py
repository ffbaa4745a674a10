"""Which schools a process counts and which districts it judges, where several share a store: told by a hash.

There is no coordinator. Counting a day twice is counting it once, so that a share that is away is taken over
by starting the others with another number of shares.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b

from rules.daybook.entry import Place
from runtime.language import Text

_FORM = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")


@dataclass(frozen=True, slots=True)
class Share:
    """The `number`-th of `of` shares, from 1."""

    number: int = 1
    of: int = 1

    @classmethod
    def read(cls, text: str) -> "Share":
        """`2/4`; raises ValueError."""
        found = _FORM.fullmatch(text.strip())
        if found is None or int(found[1]) > int(found[2]):
            raise ValueError(
                Text(
                    f"{text!r}：应写成 2/4，即四份中的第二份",
                    f"{text!r}: write 2/4 for the second share of four",
                )
            )
        return cls(int(found[1]), int(found[2]))

    def counts(self, place: Place) -> bool:
        """Whether this share counts the days of a school."""
        return self._has(place)

    def judges(self, district: str) -> bool:
        """Whether this share judges a district, whose figures need all its schools; its alerts included."""
        return self._has((district,))

    def _has(self, key: tuple[Hashable, ...]) -> bool:
        if self.of == 1:
            return True
        digest = blake2b("/".join(map(str, key)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.of == self.number - 1


WHOLE = Share()
# Counts nothing: for whoever takes the book as it is written.
NOTHING = Share(0, 2)
