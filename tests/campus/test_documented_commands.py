"""Every command that README and docs show is one that `campus` knows, with options that it takes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from campus.program import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
_INLINE = re.compile(r"`(campus [^`\n]*(?:\n[^`\n]*)?)`")
_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# In a line of a shell: at its beginning, after a prompt, a program's folder or a container's name.
_LINE = re.compile(r"(?:^|[ /])(campus (?!campus\b)[a-z-]+[^#&|]*)")
# What stands for one of several names.
_ANY = ("NAME", "名称")
CAMPUS: Any = typer.main.get_command(app)


def commands(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    yield from (found.replace("\n", " ") for found in _INLINE.findall(text))
    for block in _BLOCK.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _LINE.findall(line)


def wrong(text: str) -> list[str]:
    """What of a command line `campus` does not know."""
    known = CAMPUS
    words = [word for word in text.split()[1:] if word not in _ANY]
    while words and words[0] in getattr(known, "commands", {}):
        known = known.commands[words.pop(0)]
    taken = {option for parameter in known.params for option in parameter.opts} | {"--help"}
    options = [word.split("=")[0].rstrip(",;:)") for word in words if re.match(r"--[a-z]", word)]
    lost = [word for word in words[:1] if hasattr(known, "commands") and not word.startswith("-")]
    return lost + [option for option in options if option not in taken]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_shows_is_there(page: Path) -> None:
    assert [] == [(text, what) for text in commands(page) if (what := wrong(text))]


def test_a_slip_in_a_page_would_be_found() -> None:
    slips = ("campus bord --config x", "campus board user ad wang", "campus rules plan --budgt 5")
    assert [["bord", "--config"], ["ad"], ["--budgt"]] == [wrong(slip) for slip in slips]
    assert sum(len(list(commands(page))) for page in PAGES) > 300
