"""`campus registry import` of what is not there: nothing was done, and it says so as an error."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from campus.commands.registry import app
from runtime.errors import ConfigError


def test_a_folder_that_is_not_there_is_no_folder_without_schools(tmp_path: Path) -> None:
    asked = ["import", str(tmp_path / "forms"), "--out", str(tmp_path / "registry")]
    with pytest.raises(ConfigError, match="forms：没有此文件或文件夹"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
    assert [] == list(tmp_path.iterdir())
