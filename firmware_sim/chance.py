"""Chance without a generator: the same names give the same number, in any order and in any process."""

from hashlib import blake2b


def chance(*names: object) -> float:
    """A number in [0, 1) that belongs to these names."""
    return digest(*names) / 2**64


def between(low: int, high: int, *names: object) -> int:
    """A whole number from low to high, both included."""
    return low + int(chance(*names) * (high - low + 1))


def digest(*names: object) -> int:
    """A 64-bit number that belongs to these names."""
    text = "\x1f".join(map(str, names))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
