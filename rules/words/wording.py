"""Reasons in a reader's language: one table of templates a language, `zh.toml` and `en.toml`.

In a template `{rooms}` lists, `{why}` words another reason, `{stage:stages}` takes a name of the vocabulary,
and `{pupils:,}` is an amount whose thousands stand apart.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from rules.words.reason import Arg, Reason, parts_of
from runtime.language import Language, language

_JOINED = "joined"
_AMOUNT = ","
_LARGE = re.compile(r"(\d{4,})(\.\d+)?", re.ASCII)
# Text before an argument, the argument's name, and the kind of vocabulary that words it.
_Piece = tuple[str, str | None, str]


def worded(value: Arg, lang: Language | None = None) -> str:
    """The reason in words, a name as it is, several as a list; `lang` None: the program's own language."""
    return _arg(value, lang or language())


def name(kind: str, code: str | None, lang: Language | None = None) -> str:
    """What a code of a vocabulary is called, e.g. name("verdicts", "pass"); an unknown one names itself."""
    if code is None:
        return "—"
    return table(lang or language()).get(f"{kind}.{code}", code)


@cache
def table(lang: Language) -> Mapping[str, str]:
    """Every template and name of a language by its dotted key."""
    values = tomllib.loads(Path(__file__).with_name(f"{lang}.toml").read_text(encoding="utf-8"))
    return dict(_flat(values))


def _flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        found += _flat(value, f"{before}{key}.") if isinstance(value, dict) else [(before + key, value)]
    return found


def _text(value: Reason, lang: Language) -> str:
    if value.code == _JOINED:
        return table(lang)["marks.parts"].join([_arg(part, lang) for part in parts_of(value)])
    pieces = _pieces(value.code, lang)
    if pieces is None:  # written by a later version: better its code than nothing
        return value.code
    args = dict(value.args)
    text = ""
    for literal, key, kind in pieces:
        text += literal
        if key is not None:
            # "?": an argument that an older version did not write.
            arg = args.get(key, "?")
            text += _shown(kind, arg, lang)
    return text


@cache
def _pieces(code: str, lang: Language) -> tuple[_Piece, ...] | None:
    template = table(lang).get(code)
    if template is None:
        return None
    return tuple((literal, key, kind or "") for literal, key, kind, _ in Formatter().parse(template))


def _shown(kind: str, value: Arg, lang: Language) -> str:
    if kind == _AMOUNT:
        return _apart(_arg(value, lang))
    return _named(kind, value, lang) if kind else _arg(value, lang)


def _apart(text: str) -> str:
    """Decimal text with its thousands apart; anything else as it is."""
    found = _LARGE.fullmatch(text)
    return f"{int(found[1]):,}{found[2] or ''}" if found else text


def _arg(value: Arg, lang: Language) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Reason):
        return _text(value, lang)
    return _listed([_arg(part, lang) for part in value], lang) if isinstance(value, tuple) else str(value)


def _named(kind: str, value: Arg, lang: Language) -> str:
    if isinstance(value, tuple) and not isinstance(value, Reason):
        return _listed([_named(kind, part, lang) for part in value], lang)
    return _text(value, lang) if isinstance(value, Reason) else name(kind, str(value), lang)


def _listed(parts: list[str], lang: Language) -> str:
    return table(lang)["marks.list"].join(parts)
