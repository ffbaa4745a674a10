"""What is there at least and at most, as one short text: `7`, `9/2..7`, `7..` (nobody can say how much more),
`..` (nothing is known). Exact, so that whoever reads it counts on with the very figures of the evaluation.
"""

import re
from fractions import Fraction

from runtime.errors import UserError
from runtime.language import Text

_BETWEEN = ".."
_NUMBER = re.compile(r"\d{1,400}(/\d{1,400})?", re.ASCII)
Amounts = tuple[Fraction | None, Fraction | None]


class AmountError(UserError, ValueError):
    """A text that none of this house wrote."""


def amount_text(known: Fraction | None, most: Fraction | None) -> str:
    """known None: nothing is known to be there; most None: nobody can say how much there may be."""
    if known is not None and (known is most or known == most):
        return str(known)
    return _BETWEEN.join("" if end is None else str(end) for end in (known, most))


def read_amount(text: str) -> Amounts:
    """The same two again. Raises AmountError."""
    known, between, most = text.partition(_BETWEEN)
    least = _end(known, text)
    return (least, _end(most, text)) if between else (_stated(least, text), least)


def read_share(text: str) -> Fraction:
    """A part of the whole school's, as `3/8`. Raises AmountError."""
    return _stated(_end(text, text), text)


def _end(text: str, whole: str) -> Fraction | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise _wrong(whole)
    try:
        return Fraction(text)
    except ZeroDivisionError as error:
        raise _wrong(whole) from error


def _stated(value: Fraction | None, whole: str) -> Fraction:
    if value is None:
        raise _wrong(whole)
    return value


def _wrong(text: str) -> AmountError:
    shown = text[:40]
    return AmountError(Text(f"{shown!r} 不是数量", f"{shown!r} is no amount"))
