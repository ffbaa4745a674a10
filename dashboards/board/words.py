"""What the board's pages say: zh.toml and en.toml. Names of states and indicators come from rules/words."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from runtime.language import Language

# Which of three looks a state gets: a shape and a colour, beside the word itself.
_LOOKS = {
    **dict.fromkeys(("pass", "up", "online", "ok", "yes", "closed"), "pass"),
    **dict.fromkeys(("fail", "down", "fault", "error", "offline", "silent", "timeout", "refused"), "fail"),
    **dict.fromkeys(("auth", "decode", "unsupported", "open", "reopened", "critical"), "fail"),
}


@cache
def page_words(language: Language) -> Mapping[str, str]:
    """Everything that the pages say in a language, by "section.key"."""
    text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{key}": said
        for section, entries in tomllib.loads(text).items()
        for key, said in entries.items()
    }


def look(state: str | None) -> str:
    """pass, fail or undetermined: the shape and colour of a state."""
    return _LOOKS.get(state or "", "undetermined")
