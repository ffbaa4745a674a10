"""A gateway's plain command line, and every other that is left to the whole of it."""

from pathlib import Path

import pytest

from campus.plain_start import PlainStart, plain_start


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("edge --config g.toml", PlainStart(Path("g.toml"), "INFO")),
        ("edge --config=g.toml --log-level debug", PlainStart(Path("g.toml"), "DEBUG")),
        ("--lang zh edge --config g.toml", PlainStart(Path("g.toml"), "INFO")),
        ("--lang=en edge --log-level WARNING --config g.toml", PlainStart(Path("g.toml"), "WARNING")),
        ("--lang fr edge --config g.toml", None),
        ("edge", None),
        ("edge --config", None),
        ("edge --config --log-level INFO", None),
        ("edge --config a --config b", None),
        ("edge --config a --log-level LOUD", None),
        ("edge --help", None),
        ("edge snmprec a", None),
        ("ingest --config a", None),
        ("", None),
    ],
)
def test_a_plain_line_starts_a_gateway_and_others_are_left_alone(
    line: str, expected: PlainStart | None
) -> None:
    assert plain_start(line.split()) == expected
