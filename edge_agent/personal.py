"""Telephone and identity numbers: what is about a person wherever it stands."""

import re

_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_IDENTITY = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def is_personal(text: str) -> bool:
    """Whether a mobile telephone or a valid identity number stands in it."""
    return bool(_MOBILE.search(text)) or any(_is_identity(found[0]) for found in _IDENTITY.finditer(text))


def masked(text: str) -> str:
    """The text with every such number as noughts, so that it stays as long as it was."""
    text = _MOBILE.sub(lambda found: "0" * len(found[0]), text)
    return _IDENTITY.sub(lambda found: "0" * len(found[0]) if _is_identity(found[0]) else found[0], text)


def _is_identity(digits: str) -> bool:
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
    return digits[-1].upper() == _CHECK[rest]
