"""Quarterly reports on the board: what the command wrote is listed, and nothing is left out."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboards.board.api.reports import report_files
from dashboards.board.shelf import read_shelf
from rules.report.quarter import Quarter
from rules.report.snapshot import draft, freeze
from tests.dashboards.conftest import running_board

QUARTER = Quarter.parse("2026Q3")
HOSTILE = "<b>算错</b> & 重报"


def kept(folder: Path) -> Path:
    """Ten versions, the second a correction; a draft of the quarter after it."""
    for number in range(1, 11):
        reason = {"version": 1, "seal": "x", "reason": HOSTILE} if number == 2 else None
        freeze(folder, QUARTER, number, {"季报.docx": b"PK"}, {"corrects": reason})
    draft(folder, Quarter.parse("2026Q4"), {"季报 草.docx": b"D" * 2000})
    return folder


def test_drafts_and_versions_are_told_as_the_command_wrote_them(tmp_path: Path) -> None:
    shelf = read_shelf(kept(tmp_path))
    (fourth, drafts), (third, versions) = shelf.quarters
    assert ("2026Q4", ["draft"], [True]) == (
        fourth,
        [found.version for found in drafts],
        [found.draft for found in drafts],
    )
    assert ("2026Q3", [f"v{number}" for number in range(10, 0, -1)]) == (
        third,
        [found.version for found in versions],
    )
    assert {HOSTILE: "v2"} == {found.reason: found.version for found in versions if found.reason}
    assert all(found.sealed for found in versions)
    assert ("2026Q4", "draft") == (report_files(tmp_path)[0].quarter, report_files(tmp_path)[0].version)


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"corrects": {}}', '{"corrects": 7}', "[" * 100_000]
)
def test_a_version_without_a_snapshot_that_can_be_read_is_not_called_frozen(
    content: str | None, tmp_path: Path
) -> None:
    file = kept(tmp_path) / "2026Q3" / "v10" / "snapshot.json"
    file.unlink() if content is None else file.write_text(content, encoding="utf-8")
    newest = read_shelf(tmp_path).quarters[1][1][0]
    assert ("v10", False, None) == (newest.version, newest.sealed, newest.reason)


def test_what_is_no_version_is_named(tmp_path: Path) -> None:
    quarter = kept(tmp_path) / "2026Q3"
    (quarter / "v10 (副本)").mkdir()
    (quarter / "v11").symlink_to(quarter / "v10")
    (quarter / "v12").write_text("a file", encoding="utf-8")
    (quarter / "v13").mkdir()
    (quarter / "v9" / "附件").symlink_to(quarter / "v10")
    (quarter / "v9" / "旧.docx").symlink_to(quarter / "v10" / "季报.docx")
    names = ("v10 (副本)", "v11", "v12", "v13", "v9/旧.docx", "v9/附件")
    assert tuple(f"2026Q3/{name}" for name in names) == read_shelf(tmp_path).ignored


def test_a_folder_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept(tmp_path / "reports")
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", reports=folder) as board:

        def refused(path: Path) -> Iterator[Path]:
            raise PermissionError(13, "Permission denied", str(path))

        # Who runs the tests may be allowed to read everything.
        monkeypatch.setattr("dashboards.board.api.reports._within", refused)
        paths = ("/reports?lang=zh", "/api/v1/reports?lang=zh", "/reports/2026Q3/v1/a.docx?lang=zh")
        answers = [httpx.get(board.url + path, trust_env=False) for path in paths]
    assert [503] * 3 == [answer.status_code for answer in answers]
    assert all("季报文件夹无法读取" in answer.text for answer in answers)


def test_no_folder_a_missing_one_and_an_empty_one_are_three_answers(tmp_path: Path) -> None:
    given = (None, tmp_path / "none", tmp_path)
    assert ["unset", "missing", "there"] == [read_shelf(folder).place for folder in given]


def test_the_page_leads_to_every_file_in_both_languages(tmp_path: Path) -> None:
    folder = kept(tmp_path / "reports")
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}", reports=folder) as board:
        chinese, english = (board.get("/reports", language=language).text for language in ("zh", "en"))
        fetched = [httpx.get(board.url + file.href, trust_env=False).content for file in report_files(folder)]
        linked = [f'href="{file.href}"' in chinese for file in report_files(folder)]
    assert [True] * 21 == linked
    assert b"D" * 2000 == fetched[0]
    assert ("2026 年第 4 季度" in chinese, "2026, quarter 4" in english) == (True, True)
    assert "&lt;b&gt;算错&lt;/b&gt; &amp; 重报" in chinese
    assert "<b>算错" not in chinese
