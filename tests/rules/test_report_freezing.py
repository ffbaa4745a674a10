"""Reports handed in: the same inputs give the same bytes, nothing is written over, changes are found."""

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook

from registry import read_registry
from registry.vocabulary import KIND_STAGES
from rules.answers.output import to_dict
from rules.judging.evaluate import evaluate
from rules.report.corrections import changes
from rules.report.figures import NAMED, Frozen
from rules.report.quarter import Quarter, ReportError
from rules.report.report import DOCUMENT, Change
from rules.report.snapshot import digest, seal_of, verify
from tests.rules.build import BINHAI, CALENDAR, school
from tests.rules.commands import campus
from tests.rules.report_world import Q3, Q4, SMALL, change, files, in_memory, made, small_registry

RUNNING = datetime(2021, 11, 5, 10, tzinfo=CALENDAR.zone)
WHO = ("report", "--quarter", "2021Q4", "--standard", "binhai-2021", "--registry", str(SMALL), "--no-pdf")


def test_the_same_inputs_give_byte_identical_files(tmp_path: Path) -> None:
    one, other = (
        files(made(small_registry(tmp_path / name / "r"), tmp_path / name / "o", submit=True).folder)
        for name in ("here", "elsewhere")
    )
    assert {name: digest(data) for name, data in one.items()} == {
        name: digest(data) for name, data in other.items()
    }


def test_a_frozen_version_names_its_inputs_and_every_file(tmp_path: Path) -> None:
    found = made(SMALL, tmp_path, submit=True)
    content = json.loads((found.folder / "snapshot.json").read_text(encoding="utf-8"))
    assert (
        {"七项指标报告.xlsx", "季报.docx"},
        digest((SMALL / "schools.csv").read_bytes()),
        ["binhai-2021.toml"],
        ("2021-12-31", "binhai-2021", None),
        {"program": "test", "XlsxWriter": True, "python-docx": True},
        found.seal,
    ) == (
        content["files"].keys(),
        content["inputs"]["registry"]["schools.csv"],
        list(content["inputs"]["standard"]),
        (content["as_of"], content["standard"], content["inputs"]["observations"]),
        {name: one if name == "program" else bool(one) for name, one in content["versions"].items()},
        content["seal"],
    )


def test_a_registry_in_a_workbook_is_named_with_its_calendar(tmp_path: Path) -> None:
    book = Workbook()
    for name in ("schools", "rooms", "statistics"):
        sheet = book.create_sheet(name)
        for row in csv.reader((SMALL / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()):
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(tmp_path / "registry.xlsx")
    (tmp_path / "calendar.toml").write_bytes((SMALL / "calendar.toml").read_bytes())
    (tmp_path / "other.xlsx").write_bytes(b"not of the registry")
    found = made(tmp_path / "registry.xlsx", tmp_path / "out", submit=True)
    content = json.loads((found.folder / "snapshot.json").read_text(encoding="utf-8"))
    assert {"registry.xlsx", "calendar.toml"} == content["inputs"]["registry"].keys()


def test_a_quarter_handed_in_is_not_made_again_without_a_reason(tmp_path: Path) -> None:
    before = files(made(SMALL, tmp_path, submit=True).folder)
    for again in ({}, {"submit": True}):
        with pytest.raises(ReportError, match="--correct"):
            made(SMALL, tmp_path, **again)
    assert before == files(tmp_path / "2021Q4" / "v1")


def test_a_correction_leaves_the_first_version_as_it_is_and_follows_its_seal(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    first = made(folder, tmp_path / "out", submit=True)
    before = files(first.folder)
    change(folder, "2112000001,学校,网络多媒体教室数,7", "2112000001,学校,网络多媒体教室数,6")
    second = made(folder, tmp_path / "out", correct="核减一间")
    content = json.loads((second.folder / "snapshot.json").read_text(encoding="utf-8"))
    assert (before, first.seal, "核减一间", 2) == (
        files(first.folder),
        content["corrects"]["seal"],
        content["corrects"]["reason"],
        content["version"],
    )


def test_a_correction_names_a_guarantee_that_changed() -> None:
    """Too many pupils for one school: G4."""
    small, large = (
        to_dict(in_memory([school("2112000001", primary_pupils=pupils)], {}).evaluation)
        for pupils in (1999, 2001)
    )
    found = [
        (change.place, change.field, change.old, change.new)
        for change in changes(Frozen(small), Frozen(large))
        if change.indicator == "G4" and change.place.startswith("学校01")
    ]
    place = "学校01（2112000001）·全校"
    reason = (place, "理由", "在校生 1,999 ≤ 2,000", "在校生 2,001 > 2,000")
    assert [(place, "实际值", "1999", "2001"), (place, "结论", "达标", "未达标"), reason] == found


@pytest.mark.parametrize(("part", "name"), [("guarantees", "政府保障"), ("utilisation", "设施利用")])
def test_what_an_older_frozen_quarter_did_not_tell_is_one_change(part: str, name: str) -> None:
    new = to_dict(in_memory([school("2112000001", primary_pupils=99)], {}).evaluation)
    new["utilisation"] = [{"school_code": "2112000001", "name": "学校01", "U1": {"value": None}}]
    old = {key: value for key, value in new.items() if key != part}
    assert [Change(place="全部", indicator="", field=name, old="无", new="有")] == list(
        changes(Frozen(old), Frozen(new))
    )


def told(folder: Path, out: Path, reason: str = "更正") -> list[tuple[str, ...]]:
    correction = made(folder, out, correct=reason).report.correction
    assert correction is not None
    return [
        (change.place, change.indicator, change.field, change.old, change.new)
        for change in correction.changes
    ]


def test_a_correction_names_the_districts_figures_that_follow(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    made(folder, tmp_path / "out", submit=True)
    change(folder, "2112000002,小学,网络多媒体教室数,2", "2112000002,小学,网络多媒体教室数,3")
    found = told(folder, tmp_path / "out")
    there = [row for row in found if row[0].startswith("滨海新区·小学") and row[1] in {"L7", "综合"}]
    assert (
        ("滨海新区·小学", "L7", "达标数", "2", "3"),
        {"达标数", "未达标数", "达标率", "平均值", "标准差", "差异系数"},
    ) == (there[0], {row[2] for row in there if row[1] == "L7"})


def test_a_correction_names_measures_and_names_of_schools(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    made(folder, tmp_path / "out", submit=True)
    (folder / "measures.csv").write_text(
        "school_code,stage,indicator,measure\n2112000002,primary,L7,年内添置\n", encoding="utf-8"
    )
    assert [("近岸小学（2112000002）·小学", "L7", "措施", "无", "年内添置")] == told(folder, tmp_path / "out")


def test_reasons_frozen_in_both_languages_are_readable_and_are_no_changes() -> None:
    """As versions before this one froze them; a name with their marks in it stays whole."""
    place = "学校01（2112000001）·全校"
    small, large = (
        to_dict(in_memory([school("2112000001", primary_pupils=pupils)], {}).evaluation)
        for pupils in (1999, 2001)
    )
    old = json.loads(json.dumps(small))
    answers = [
        *(answer for one in old["sections"] for answer in (*one["indicators"].values(), one["overall"])),
        *(answer for one in old["guarantees"] for answer in one.values() if isinstance(answer, dict)),
        *old["wireless"]["schools"],
    ]
    for answer in answers:
        del answer["reasons"]
        answer["reason"] = f"甲 / 101：{answer['reason']} / A room；乙 / B"
    unread = Change(place="全部", indicator="", field="理由", old="中英文对照，未逐条比对", new="中文")
    assert (unread,) == changes(Frozen(old), Frozen(small))
    (reason,) = (
        change
        for change in changes(Frozen(old), Frozen(large))
        if (change.place, change.indicator, change.field) == (place, "G4", "理由")
    )
    assert ("甲 / 101：在校生 1,999 ≤ 2,000 / A room；乙 / B", "在校生 2,001 > 2,000") == (
        reason.old,
        reason.new,
    )


def test_every_key_of_the_evaluation_is_compared_or_known_to_be_printed_nowhere() -> None:
    """A key that is added must be named in the table, or here."""
    places = {"school_code", "district", "stage", "schools", "rooms", "verdict"}
    values = {"value_exact", "evidence", "reasons", "failing_by_kind", "schools_counted", "gap", "share"}
    values |= {"mean_range", "sd_range", "cv_range", "composite_cv_range", "sections_declared_only", "basis"}
    evaluation = made_small()

    def keys(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value))
        if not isinstance(value, dict):
            return set()
        return set(value).union(*(keys(inner) for key, inner in value.items() if key != "reasons"))

    found = set().union(*(keys(evaluation[part]) for part in ("districts", "sections", "guarantees")))
    codes = {"L1", "L2", "L3", "L4", "L5", "L6", "L7", "G3", "G4", "G5", "primary", "junior"}
    parts = {"stages", "indicators", "overall", "wireless", "guarantees", "counts", *KIND_STAGES}
    assert set() == found - NAMED - places - values - codes - parts


def made_small() -> dict[str, Any]:
    return to_dict(evaluate(read_registry(SMALL), BINHAI, None, Q4.last))


def test_a_correction_that_corrects_nothing_is_refused(tmp_path: Path) -> None:
    made(SMALL, tmp_path, submit=True)
    with pytest.raises(ReportError, match="无需更正"):
        made(SMALL, tmp_path, correct="再看一遍")


@pytest.mark.parametrize(("reason", "text"), [("  ", "请写明更正原因"), ("漏报", "尚未报送")])
def test_a_correction_needs_a_reason_and_something_handed_in(tmp_path: Path, reason: str, text: str) -> None:
    with pytest.raises(ReportError, match=text):
        made(SMALL, tmp_path, correct=reason)


def _rewritten(folder: Path) -> None:
    """Whoever changes a figure also mends the seal of that file; the version after it still knows."""
    path = folder / "snapshot.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["as_of"] = "2021-12-30"
    content["seal"] = seal_of(content)
    path.chmod(0o600)
    path.write_text(json.dumps(content), encoding="utf-8")


def _edited(folder: Path) -> None:
    path = folder / "snapshot.json"
    path.chmod(0o600)
    path.write_text(path.read_text(encoding="utf-8").replace('"fail"', '"pass"', 1), encoding="utf-8")


def _touched(folder: Path) -> None:
    path = folder / "季报.docx"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (_touched, "报送后被改动"),
        (_edited, "内容与封印不符"),
        (_rewritten, "所更正的版本已被改动"),
        (lambda folder: (folder / "季报.docx").unlink(), "文件缺失"),
        (lambda folder: (folder / "别的.docx").write_text("x"), "不属于该版本"),
        (lambda folder: (folder / "snapshot.json").unlink(), "无法读取"),
    ],
)
def test_tampering_with_a_frozen_version_is_found(
    tmp_path: Path, tamper: Callable[[Path], object], told: str
) -> None:
    folder = small_registry(tmp_path / "registry")
    first = made(folder, tmp_path / "out", submit=True)
    change(folder, "2112000001,学校,网络多媒体教室数,7", "2112000001,学校,网络多媒体教室数,6")
    made(folder, tmp_path / "out", correct="核减一间")
    assert ([], True) == (verify(tmp_path / "out", Q4)[1], len(verify(tmp_path / "out", Q4)[0]) == 2)
    tamper(first.folder)
    problems = verify(tmp_path / "out", Q4)[1]
    assert [told] == [told for problem in problems if told in problem.zh]


def test_a_tampered_quarter_before_is_not_compared_with(tmp_path: Path) -> None:
    _touched(made(SMALL, tmp_path, Q3, submit=True).folder)
    with pytest.raises(ReportError, match="报送后被改动"):
        made(SMALL, tmp_path)


def test_a_missing_version_is_found(tmp_path: Path) -> None:
    found = made(SMALL, tmp_path, submit=True)
    found.folder.rename(found.folder.with_name("v2"))
    assert "版本不连续" in verify(tmp_path, Q4)[1][0].zh


def test_a_running_quarter_stands_for_today_and_says_so(tmp_path: Path) -> None:
    report = made(SMALL, tmp_path, now=RUNNING).report
    assert (date(2021, 11, 5), True, True) == (report.as_of, report.running, report.basis.startswith("截至"))


@pytest.mark.parametrize(
    ("now", "running"),
    [("2021-12-31T00:00", True), ("2021-12-31T23:59:59", True), ("2022-01-01T00:00", False)],
)
def test_without_a_store_the_last_day_is_running_until_midnight_too(
    now: str, running: bool, tmp_path: Path
) -> None:
    found = made(SMALL, tmp_path, now=datetime.fromisoformat(now).replace(tzinfo=CALENDAR.zone))
    told = [line.text for line in Document(str(found.folder / DOCUMENT)).paragraphs]
    assert (Q4.last, running, running) == (
        found.report.as_of,
        found.report.basis.startswith("截至"),
        "（截至2021年12月31日）" in told,
    )


def test_a_report_before_its_quarter_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="尚未到"):
        made(SMALL, tmp_path, Quarter(2022, 1), now=RUNNING)


@pytest.mark.parametrize(("asked", "told"), [("2021-11-06", "尚未到"), ("2021-09-30", "不在该季度内")])
def test_a_day_outside_of_the_quarter_so_far_is_refused(tmp_path: Path, asked: str, told: str) -> None:
    with pytest.raises(ReportError, match=told):
        made(SMALL, tmp_path, now=RUNNING, as_of=date.fromisoformat(asked))


def test_quarters_follow_one_another_day_by_day() -> None:
    quarter = Quarter(2020, 1)
    for _ in range(12):
        assert (quarter.previous.last.toordinal() + 1, quarter) == (
            quarter.first.toordinal(),
            Quarter.parse(str(quarter)),
        )
        quarter = quarter.previous


def test_the_command_hands_in_verifies_and_refuses_in_one_line(tmp_path: Path) -> None:
    out = ("--out", str(tmp_path))
    handed_in = campus(*WHO, *out, "--submit")
    again = campus(*WHO, *out)
    checked = campus("report", "--quarter", "2021Q4", *out, "--verify")
    _touched(tmp_path / "2021Q4" / "v1")
    found = campus("report", "--quarter", "2021Q4", *out, "--verify")
    assert (0, 2, 0, 1) == tuple(one.returncode for one in (handed_in, again, checked, found))
    assert (True, True, 1, True) == (
        "未指定 --store" in handed_in.stdout,
        "核对无误" in checked.stdout,
        len(again.stderr.splitlines()),
        "报送后被改动" in found.stderr,
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--quarter", "2021-4"), "2026Q4"),
        (("--quarter", "2021Q4"), "--registry"),
        (("--quarter", "2021Q4", "--verify"), "尚未报送"),
        (("--quarter", "2021Q4", "--registry", str(SMALL), "--as-of", "yesterday"), "YYYY-MM-DD"),
    ],
)
def test_a_slip_on_the_command_line_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = campus("report", "--out", str(tmp_path), *arguments)
    assert (2, 1, True) == (ran.returncode, len(ran.stderr.splitlines()), told in ran.stderr)
