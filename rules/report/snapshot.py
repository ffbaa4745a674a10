"""Reports handed in, frozen: OUT/2026Q4/v1/ holds the files and snapshot.json, and is never written again.

snapshot.json names the sha256 of every file and of every input; its `seal` covers all of that and the seal
of the version or quarter before it, so that a quiet change would have to change everything that follows.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.report.quarter import Quarter, ReportError
from rules.stored.frozen import seal_of
from runtime.errors import os_reason
from runtime.language import Text

FILE, DRAFT = "snapshot.json", "草稿"
_FORMAT = 1
_VERSION = re.compile(r"v([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One version that was handed in, as read and found whole."""

    quarter: Quarter
    version: int
    folder: Path
    content: Mapping[str, Any]

    @property
    def seal(self) -> str:
        return str(self.content["seal"])


def versions(out: Path, quarter: Quarter) -> list[int]:
    """The versions of a quarter that were handed in, oldest first."""
    folder = out / str(quarter)
    if not folder.is_dir():
        return []
    return sorted(int(found[1]) for path in folder.iterdir() if (found := _VERSION.fullmatch(path.name)))


def newest(out: Path, quarter: Quarter) -> Snapshot | None:
    """The version in force, None where nothing was handed in; ReportError where it was tampered with."""
    found = versions(out, quarter)
    if not found:
        return None
    snapshot, problems = examine(out, quarter, found[-1])
    if problems or snapshot is None:
        raise ReportError("\n".join(str(problem) for problem in problems))
    return snapshot


def examine(out: Path, quarter: Quarter, version: int) -> tuple[Snapshot | None, list[Text]]:
    """Read a version and hold every file against its seal; every difference comes back as a line."""
    folder = out / str(quarter) / f"v{version}"
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        whole = isinstance(content, dict) and content.get("seal") == seal_of(content)
    except (OSError, ValueError):
        return None, [_about(folder / FILE, "无法读取", "cannot be read")]
    if not whole:
        return None, [_about(folder / FILE, "内容与封印不符", "its content does not match its seal")]
    if content.get("format") != _FORMAT:
        return None, [
            _about(folder / FILE, "由其他版本的程序封存", "was frozen by another version of the program")
        ]
    problems = list[Text]()
    if (content.get("quarter"), content.get("version")) != (str(quarter), version):
        found = f"{content.get('quarter')} v{content.get('version')}"
        problems.append(
            _about(folder / FILE, f"{found} 不属于此文件夹", f"{found} does not belong into this folder")
        )
    problems += _differences(folder, content["files"])
    return Snapshot(quarter=quarter, version=version, folder=folder, content=content), problems


def verify(out: Path, quarter: Quarter) -> tuple[list[Snapshot], list[Text]]:
    """Every version of a quarter, and everything that is wrong with any of them or with their chain."""
    found, problems = list[Snapshot](), list[Text]()
    numbers = versions(out, quarter)
    if numbers != list(range(1, len(numbers) + 1)):
        told = ", ".join(f"v{number}" for number in numbers)
        problems.append(
            _about(out / str(quarter), f"版本不连续：{told}", f"a version is missing, there are {told}")
        )
    for number in numbers:
        snapshot, wrong = examine(out, quarter, number)
        problems += wrong
        if snapshot is None:
            continue
        corrects = snapshot.content.get("corrects")
        if corrects and found and corrects["seal"] != found[-1].seal:
            problems.append(
                _about(
                    snapshot.folder / FILE,
                    "所更正的版本已被改动",
                    "the version that it corrects is no longer the same",
                )
            )
        found.append(snapshot)
    return found, problems


def freeze(
    out: Path, quarter: Quarter, version: int, files: Mapping[str, bytes], content: dict[str, Any]
) -> str:
    """Write a version whole or not at all; the seal comes back. ReportError where it is there already."""
    content = {
        "format": _FORMAT,
        "quarter": str(quarter),
        "version": version,
        **content,
        "files": {name: digest(data) for name, data in sorted(files.items())},
    }
    content["seal"] = seal_of(content)
    folder = out / str(quarter) / f"v{version}"
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    _put(folder, {**files, FILE: text.encode()}, replace=False)
    return str(content["seal"])


def draft(out: Path, quarter: Quarter, files: Mapping[str, bytes]) -> Path:
    """Write a draft over the one before; nothing about it is kept."""
    folder = out / str(quarter) / DRAFT
    _put(folder, files, replace=True)
    return folder


def _about(path: Path, chinese: str, english: str) -> Text:
    return Text(f"{path}：{chinese}", f"{path}: {english}")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _differences(folder: Path, files: Mapping[str, str]) -> Iterator[Text]:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {FILE}
    for name in sorted({*files, *there}):
        path = folder / name
        if name not in there:
            yield _about(path, "文件缺失", "is missing")
        elif name not in files:
            yield _about(path, "不属于该版本", "is not part of this version")
        elif digest(path.read_bytes()) != files[name]:
            yield _about(path, "报送后被改动", "was changed after it was handed in")


def _put(folder: Path, files: Mapping[str, bytes], *, replace: bool) -> None:
    """Write beside the folder and rename: an interrupted run leaves no half report."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and not replace:
            raise ReportError(_about(folder, "已报送，不可覆盖", "was handed in and is not written over"))
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as temporary:
            new = Path(temporary) / folder.name
            for name, data in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                if not replace:
                    path.chmod(0o444)  # a first hint; the seals are what proves it
            if folder.exists():
                shutil.rmtree(folder)
            new.rename(folder)
    except OSError as error:
        why = os_reason(error)
        raise ReportError(
            Text(f"--out：无法写入 {folder}：{why.zh}", f"--out: cannot write {folder}: {why.en}")
        ) from error
