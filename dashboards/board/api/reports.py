"""The files of quarterly reports in the folder that keeps them: QUARTER/draft, or v1, v2, …"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_QUARTER = re.compile(r"\d{4}Q[1-4]", re.ASCII)
_VERSION = re.compile(r"draft|v[1-9]\d{0,3}", re.ASCII)


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
    return sorted(found, key=lambda file: (file.quarter, file.version, file.name), reverse=True)


def report_file(folder: Path | None, quarter: str, version: str, name: str) -> Path | None:
    """The file of that name: only one that the list has, so that no path leads anywhere else."""
    asked = (quarter, version, name)
    known = (file for file in report_files(folder) if (file.quarter, file.version, file.name) == asked)
    found = next(known, None)
    return found.path if found else None


def _files(folder: Path) -> Iterator[ReportFile]:
    for quarter in folder.iterdir():
        if not _QUARTER.fullmatch(quarter.name) or not quarter.is_dir():
            continue
        for version in quarter.iterdir():
            if not _VERSION.fullmatch(version.name) or version.is_symlink():
                continue
            for path in version.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    seen = path.stat()
                    yield ReportFile(
                        quarter=quarter.name,
                        version=version.name,
                        name=path.relative_to(version).as_posix(),
                        path=path,
                        bytes=seen.st_size,
                        modified_ms=int(seen.st_mtime * 1000),
                    )
