"""`campus edge survey import` and `campus edge ledger check`, as a school's IT staff run them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "tests" / "cases" / "edge_agent" / "exports"


def edge(*arguments: str, lang: str = "en") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "campus.main", "--lang", lang, "edge", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize("case", sorted(path.name for path in EXPORTS.iterdir()))
def test_another_tools_export_becomes_a_survey_of_ours(case: str, tmp_path: Path) -> None:
    expected = tomllib.loads((EXPORTS / case / "expected.toml").read_text(encoding="utf-8"))
    (file,) = (path for path in (EXPORTS / case).iterdir() if path.name != "expected.toml")
    out = tmp_path / "survey.csv"
    done = edge(
        *("survey", "import", str(file), "--room", "R1", "--point", "p1", "--ssid", "SCHOOL"),
        *("--time", "2026-09-21 08:00", "--out", str(out)),
    )
    rows = out.read_text(encoding="utf-8").splitlines()[1:] if out.exists() else []
    assert (expected["rows"], expected.get("exit", 0), expected.get("said", "")) == (
        rows,
        done.returncode,
        done.stderr.strip().replace(str(file), "FILE"),
    )


def test_without_a_network_named_those_in_the_file_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("SSID,RSSI,Channel\nB,-50,36\nA,-60,1\n", encoding="utf-8")
    done = edge("survey", "import", str(file), "--room", "R1", "--point", "p1")
    assert (done.returncode, done.stderr) == (
        2,
        "campus: name the campus network with --ssid; the file has: A, B\n",
    )


def test_a_ledger_is_checked_before_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "台账.csv").write_text("资产编号,资产名称,原值\n1,a,10\n2,b,约20\n", encoding="utf-8")
    done = edge("ledger", "check", str(tmp_path), lang="zh")
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            "台账.csv：计入 1 行，未读 1，不计 0",
            "  C3  价值无法读取  [约20]",
            "合计 10.00 元，另有未读的行",
        ],
    )


def test_headings_that_nobody_knows_are_printed_as_they_were_seen(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("物件,几件,多少钱\na,1,10\n", encoding="utf-8")
    assert "headings seen: 物件 | 几件 | 多少钱" in edge("ledger", "check", str(tmp_path)).stdout
