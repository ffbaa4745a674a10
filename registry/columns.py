"""What a column and a sheet of the registry are: titles in both languages, and how a cell is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry import cells
from registry.vocabulary import YES_NO_WORDS
from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `read` turns a cell's text into a value or raises Misread.

    choices: what may be written, where that is a list; the words of the form first. others: these are the
    usual ones, and others are read too. figure: a number, which a merged cell cannot give to several rows.
    money: its title may say 万元. text_only: a code, whose zeros a spreadsheet must not drop.
    """

    name: str
    chinese: tuple[str, ...]
    read: Callable[[str], Any]
    meaning: Text
    choices: tuple[str, ...] = ()
    others: bool = False
    required: bool = False
    text_only: bool = False
    money: bool = False

    @property
    def title(self) -> str:
        return str(Text(self.chinese[0], self.name))

    @property
    def figure(self) -> bool:
        return self.read in _FIGURES


_FIGURES = (cells.count, cells.amount, cells.more_than_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """One sheet: its names and its columns. An optional one may be missing and is then empty."""

    name: str
    chinese: str
    columns: tuple[Column, ...]
    meaning: Text
    optional: bool = False
    order: int = 99

    @property
    def title(self) -> str:
        return str(Text(self.chinese, self.name))


def column(
    name: str,
    chinese: str,
    read: Callable[[str], Any],
    meaning: Text,
    *,
    required: bool = False,
    text_only: bool = False,
    money: bool = False,
) -> Column:
    return Column(
        name=name,
        chinese=tuple(chinese.split()),
        read=read,
        meaning=meaning,
        required=required,
        text_only=text_only,
        money=money,
    )


def one_of(
    name: str,
    chinese: str,
    choices: tuple[str, ...],
    meaning: Text,
    *,
    words: Mapping[str, str] | None = None,
    spellings: Mapping[str, str] | None = None,
    required: bool = True,
) -> Column:
    """A column with one of these. `words` are offered beside the choices, `spellings` only read."""
    offered = words or {}
    # One word for each choice is enough to offer.
    shown: dict[str, str] = {}
    for word, value in offered.items():
        shown.setdefault(value, word)
    return Column(
        name=name,
        chinese=tuple(chinese.split()),
        read=cells.choice(choices, {**(spellings or {}), **offered}, tuple(shown.values()) or choices),
        meaning=meaning,
        choices=(*offered, *choices),
        required=required,
    )


def yes_or_no(name: str, chinese: str, meaning: Text) -> Column:
    return Column(
        name=name,
        chinese=(chinese,),
        read=cells.yes,
        meaning=meaning,
        choices=(*YES_NO_WORDS, "1", "0"),
    )
