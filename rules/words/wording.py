"""Reasons in a reader's language: one table of templates a language, `zh.toml` and `en.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from rules.words.reason import Arg, Reason
from runtime.language import Language, language

_JOINED = "joined"


def worded(value: Reason, lang: Language | None = None) -> str:
    """The reason in words; `lang` None: the program's own language."""
    return _text(value, lang or language())


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
    words = table(lang)
    if value.code == _JOINED:
        return words["marks.parts"].join(_arg(part, lang) for part in _parts(value.args[0][1]))
    template = words.get(value.code)
    if template is None:  # written by a later version: better its code than nothing
        return value.code
    return _Words(lang).vformat(template, (), dict(value.args))


def _parts(value: Arg) -> tuple[Arg, ...]:
    return value if isinstance(value, tuple) and not isinstance(value, Reason) else (value,)


def _arg(value: Arg, lang: Language) -> str:
    if isinstance(value, Reason):
        return _text(value, lang)
    return _listed(value, lang) if isinstance(value, tuple) else str(value)


def _listed(value: tuple[Arg, ...], lang: Language) -> str:
    return table(lang)["marks.list"].join(_arg(part, lang) for part in value)


class _Words(Formatter):
    """`{rooms}` lists, `{why}` words another reason, `{stage:stages}` takes a name of the vocabulary."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        # An argument that an older version did not write.
        return kwargs.get(key, "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec:
            return _arg(value, self._lang)
        if isinstance(value, tuple):
            names = [name(format_spec, str(part), self._lang) for part in value]
            return table(self._lang)["marks.list"].join(names)
        return name(format_spec, str(value), self._lang)
