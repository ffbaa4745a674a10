"""Files that are written whole, with their mode, and what is said where that is not possible."""

import os
from pathlib import Path

import pytest

from runtime import ConfigError
from runtime.whole_files import EVERYBODY, read_whole, write_whole


@pytest.mark.parametrize(("asked", "mode"), [({}, 0o600), ({"mode": EVERYBODY}, 0o644)])
def test_a_file_is_read_back_and_its_mode_is_what_was_asked_for(
    tmp_path: Path, asked: dict[str, int], mode: int
) -> None:
    path, before = tmp_path / "keys" / "key.pem", os.umask(0o027)
    try:
        for content in (b"long ago", b"now"):
            write_whole(path, content, folder_mode=0o700, **asked)
    finally:
        os.umask(before)
    assert (b"now", mode, 0o700, ["key.pem"]) == (
        read_whole(path),
        path.stat().st_mode & 0o777,
        path.parent.stat().st_mode & 0o777,
        os.listdir(path.parent),
    )


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".key.pem.new").write_bytes(b"half of")
    write_whole(tmp_path / "key.pem", b"whole")
    assert {"key.pem": b"whole"} == {file.name: file.read_bytes() for file in tmp_path.iterdir()}


def test_where_it_cannot_be_read_or_written_the_path_and_the_reason_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"无法写入 .*key\.pem：(不是文件夹|已存在)"):
        write_whole(tmp_path / "file" / "key.pem", b"")
    with pytest.raises(ConfigError, match=r"无法读取 .*/gone\.pem：没有此文件"):
        read_whole(tmp_path / "gone.pem")
