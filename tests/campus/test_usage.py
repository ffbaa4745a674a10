"""What is wrong on a command line is one line in the program's language."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def campus(*arguments: str, lang: str = "zh") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "campus.main", "--lang", lang, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "COLUMNS": "100"},
    )


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (
            ("bord",),
            "没有此子命令，可用：",
            "there is no such subcommand; there are ",
        ),
        (("edge",), "必须给出 --config；", "--config must be given; "),
        (("edge", "--config"), "选项 --config 须有取值；", "the option --config needs a value; "),
        (
            ("edge", "--confg", "x"),
            "没有选项 --confg，是否应为 --config？；",
            "there is no option --confg; did you mean --config?; ",
        ),
        (
            ("demo", "--port", "0"),
            "--port: 应不小于 1（现为 '0'）；",
            "--port: must be at least 1 (got '0'); ",
        ),
        (
            ("demo", "--port", "x"),
            "--port: 应为整数（现为 'x'）；",
            "--port: must be a whole number (got 'x'); ",
        ),
        (
            ("contract", "--format", "x"),
            "--format: 应为其中之一：markdown、asyncapi；",
            "--format: must be one of markdown, asyncapi; ",
        ),
        (("contract", "more"), "有多余的参数；", "too much is given: "),
        (
            ("rules", "evaluate", "--registry", "x", "--as-of", "3"),
            "--as-of '3': 日期应写成 YYYY-MM-DD",
            "--as-of '3': write the date as YYYY-MM-DD",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments: tuple[str, ...], chinese: str, english: str) -> None:
    told = [campus(*arguments, lang=lang) for lang in ("zh", "en")]
    assert [2, 2] == [ran.returncode for ran in told]
    assert [1, 1] == [len(ran.stderr.splitlines()) for ran in told]
    assert [True, True] == [
        ran.stderr.startswith(f"campus: {expected}")
        for ran, expected in zip(told, (chinese, english), strict=True)
    ], [ran.stderr for ran in told]


def test_a_help_page_is_in_one_language() -> None:
    page = campus("rules", "evaluate", "-h").stdout
    english = [word for word in ("Options", "Show this message", "required", "default") if word in page]
    assert ([], True) == (english, "显示此说明。" in page and "选项" in page)


def test_without_a_subcommand_the_help_is_shown() -> None:
    ran = campus()
    assert (0, True, "") == (ran.returncode, "命令" in ran.stdout and "选项" in ran.stdout, ran.stderr)


def test_what_may_not_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the tests run as root, who may read everything."""
    from campus.program import app
    from campus.usage import UsageError, in_our_words, usage_text

    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(UsageError) as wrong:
        in_our_words(app)(["rules", "check", "--registry", str(tmp_path)], standalone_mode=False)
    assert usage_text(wrong.value).startswith("--registry: 没有读取权限；用法见 ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("rules", "template", "--out", "{file}/registry"),
            "{file}/registry: 无法写入：不是文件夹",
        ),
        (
            ("registry", "school", "2112000001", "--registry", "{small}", "--out", "{file}/rooms.csv"),
            "--out {file}/rooms.csv: 无法写入: 不是文件夹",
        ),
        (
            (
                *("edge", "init", "--out", "{folder}/gw", "--school", "2112000001", "--district", "120116"),
                *("--gateway", "gw1", "--host", "127.0.0.1", "--rooms", "{folder}"),
            ),
            "{folder}：无法读取：是文件夹，不是文件",
        ),
    ],
)
def test_why_a_file_cannot_be_had_is_told_in_chinese(
    arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    small = _ROOT / "tests" / "cases" / "rules" / "small"
    places = {"file": file, "folder": tmp_path, "small": small}
    ran = campus(*(argument.format(**places) for argument in arguments))
    assert (2, f"campus: {told.format(**places)}\n") == (ran.returncode, ran.stderr)
