"""`campus rules check --mark`: the workbook comes back with its bad cells coloured and explained."""

from pathlib import Path

from openpyxl import load_workbook

from tests.registry.build import small, workbook
from tests.rules.commands import campus


def test_the_bad_cells_of_a_workbook_are_coloured_and_say_what_is_wrong(tmp_path: Path) -> None:
    def spoil(book):  # type: ignore[no-untyped-def]
        book["rooms"]["B2"] = None
        book["schools"]["F2"] = "约300"

    path, out = workbook(tmp_path, spoil), tmp_path / "marked.xlsx"
    ran = campus("check", "--registry", str(path), "--mark", str(out))
    marked = load_workbook(out)
    cell = marked["schools"]["F2"]
    assert (2, "约300", "FFFF9999", "应为整数，如 302") == (
        ran.returncode,
        cell.value,
        cell.fill.fgColor.rgb,
        cell.comment.text,
    )
    assert "必须填写" == marked["rooms"]["B2"].comment.text
    assert [row[0] for row in marked["检查结果"].iter_rows(values_only=True)] == ran.stderr.removeprefix(
        "campus: "
    ).splitlines()


def test_csv_files_are_marked_as_one_workbook_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder, out = small(tmp_path), tmp_path / "marked.xlsx"
    (folder / "rooms.csv").write_text("学校标识码,房间编号,覆盖类别\n2112000001,R1,某类\n", encoding="utf-8")
    ran = [campus("check", "--registry", str(folder), "--mark", str(out)) for _ in range(2)]
    assert load_workbook(out)["rooms.csv"]["C2"].comment.text.startswith("应为其中之一")
    assert [2, 2] == [one.returncode for one in ran]
    assert f"campus: --mark {out}: 已存在，不覆盖\n" == ran[1].stderr
