"""How a value that someone wrote is shown in a message: short, on one line, and without a password in it."""

import re
from typing import Any

_LONGEST = 80
# An address may hold a password before its @, which may hold any character, another @ too.
_BEFORE_AT = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:/*)?.*@", re.DOTALL)


def shown(value: Any) -> str:
    """The value as Python writes it, with what stands before an @ left out."""
    if isinstance(value, str):
        value = without_password(value)
    elif isinstance(value, int) and value.bit_length() > 4 * _LONGEST:
        return "…"  # Python itself refuses to write numbers of thousands of digits
    return shortened(repr(value), _LONGEST)


def shortened(text: str, most: int = 400) -> str:
    """As much of the text as stands on a line."""
    return text if len(text) <= most else text[: most - 1] + "…"


def without_password(address: str) -> str:
    """An address without its user and password: `mqtt://…@host`."""
    return _BEFORE_AT.sub(lambda found: f"{found[1] or ''}…@", address, count=1)
