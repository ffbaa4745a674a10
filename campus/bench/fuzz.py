"""Damaged answers by the thousand: whatever a device says, a round over it ends and tells how it went."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from runtime.language import Text

# What damage often looks like: lengths that promise much, line ends, marks of other protocols, filling.
_PIECES = (
    *(b"\x30\x82", b"\x30\x80", b"\x84\xff\xff\xff\xff", b"\xff\xfb\x01", b"\x00", b"\xff" * 8, b"\x80" * 20),
    *(b"\r", b"\n", b"=", b"%1", b"ERR1", b"PJLINK ERRA", b"\x04\x00", b"\x05\x00", b"\x82\x00", b"9" * 40),
)


@dataclass(kw_only=True)
class Fuzzed:
    """So many damaged answers, how the rounds over them ended, and what went wrong with our own program."""

    answers: int = 0
    rounds: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)


Fuzz = Callable[[int, int], Fuzzed]
"""Feeds at least so many damaged answers, the same for the same seed."""


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Something like `data`: bytes changed, left out, put in, said twice, cut off."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        place = chance.randrange(len(found) + 1)
        kind = chance.randrange(7)
        if kind <= 2 and place < len(found):
            found[place] = chance.randrange(256)
        elif kind == 3:
            del found[place : place + chance.randrange(1, 9)]
        elif kind == 4:
            found[place:place] = chance.choice(_PIECES)
        elif kind == 5:
            found[place:place] = found[place : place + chance.randrange(1, 40)]
        else:
            del found[place:]
    return bytes(found)


def fuzz(subjects: Iterable[tuple[str, Fuzz]], *, answers: int, seed: int, say: Callable[[str], None]) -> int:
    """Feed damaged answers to each subject, and say how that went; gives the number of crashes."""
    crashes = 0
    for name, run in subjects:
        started = time.monotonic()
        found = run(answers, seed)
        seconds = max(time.monotonic() - started, 1e-9)
        say(f"{name}: {_line(found, seconds)}")
        for crash in found.crashes[:10]:
            say(f"  {crash}")
        crashes += len(found.crashes)
    return crashes


def _line(found: Fuzzed, seconds: float) -> Text:
    ended = ", ".join(f"{name} {number}" for name, number in found.ended.most_common())
    return Text(
        f"{found.answers} 个损坏的答复，{found.rounds} 轮（{ended}），{len(found.crashes)} 次崩溃，"
        f"每秒 {found.answers / seconds:.0f} 个",
        f"{found.answers} damaged answers, {found.rounds} rounds ({ended}), {len(found.crashes)} crashes, "
        f"{found.answers / seconds:.0f} a second",
    )
