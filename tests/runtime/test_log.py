"""What comes from outside cannot begin a line of the log, nor steer the terminal that shows it."""

import logging

import pytest

from runtime.log import OneLine, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("教室 101", "教室 101"),
        ("a\nERROR b", "a\\nERROR b"),
        ("a\r\t\x00", "a\\r\\t\\x00"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b2J", "\\x9b2J"),
        ("a\u2028b\u202ec", "a\\u2028b\\u202ec"),
        ("lone \ud800", "lone \\ud800"),
    ],
)
def test_what_is_not_to_be_printed_becomes_an_escape(text: str, expected: str) -> None:
    assert expected == plain(text)


def test_a_record_is_one_line_and_a_traceback_is_set_in() -> None:
    try:
        raise ValueError("first\n2026-01-01 ERROR forged: line\x1b[0m")
    except ValueError as error:
        raised = (type(error), error, error.__traceback__)
    record = logging.LogRecord("ingest", logging.WARNING, "", 1, "from %s", ("a\nb",), raised)
    first, *rest = OneLine("%(levelname)s %(message)s").format(record).split("\n")
    assert "WARNING from a\\nb" == first
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in "".join(rest)
