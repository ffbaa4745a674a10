"""`campus` speaks one language: --lang before the subcommand, else CAMPUS_LANG, else the locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ZH, EN = "没有此文件", "No such file"


def _refused(*arguments: str, **environment: str) -> str:
    """What `campus edge` says of a configuration that is not there."""
    silent = dict.fromkeys(("CAMPUS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"), "")
    ran = subprocess.run(
        [sys.executable, "-m", "campus.main", *arguments, "edge", "--config", "/nowhere/gateway.toml"],
        capture_output=True,
        text=True,
        env={**os.environ, **silent, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
    )
    assert 2 == ran.returncode
    return ran.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "expected", "other"),
    [
        (("--lang", "zh"), {"CAMPUS_LANG": "en"}, ZH, EN),
        (("--lang=en",), {"LANG": "zh_CN.UTF-8"}, EN, ZH),
        ((), {"CAMPUS_LANG": "zh"}, ZH, EN),
        ((), {"LANG": "zh_CN.UTF-8"}, ZH, EN),
        ((), {}, EN, ZH),
    ],
)
def test_an_error_is_said_in_one_language(
    arguments: tuple[str, ...], environment: dict[str, str], expected: str, other: str
) -> None:
    told = _refused(*arguments, **environment)
    assert (1, True, False) == (len(told.splitlines()), expected in told, other in told)
