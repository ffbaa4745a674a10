"""The CSV files of an import: schools, statistics, and where every figure came from."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path

from registry.exact import rounded
from registry.forms.result import SchoolForms
from registry.sheets import SCHOOLS, STATISTICS
from runtime.errors import UserError, os_reason
from runtime.language import Text

_SCHOOLS = tuple(column.name for column in SCHOOLS)
_STATISTICS = tuple(column.name for column in STATISTICS)
_SOURCES = ("school_code", "figure", "file", "sheet", "cell", "text")
FILES = ("schools.csv", "statistics.csv", "sources.csv")
# No form and no sum of forms has more.
_PLACES = 12


def refuse_existing(out: Path) -> None:
    """Nothing that somebody wrote is overwritten. Raises UserError."""
    there = [name for name in (*FILES, "学校.csv", "统计.csv") if (out / name).exists()]
    if there:
        names = ", ".join(there)
        why = Text(f"已有 {names}，请换一个文件夹", f"{names} is there already; name another folder")
        raise UserError(f"--out {out}: {why}")


def write_schools(schools: Sequence[SchoolForms], out: Path) -> None:
    """Raises UserError where the folder cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows = ([school.code, *(school.values.get(name, "") for name in _SCHOOLS[1:])] for school in schools)
        _write(out / FILES[0], _SCHOOLS, rows)
        figures = (
            (school.code, stage, item, _decimal(value), "")
            for school in schools
            for (stage, item), value in school.statistics.items()
        )
        _write(out / FILES[1], _STATISTICS, figures)
        origins = ((school.code, *astuple(origin)) for school in schools for origin in school.origins)
        _write(out / FILES[2], _SOURCES, origins)
    except OSError as error:
        why = Text(f"无法写入：{os_reason(error).zh}", f"cannot be written: {os_reason(error).en}")
        raise UserError(f"--out {out}: {why}") from error


def _decimal(value: Fraction) -> str:
    text = rounded(value, _PLACES)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    # With a mark, so that Excel reads it as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        writer.writerows(rows)
