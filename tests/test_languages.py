"""Every word for a reader stands in both languages, and each side keeps to its own."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "campus",
    "contract",
    "dashboards",
    "edge_agent",
    "firmware_sim",
    "ingest",
    "registry",
    "rules",
    "runtime",
    "store",
    "tables",
    "trust",
)
# What holds something to say in both languages, the Chinese first.
PAIRS = {"Text", "Words"}
WORDS = ROOT / "rules" / "words"

_CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
_ENGLISH_WORD = re.compile(r"[A-Za-z][a-z']+")
# Names, in whatever language they stand: commands, options, paths and addresses, code, what is put in.
_NAME = re.compile(
    r"\{[^{}]*\}"
    r"|campus(?: [a-z][a-z-]*)*"
    r"|pip install '[^']*'"
    r"|[a-z]+://\S+"
    r"|--[a-z][a-z-]*"
    r"|[\w./-]*[/_.][\w./-]*"
    r"|\bAP\b"
)
# Two words of English side by side on the Chinese side that are one name.
_PROPER = (
    "InfluxDB",
    "Ctrl-C",
    "Apprise",
    "Excel",
    "Markdown",
    "AsyncAPI",
    "Grafana",
    "WiFi Analyzer",
    "host, port",
)
# Official names that an English reader meets as they are.
_KEPT = (
    "销号台账",
    "挂图作战",
    "季报",
    "是否计校数",
    "元",
    "万元",
    "是",
    "否",
    "全校",
    "课表",
    "周一",
    "周日",
)
# A heading or a term as it is written in a school's files, in brackets behind its English: values (原值).
_GLOSS = re.compile(r"\([^()A-Za-z]+\)")


class Said(NamedTuple):
    """One thing to say, and where it stands."""

    place: str
    zh: str
    en: str


def _literal(node: ast.expr) -> str | None:
    """The text of a literal, `{}` where a value is put in; None where it is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [_literal(part) if isinstance(part, ast.Constant) else "{}" for part in node.values]
        return "".join(part or "" for part in parts)
    return None


def _of_code() -> Iterator[Said]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                    continue
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if called in PAIRS and len(node.args) == 2:
                    zh, en = map(_literal, node.args)
                    if zh is not None and en is not None:
                        yield Said(f"{file.relative_to(ROOT)}:{node.lineno}", zh, en)


def _table(language: str) -> dict[str, str]:
    """Every text of a table of words, by the path of its key."""
    found = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))
    return dict(_leaves("", found))


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}".lstrip("."), inner)
    elif isinstance(value, str):
        yield path, value


def _of_tables() -> Iterator[Said]:
    chinese, english = _table("zh"), _table("en")
    for key in chinese.keys() & english.keys():
        yield Said(f"rules/words {key}", chinese[key], english[key])


def _plain(text: str, *kept: str) -> str:
    for word in kept:
        text = text.replace(word, " · ")
    return _NAME.sub(" · ", text)


def english_in(chinese: str) -> list[str]:
    """Sentences of English on the Chinese side: two words of it side by side."""
    text = _plain(chinese, *_PROPER)
    return re.findall(rf"{_ENGLISH_WORD.pattern}(?:,? {_ENGLISH_WORD.pattern})+", text)


def chinese_in(english: str) -> list[str]:
    return _CHINESE.findall(_GLOSS.sub("", _plain(english, *_KEPT)))


ALL = [*_of_code(), *_of_tables()]


def test_both_tables_of_words_have_the_same_keys() -> None:
    chinese, english = _table("zh").keys(), _table("en").keys()
    assert (set(), set()) == (chinese - english, english - chinese)


def test_nothing_is_said_in_one_language_only() -> None:
    """Only a mark, such as —, may stand alone."""
    empty = [said for said in ALL if not said.en.strip() and _CHINESE.search(said.zh)]
    assert [] == empty + [said for said in ALL if said.en.strip() and not said.zh.strip()]


def test_the_chinese_side_holds_no_english_sentence() -> None:
    assert {} == {said.place: found for said in ALL if (found := english_in(said.zh))}


def test_the_english_side_holds_no_chinese() -> None:
    assert {} == {said.place: said.en for said in ALL if chinese_in(said.en)}


def test_what_has_words_has_chinese_ones() -> None:
    """A Chinese side that is a copy of the English one is none."""
    copied = [said for said in ALL if not _CHINESE.search(said.zh) and english_in(f"a {_plain(said.zh)}")]
    assert [] == copied


def test_the_texts_are_found() -> None:
    places = {said.place.partition("/")[0] for said in ALL}
    assert (True, set()) == (
        len(ALL) > 300,
        {"campus", "registry", "edge_agent", "rules", "runtime"} - places,
    )


def _mixed() -> Iterator[str]:
    """Literals that hold Chinese and a sentence of English at once: both languages in one breath."""
    for package in ("campus", "contract", "firmware_sim", "ingest", "registry", "runtime", "store", "tables"):
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                text = _literal(node) if isinstance(node, ast.Constant | ast.JoinedStr) else None
                if text and id(node) not in docs and _CHINESE.search(text) and english_in(text):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}: {text[:60]}"


def test_nothing_is_said_in_both_languages_at_once() -> None:
    assert [] == list(_mixed())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("无法读取 {}：{}", []),
        ("填好后检查：campus rules check --registry {}", []),
        ("无法读取: no such file", ["no such file"]),
        ("在线 online", []),
        ("见 docs/zh/operations.md", []),
    ],
)
def test_an_english_sentence_is_told_from_a_name(text: str, expected: list[str]) -> None:
    assert expected == english_in(text)
