"""The language that a person reads: chosen once a program, Chinese and English, one at a time."""

import os
from typing import Literal, NamedTuple, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
VARIABLE = "CAMPUS_LANG"
_chosen: list[Language] = []


class Text(NamedTuple):
    """One thing to say in both languages; as a string it speaks the program's language."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.of(language())

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def language() -> Language:
    """What was chosen with `choose_language`; else CAMPUS_LANG; else Chinese where the locale says zh."""
    if _chosen:
        return _chosen[0]
    asked = os.environ.get(VARIABLE, "").lower()
    if asked[:2] in LANGUAGES:
        return "zh" if asked.startswith("zh") else "en"
    # As POSIX orders them: the first that is set decides.
    locale = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    return "zh" if locale.lower().startswith("zh") else "en"


def choose_language(chosen: Language | None) -> None:
    """Set the language of this program; None leaves it to the environment again."""
    _chosen[:] = [] if chosen is None else [chosen]
