"""PDF beside the report: by LibreOffice where it is there, said where it is not; the same bytes again."""

import os
from datetime import date
from pathlib import Path

import pytest

from rules.report.files import DOCUMENT, WORKBOOK
from rules.report.pdf import pdfs
from tests.rules.report_world import SMALL, files, made

DAY = date(2021, 12, 31)
# Plays the office: writes a PDF of the order's files, with a moment and numbers that differ every time.
OFFICE = """#!/bin/sh
for file in *.docx *.xlsx; do
  [ -e "$file" ] || continue
  hex=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' | tr a-f A-F)
  printf '%%PDF-1.6 /CreationDate(D:%sZ) /ID [ <%s>\\n<%s> ] /DocChecksum /%s' \
    "$(date +%Y%m%d%H%M%S)" "$hex" "$hex" "$hex" > "${file%.*}.pdf"
done
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(OFFICE, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("office")
def test_the_same_report_is_the_same_pdf() -> None:
    one, other = (pdfs({DOCUMENT: b"text", WORKBOOK: b"figures"}, day=DAY) for _ in range(2))
    assert (one, ["七项指标报告.pdf", "季报.pdf"], None) == (other, sorted(one[0]), one[1])
    assert b"D:20211231000000" in one[0]["季报.pdf"]


@pytest.mark.usefixtures("office")
def test_a_report_that_is_handed_in_freezes_its_pdf_with_it(tmp_path: Path) -> None:
    found = made(SMALL, tmp_path / "out", submit=True, pdf=True)
    assert ({"季报.pdf", "七项指标报告.pdf"}, None) == (
        {path.name for path in found.folder.glob("*.pdf")},
        found.without_pdf,
    )
    assert '"季报.pdf"' in (found.folder / "snapshot.json").read_text(encoding="utf-8")


def test_without_an_office_the_report_is_whole_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = made(SMALL, tmp_path / "out", pdf=True)
    assert (True, "未找到 LibreOffice：未生成 PDF") == (
        (found.folder / DOCUMENT).exists(),
        str(found.without_pdf),
    )


def test_an_office_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert ({}, "LibreOffice 未能完成（CalledProcessError）：未生成 PDF") == (
        (found := pdfs({DOCUMENT: b""}, day=DAY))[0],
        str(found[1]),
    )


def test_whether_or_not_this_machine_has_an_office_the_same_report_is_the_same_files(tmp_path: Path) -> None:
    one, other = (files(made(SMALL, tmp_path / name, pdf=True).folder) for name in ("one", "other"))
    assert one == other
