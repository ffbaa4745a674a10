"""Which language a program speaks: what was chosen, else CAMPUS_LANG, else the locale."""

import pytest

from runtime.errors import UserError
from runtime.language import Text, choose_language, language


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CAMPUS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    choose_language(None)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"CAMPUS_LANG": "zh", "LC_ALL": "C"}, "zh"),
        ({"CAMPUS_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"CAMPUS_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_environment_decides(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expected == language()


def test_an_error_speaks_the_language_of_the_program() -> None:
    error = UserError(Text("缺少文件", "the file is missing"))
    choose_language("zh")
    assert "缺少文件" == str(error)
    choose_language("en")
    assert "the file is missing" == f"{error}"
    choose_language(None)
