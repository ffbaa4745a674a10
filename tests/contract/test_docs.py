"""The documents say what the table says."""

import json
from pathlib import Path

from contract.describe import asyncapi, markdown

DOCS = Path(__file__).parents[2] / "docs"


def test_the_contract_page_holds_the_present_table() -> None:
    page = (DOCS / "contract.md").read_text(encoding="utf-8")
    inner = page.partition("--format markdown -->\n")[2].partition("<!-- end -->")[0]
    assert markdown() == inner, "the table changed: run scripts/docs"


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
