"""The files of quarterly reports in the folder that keeps them: QUARTER/草稿, or v1, v2, …"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_QUARTER = re.compile(r"\d{4}Q[1-4]", re.ASCII)
_VERSION = re.compile(r"v[1-9]\d{0,3}", re.ASCII)
# What a draft is called in an address, and the folder that the report's command gives it.
DRAFT, _DRAFT_FOLDER = "draft", "草稿"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """One file, and where it is."""

    quarter: str
    version: str
    name: str
    path: Path
    bytes: int
    modified_ms: int

    @property
    def href(self) -> str:
        return f"/reports/{self.quarter}/{self.version}/{quote(self.name)}"


def report_files(folder: Path | None) -> Sequence[ReportFile]:
    """Every file, the newest quarter first; none where no folder is set, or it is not there yet."""
    if folder is None or not folder.is_dir():
        return ()
    found = list(_files(folder))
    return sorted(found, key=lambda file: (file.quarter, rank(file.version), file.name), reverse=True)


def rank(version: str) -> int:
    """Where a version stands among its quarter's: v10 after v9, and a draft after what was handed in."""
    return 10_000 if version == DRAFT else int(version[1:])


def report_file(folder: Path | None, quarter: str, version: str, name: str) -> Path | None:
    """The file of that name: only one that the list has, so that no path leads anywhere else."""
    asked = (quarter, version, name)
    known = (file for file in report_files(folder) if (file.quarter, file.version, file.name) == asked)
    found = next(known, None)
    return found.path if found else None


def ignored(folder: Path) -> tuple[str, ...]:
    """What lies in the folder of a quarter and is no version of its report; links lead elsewhere."""
    return tuple(
        sorted(
            f"{quarter.name}/{found.name}"
            for quarter in _quarters(folder)
            for found in quarter.iterdir()
            if _version_of(found) is None
        )
    )


def _quarters(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if _QUARTER.fullmatch(path.name) and path.is_dir())


def _version_of(path: Path) -> str | None:
    if path.is_symlink() or not path.is_dir():
        return None
    if path.name == _DRAFT_FOLDER:
        return DRAFT
    return path.name if _VERSION.fullmatch(path.name) else None


def _files(folder: Path) -> Iterator[ReportFile]:
    for quarter in _quarters(folder):
        for kept in quarter.iterdir():
            version = _version_of(kept)
            if version is None:
                continue
            for path in kept.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    seen = path.stat()
                    yield ReportFile(
                        quarter=quarter.name,
                        version=version,
                        name=path.relative_to(kept).as_posix(),
                        path=path,
                        bytes=seen.st_size,
                        modified_ms=int(seen.st_mtime * 1000),
                    )
