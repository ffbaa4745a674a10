"""A report about schools, rooms and measures that are called hostile: all of it is text in every file."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from docx import Document

from tests.dashboards.hostile import HOSTILE, rewrite
from tests.rules.report_world import files, made, small_registry, workbook

_RUNS = re.compile(r"^\s*[=+\-@\t\r]")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("report")
    known = small_registry(folder / "registry")
    rewrite(known / "schools.csv", {"学校名称": HOSTILE, "责任单位": HOSTILE})
    rewrite(known / "rooms.csv", {"name": HOSTILE})
    quoted = HOSTILE.replace('"', '""')
    (known / "measures.csv").write_text(
        f'school_code,stage,indicator,measure,responsible\n2112000002,primary,L7,"{quoted}","{quoted}"\n',
        encoding="utf-8",
    )
    made(known, folder / "out")
    return files(folder / "out")


def test_no_cell_of_a_workbook_is_a_formula(written: dict[str, bytes]) -> None:
    books = {name: workbook(data) for name, data in written.items() if name.endswith(".xlsx")}
    cells = [
        (name, cell.coordinate, cell.data_type, str(cell.value))
        for name, book in books.items()
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert [] == [cell for cell in cells if cell[2] == "f"]
    assert any(HOSTILE in cell[3] for cell in cells)


def test_the_document_has_the_names_as_text_and_nothing_that_is_worked_out(written: dict[str, bytes]) -> None:
    (data,) = (data for name, data in written.items() if name.endswith(".docx"))
    document = Document(io.BytesIO(data))
    text = "\n".join(
        [part.text for part in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )
    fields = re.findall(rb"<w:instrText[^>]*>([^<]*)<", ZipFile(io.BytesIO(data)).read("word/document.xml"))
    assert HOSTILE in text
    assert [] == [field for field in fields if b"img" in field or b"DDE" in field]


def test_no_cell_of_a_csv_runs(written: dict[str, bytes]) -> None:
    cells = [
        cell
        for name, data in written.items()
        if name.endswith(".csv")
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))
        for cell in row
    ]
    assert [] == [cell for cell in cells if _RUNS.match(cell) and not re.match(r"^[+-]?[\d.]+$", cell)]
