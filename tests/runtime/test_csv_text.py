"""What people will open in a spreadsheet holds text and numbers, and nothing that runs."""

import pytest

from runtime.csv_text import csv_text


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-2+3", "'-2+3"),
        ("-78", "-78"),
        ("+1.50", "+1.50"),
        ("模拟", "模拟"),
    ],
)
def test_nothing_in_a_csv_runs_as_a_formula_and_numbers_stay_numbers(cell: str, told: str) -> None:
    assert f"\ufeffname\r\n{told}\r\n" == csv_text(("name",), [(cell,)])


def test_a_line_break_in_a_name_does_not_end_its_row() -> None:
    assert '\ufeffname,room\r\n"\'\n=1",101\r\n' == csv_text(("name", "room"), [("\n=1", "101")])
