"""The files of quarterly reports in the folder that keeps them: QUARTER/草稿, or v1, v2, …"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from runtime.errors import os_reason
from runtime.language import Text

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
    """Every file, the newest quarter first; none where no folder is set, or it is not there yet.

    Raises OSError where a folder cannot be read.
    """
    if folder is None or not folder.is_dir():
        return ()
    found = list(_files(folder))
    return sorted(found, key=lambda file: (file.quarter, rank(file.version), file.name), reverse=True)


def unreadable(error: OSError) -> Text:
    """A folder that cannot be read, in words."""
    why = os_reason(error)
    return Text(f"季报文件夹无法读取：{why.zh}", f"the folder of reports cannot be read: {why.en}")


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
    """What lies in the folder of a quarter and is no file of a version; links lead elsewhere."""
    found: list[Path] = []
    for quarter in _quarters(folder):
        for kept in quarter.iterdir():
            within = () if _version_of(kept) is None else tuple(_within(kept))
            found += [path for path in within if not _is_file(path)] if within else [kept]
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def _within(folder: Path) -> Iterator[Path]:
    """Files and links at any depth; OSError where a folder cannot be read, which is not an empty one."""

    def refuse(error: OSError) -> None:
        raise error

    for here, folders, names in os.walk(folder, onerror=refuse):
        linked = [name for name in folders if (Path(here) / name).is_symlink()]
        yield from (Path(here) / name for name in (*names, *linked))


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


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
            for path in _within(kept):
                if _is_file(path):
                    seen = path.stat()
                    yield ReportFile(
                        quarter=quarter.name,
                        version=version,
                        name=path.relative_to(kept).as_posix(),
                        path=path,
                        bytes=seen.st_size,
                        modified_ms=int(seen.st_mtime * 1000),
                    )
