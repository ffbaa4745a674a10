"""The documents say what the table says."""

import json
from pathlib import Path

import pytest

from contract.chinese import MEANINGS
from contract.daybook import DAY_FACTS
from contract.describe import asyncapi, markdown
from contract.table import MEASUREMENTS
from runtime.language import Language

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "language"), [("contract.md", "en"), ("zh/contract.md", "zh")])
def test_the_contract_page_holds_the_present_table(page: str, language: Language) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    inner = text.partition("--format markdown -->\n")[2].partition("<!-- end -->")[0]
    assert markdown(language) == inner, "the table changed: run scripts/docs"


def test_every_meaning_is_told_in_chinese_too() -> None:
    tables = (*MEASUREMENTS.values(), *DAY_FACTS.values())
    meanings = {each.meaning for table in tables for each in (table, *table.tags, *table.fields)}
    assert (set(), set()) == (meanings - MEANINGS.keys(), MEANINGS.keys() - meanings)


def test_the_asyncapi_document_is_the_present_one() -> None:
    written = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    assert asyncapi("1") == written, "the table changed: run scripts/docs"


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi("1")
    text = json.dumps(document)
    references = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    assert references
