"""Workbooks of Excel 97 and of LibreOffice are read as those of today: formats, merged, hidden, struck cells.

`books/` has one workbook, saved by LibreOffice as .xls and as .ods.
"""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tables.old_workbook import open_old_workbook
from tables.opening import open_sheets
from tables.sheets import Row, Unreadable

BOOKS = Path(__file__).parent / "books"
KINDS = ["ledger.xls", "ledger.ods"]


def rows_of(path: Path, sheet: int = 0) -> dict[int, Row]:
    """The rows of one sheet by number; each sheet must be read before the next."""
    return {row.number: row for row in [list(each.rows) for each in open_sheets(path)][sheet]}


@pytest.mark.parametrize("name", KINDS)
def test_cells_say_what_the_spreadsheet_shows(name: str) -> None:
    """Zeros before a code, a unit and a currency of the format, dates, a time, a share, errors."""
    expected: dict[int, Mapping[int, str]] = {
        1: {0: "固定资产台账"},
        2: {0: "编号", 1: "名称", 2: "数量", 3: "原值", 4: "日期"},
        3: {0: "0000017", 1: "投影机", 2: "1", 3: "6200万元", 4: "2019-09-01"},
        4: {0: "ＧＺ－０２", 1: "电脑", 2: "２台", 3: "1.5万元", 4: "2020-03-01 08:40:00"},
        5: {0: "ＧＺ－０２", 1: "显示器", 2: "95%", 3: "54000", 4: "45000"},
        6: {0: "GZ-04", 1: "hidden", 2: "1", 3: "1", 4: "1"},
        7: {0: "GZ-05", 1: "struck", 2: "1", 3: "1", 4: "1"},
        8: {0: "GZ-06", 1: "新", 2: "1", 3: "#DIV/0!", 4: "#N/A"},
        9: {0: "GZ-07", 1: "true", 2: "1", 4: "0.361111111111111"},
        10: {0: "GZ-08", 1: "usd", 2: "1", 3: "$900"},
        11: {0: "GZ-09", 1: "two\nlines", 2: "1234567890123460", 3: "0.1"},
        12: {0: "GZ-10", 1: "text", 3: "元1", 4: "6"},
    }
    assert expected == {number: dict(row.cells) for number, row in rows_of(BOOKS / name).items()}


@pytest.mark.parametrize("name", KINDS)
def test_what_is_merged_hidden_or_struck_out_is_known(name: str) -> None:
    rows = rows_of(BOOKS / name).values()
    assert ([(5, [0])], [6], [(7, [0, 1, 2, 3, 4])], [(1, ((0, 4),)), (9, ((2, 3),))]) == (
        [(row.number, sorted(row.joined)) for row in rows if row.joined],
        [row.number for row in rows if row.hidden],
        [(row.number, sorted(row.struck)) for row in rows if row.struck],
        [(row.number, row.wide) for row in rows if row.wide],
    )


@pytest.mark.parametrize("name", KINDS)
def test_hidden_sheets_and_columns_are_known(name: str) -> None:
    found = [
        (sheet.name, sheet.hidden, sorted(sheet.hidden_columns), sheet.blind, len(list(sheet.rows)))
        for sheet in open_sheets(BOOKS / name)
    ]
    assert [
        ("台账", False, [2], False, 12),
        ("去年", True, [], False, 1),
        ("空", False, [], False, 0),
    ] == found


def written(tmp_path: Path, table: str, *, manifest: str = "") -> Path:
    """The workbook of LibreOffice with another first sheet."""
    path = tmp_path / "l.ods"
    with zipfile.ZipFile(BOOKS / "ledger.ods") as archive, zipfile.ZipFile(path, "w") as out:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "content.xml":
                body = f'<table:table table:name="A">{table}</table:table>'.encode()
                content = re.sub(rb"<table:table .*</table:table>", body, content, flags=re.DOTALL)
            elif name == "META-INF/manifest.xml":
                content = content.replace(b"</manifest:manifest>", f"{manifest}</manifest:manifest>".encode())
            out.writestr(name, content)
    return path


def row(*cells: str, about: str = "") -> str:
    return f"<table:table-row {about}>{''.join(cells)}</table:table-row>"


def cell(text: str, about: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {about}>{text}</table:table-cell>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (cell("<text:p>a<text:s text:c='2'/>b</text:p><text:p>c</text:p>"), "a  b\nc"),
        # A remark, a picture and a reading aid are not the cell's text.
        (cell("<office:annotation><text:p>note</text:p></office:annotation><text:p>a</text:p>"), "a"),
        (cell("<text:p>a</text:p><draw:frame><text:p>b</text:p></draw:frame>"), "a"),
        (cell("<text:p>1,020.00</text:p>", 'office:value-type="float" office:value="1020"'), "1020"),
        (cell("<text:p>95%</text:p>", 'office:value-type="percentage" office:value="0.95"'), "95%"),
        (
            cell("<text:p>9</text:p>", 'office:value-type="currency" office:currency="USD" office:value="9"'),
            "USD9",
        ),
        (
            cell("<text:p>9</text:p>", 'office:value-type="currency" office:currency="CNY" office:value="9"'),
            "9",
        ),
        (
            cell("<text:p>1月2日</text:p>", 'office:value-type="date" office:date-value="2026-01-02"'),
            "2026-01-02",
        ),
        (
            cell(
                "<text:p>Err:502</text:p>",
                'table:formula="of:=X" office:value-type="float" office:value="0"',
            ),
            "#VALUE!",
        ),
        (cell("", 'office:value-type="boolean" office:boolean-value="false"'), "0"),
    ],
)
def test_a_cell_of_an_open_document_says_what_it_means(tmp_path: Path, content: str, text: str) -> None:
    assert {1: {0: text}} == {n: dict(r.cells) for n, r in rows_of(written(tmp_path, row(content))).items()}


def test_rows_and_columns_that_repeat_are_each_of_their_own(tmp_path: Path) -> None:
    table = (
        row(
            cell("<text:p>x</text:p>", 'table:number-columns-repeated="2"'),
            about='table:number-rows-repeated="2"',
        )
        + row(cell(""), about='table:number-rows-repeated="1000"')
        + row(cell("<text:p>y</text:p>"), about='table:visibility="filter"')
    )
    rows = rows_of(written(tmp_path, table))
    assert ({1: {0: "x", 1: "x"}, 2: {0: "x", 1: "x"}, 1003: {0: "y"}}, [1003]) == (
        {number: dict(each.cells) for number, each in rows.items()},
        [number for number, each in rows.items() if each.hidden],
    )


def test_a_formula_without_its_result_is_known(tmp_path: Path) -> None:
    table = row(cell("<text:p>x</text:p>"), cell("", 'table:formula="of:=[.A1]"'))
    (only,) = rows_of(written(tmp_path, table)).values()
    assert frozenset({1}) == only.unsolved


def test_cells_that_were_changed_or_deleted_are_not_read_again(tmp_path: Path) -> None:
    past = f"<table:tracked-changes><table:cell-content-change>{cell('<text:p>old</text:p>')}"
    table = f"{past}</table:cell-content-change></table:tracked-changes>{row(cell('<text:p>new</text:p>'))}"
    assert {1: {0: "new"}} == {n: dict(r.cells) for n, r in rows_of(written(tmp_path, table)).items()}


def test_an_open_document_with_a_password_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "", manifest="<manifest:encryption-data/>")
    with pytest.raises(Unreadable, match="密码"):
        rows_of(path)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_workbook_that_breaks_off_is_told(tmp_path: Path, name: str, part: float) -> None:
    whole = (BOOKS / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(Unreadable):
        rows_of(tmp_path / name)


def test_what_the_library_of_xlsb_panics_on_is_told(tmp_path: Path) -> None:
    """It reads .xls as well; one that breaks off makes it panic."""
    whole = (BOOKS / "ledger.xls").read_bytes()
    (tmp_path / "l.xlsb").write_bytes(whole[: int(len(whole) * 0.95)])
    with pytest.raises(Unreadable):
        list(open_old_workbook(tmp_path / "l.xlsb"))
