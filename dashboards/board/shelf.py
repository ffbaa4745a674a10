"""The quarterly reports that are kept: by quarter and version, with their files and why one was corrected."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from dashboards.board.api.reports import DRAFT, ReportFile, ignored, rank, report_files

Place = Literal["unset", "missing", "there"]
_SEALED = "snapshot.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVersion:
    """One version. reason: why it corrects the one before; sealed: its snapshot is there and can be read."""

    version: str
    files: tuple[ReportFile, ...]
    reason: str | None
    sealed: bool

    @property
    def draft(self) -> bool:
        return self.version == DRAFT

    @property
    def made_ms(self) -> int:
        return max(file.modified_ms for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All of it, the newest quarter and version first; `ignored` is in its folders and is no version."""

    place: Place
    quarters: tuple[tuple[str, tuple[ReportVersion, ...]], ...] = ()
    ignored: tuple[str, ...] = ()


def read_shelf(folder: Path | None) -> Shelf:
    """Raises OSError where the folder, or one in it, cannot be read."""
    if folder is None:
        return Shelf(place="unset")
    if not folder.is_dir():
        return Shelf(place="missing")
    files: dict[str, dict[str, list[ReportFile]]] = defaultdict(lambda: defaultdict(list))
    for file in report_files(folder):
        files[file.quarter][file.version].append(file)
    return Shelf(
        place="there",
        quarters=tuple(
            (quarter, tuple(_versions(files[quarter]))) for quarter in sorted(files, reverse=True)
        ),
        ignored=ignored(folder),
    )


def _versions(found: dict[str, list[ReportFile]]) -> Iterator[ReportVersion]:
    for version in sorted(found, key=rank, reverse=True):
        files = sorted(found[version], key=lambda file: file.name)
        sealed, reason = False, None
        for file in files:
            if file.name == _SEALED:
                sealed, reason = _snapshot(file.path, file.modified_ms, file.bytes)
        yield ReportVersion(version=version, files=tuple(files), reason=reason, sealed=sealed)


@lru_cache(maxsize=256)
def _snapshot(path: Path, _modified_ms: int, _bytes: int) -> tuple[bool, str | None]:
    """Whether it can be read, and its reason. It is large and is never written again: read once."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        corrects = content["corrects"]
        return True, None if corrects is None else str(corrects["reason"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False, None
