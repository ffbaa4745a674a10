"""Names of districts: from the registry, else Tianjin's by GB/T 2260, else a title that says it is a code."""

import shutil
from pathlib import Path

import pytest

from registry import RegistryError, read_registry
from registry.districts import TIANJIN

SMALL = Path(__file__).parents[1] / "cases" / "rules" / "small"


def with_districts(folder: Path, text: str) -> Path:
    made = Path(shutil.copytree(SMALL, folder / "registry"))
    (made / "区县.csv").write_text(text, encoding="utf-8")
    return made


def test_a_district_is_called_what_the_registry_says_else_what_the_standard_codes_say(tmp_path: Path) -> None:
    known = read_registry(with_districts(tmp_path, "区县代码,区县名称\n310115,浦东新区\n120116,滨海\n"))
    assert ["浦东新区", "滨海", "河西区", "区县 310101"] == [
        known.district_title(code).zh for code in ("310115", "120116", "120103", "310101")
    ]


def test_the_sheet_may_be_missing_and_all_of_tianjin_is_known() -> None:
    known = read_registry(SMALL)
    assert ("滨海新区", 16) == (str(known.district_title("120116")), len(TIANJIN))


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        ("310115,310115\n", "区县名称"),
        ("31011,浦东新区\n", "区县代码"),
        ("310115,浦东新区\n310115,浦东\n", "区县代码"),
    ],
)
def test_a_name_that_is_a_number_or_a_district_named_twice_is_refused(
    tmp_path: Path, lines: str, column: str
) -> None:
    with pytest.raises(RegistryError) as refused:
        read_registry(with_districts(tmp_path, f"区县代码,区县名称\n{lines}"))
    assert [("区县.csv", column)] == [(problem.sheet, problem.header) for problem in refused.value.problems]
