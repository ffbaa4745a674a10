"""What a reader asks of the planner, as people write it: a budget, or what a school would have more of."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from starlette.datastructures import QueryParams

from registry.vocabulary import Item
from rules.standards.standard import Indicator
from runtime.errors import UserError
from runtime.language import Text

_LONGEST = 40
# 1,500,000 and 150万 are the same; a fen is the least.
_NUMBER = re.compile(r"(\d{1,15})(?:\.(\d{1,6}))?(万?)元?", re.ASCII)
# 1,5 may be one and a half, or fifteen: it is asked for again.
_IN_THREES = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)", re.ASCII)
_TEN_THOUSAND = 10_000
_MOST = 10**13


@dataclass(frozen=True, slots=True)
class Kind:
    """How much of an item may be asked about: whole pieces, or to so many decimals."""

    decimals: int
    most: int


# Above what any school of any district has.
KINDS: Mapping[Item, Kind] = {
    "multimedia_rooms": Kind(0, 10_000),
    "equipment_cny": Kind(2, 10**12),
    "teaching_area_m2": Kind(2, 10**8),
    "sports_area_m2": Kind(2, 10**8),
}


class NotUnderstood(UserError, ValueError):
    """What was typed is no such amount; the text says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A school, and what it would have more of, by item."""

    school: str
    added: Mapping[Item, Fraction]

    def by_code(self, indicators: tuple[Indicator, ...]) -> Mapping[str, Fraction]:
        return {each.code: self.added[each.item] for each in indicators if each.item in self.added}


def read_budget(asked: QueryParams) -> Fraction | None:
    """Yuan; None: no budget was named. Raises NotUnderstood."""
    text = asked.get("budget", "").strip()
    return _amount("budget", text, Kind(2, _MOST)) if text else None


def read_wish(asked: QueryParams, indicators: tuple[Indicator, ...]) -> Wish | None:
    """None: no school was named. indicators: what a school can have more of. Raises NotUnderstood."""
    school = asked.get("school", "").strip()
    if not school:
        return None
    known = {each.item for each in indicators}
    added: dict[Item, Fraction] = {}
    for item, kind in KINDS.items():
        text = asked.get(item, "").strip()
        if not text:
            continue
        if item not in known:
            raise NotUnderstood(
                Text(f"{item}：所用标准没有这一项", f"{item}: the standard applied has no such item")
            )
        added[item] = _amount(item, text, kind)
    return Wish(school=school[:_LONGEST], added={item: more for item, more in added.items() if more})


def _amount(what: str, text: str, kind: Kind) -> Fraction:
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:_LONGEST]))
    typed = typed.replace(",", "") if _IN_THREES.match(typed) else typed
    found = _NUMBER.fullmatch(typed) if len(text) <= _LONGEST else None
    if found is None:
        raise _not_so(what, text, "应为数字，如 1500000 或 150万", "write a number such as 1500000")
    whole, decimals, times = found.groups()
    amount = Fraction(f"{whole}.{decimals or 0}") * (_TEN_THOUSAND if times else 1)
    if (amount * 10**kind.decimals).denominator != 1:
        zh, en = (
            ("应为整数", "write a whole number")
            if not kind.decimals
            else ("最多两位小数", "two decimals at most")
        )
        raise _not_so(what, text, zh, en)
    if amount > kind.most:
        raise _not_so(what, text, f"不超过 {kind.most:,}", f"no more than {kind.most:,}")
    return amount


def _not_so(what: str, text: str, zh: str, en: str) -> NotUnderstood:
    shown = text[:_LONGEST]
    return NotUnderstood(Text(f"{what} {shown!r}：{zh}", f"{what} {shown!r}: {en}"))
