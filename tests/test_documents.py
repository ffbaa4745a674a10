"""Every page of documentation stands in Chinese beside the English one, with the same structure."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
_FENCE = re.compile(r"^```", re.MULTILINE)


def headings(page: Path) -> list[str]:
    """The levels and words of a page's headings; what stands in code is none."""
    found, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        inside ^= line.startswith("```")
        if not inside and re.match(r"#{1,6} ", line):
            found.append(line)
    return found


def shape(page: Path) -> str:
    return "".join(heading.partition(" ")[0] + " " for heading in headings(page))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_counterpart_in_chinese_with_the_same_headings(name: str) -> None:
    english, chinese = DOCS / name, DOCS / "zh" / name
    assert chinese.is_file(), f"docs/zh/{name} is missing"
    pairs = f"docs/{name}: {headings(english)}\ndocs/zh/{name}: {headings(chinese)}"
    assert shape(english) == shape(chinese), f"the headings differ\n{pairs}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_chinese_has_every_block_of_code(name: str) -> None:
    english, chinese = (
        len(_FENCE.findall(page.read_text(encoding="utf-8"))) for page in (DOCS / name, DOCS / "zh" / name)
    )
    assert english == chinese, f"docs/zh/{name} has {chinese // 2} blocks of code, docs/{name} {english // 2}"


@pytest.mark.parametrize("name", PAGES)
def test_links_of_a_page_lead_somewhere(name: str) -> None:
    """Files of this repository that a page names in a link are there."""
    for page in (DOCS / name, DOCS / "zh" / name):
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
        missing = [
            link
            for link in links
            if link
            and "://" not in link
            and not link.startswith("mailto:")
            and not (page.parent / link).exists()
        ]
        assert [] == missing, page


def test_the_chinese_rules_name_the_tests_that_the_english_ones_name() -> None:
    """The page of the indicators, rule by rule in the same order."""
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "indicators.md", DOCS / "zh/indicators.md")]
    english, chinese = (re.findall(r"`test_\w+\.py::test_\w+`", page) for page in pages)
    assert english == chinese


def test_the_chinese_readme_leads_to_the_chinese_pages() -> None:
    text = (DOCS.parent / "README.zh-CN.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((docs/[^)#]+\.md)\)", text)
    assert [] == [link for link in linked if not link.startswith("docs/zh/")]
    assert set() == {f"docs/zh/{name}" for name in PAGES} - set(linked)
