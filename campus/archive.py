"""An archive of one installation: a tar file, and a manifest that proves it whole."""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from runtime import UserError
from runtime.errors import os_reason
from runtime.language import Text

FORMAT = 1
_MANIFEST = "manifest.json"
_PIECE = 1 << 20
_SQLITE = b"SQLite format 3\0"
# Whoever only writes lets go within a moment; a gateway keeps its spool for as long as it runs.
_HELD_S = 10.0
_BUSY_S = 1.0


class ArchiveError(UserError):
    """The archive cannot be written or read; the text says which and why."""


@dataclass(kw_only=True)
class Manifest:
    """What an archive holds. `batches`: of each epoch of a gateway the newest batch that is in it."""

    made: str
    version: str
    format: int = FORMAT
    points: dict[str, int] = field(default_factory=dict)
    batches: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


class Writer:
    """Adds files; the manifest comes last, when everything is known. `own`: itself, which it never adds."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest, own: Path) -> None:
        self._tar = tar
        self.manifest = manifest
        self._own = own.resolve()

    def add_tree(self, name: str, path: Path) -> None:
        """A file, or a folder with all that is in it."""
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if _belongs_to_a_database(file) or file.resolve() == self._own:
                continue
            beside = file.relative_to(path).as_posix() if path.is_dir() else path.name
            with _at_rest(file) as copy:
                self.add_file(f"{name}/{beside}", copy)

    def add_file(self, name: str, file: Path) -> None:
        with file.open("rb") as source:
            digest, size = _digest(source)
            source.seek(0)
            member = tarfile.TarInfo(name)
            # As it was when it was read: what grows meanwhile is cut off.
            member.size, member.mode, member.mtime = size, 0o600, int(file.stat().st_mtime)
            self._tar.addfile(member, source)
        self.manifest.digests[name] = digest

    def finish(self) -> None:
        data = json.dumps(asdict(self.manifest), indent=2, ensure_ascii=False).encode()
        member = tarfile.TarInfo(_MANIFEST)
        member.size, member.mode = len(data), 0o600
        self._tar.addfile(member, io.BytesIO(data))


@contextmanager
def _at_rest(file: Path) -> Iterator[Path]:
    """The file itself; of a database that others may be writing (the register of gateways) a whole copy."""
    with file.open("rb") as source:
        is_database = source.read(len(_SQLITE)) == _SQLITE
    if not is_database:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="campus-backup-") as folder:
        copy = Path(folder) / file.name
        copy_database(file, copy)
        yield copy


def copy_database(file: Path, copy: Path) -> None:
    """A whole copy of a database that others may be writing; raises ArchiveError."""
    given_up = time.monotonic() + _HELD_S

    def look(status: int, _left: int, _pages: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > given_up:
            raise _held(file)

    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_S)) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to, progress=look)
    except sqlite3.Error as error:
        raise ArchiveError(
            Text(f"{file} 不能作为数据库读取：{error}", f"{file} cannot be read as a database: {error}")
        ) from error


def _held(file: Path) -> ArchiveError:
    return ArchiveError(
        Text(
            f"{file} 被运行中的程序独占，不能备份：先停止该程序；网关的缓存无须备份，不要放在此文件夹中",
            f"{file} is held by a running program and cannot be saved: stop it first; a gateway's spool "
            "needs no backup, keep it out of this folder",
        )
    )


def _belongs_to_a_database(file: Path) -> bool:
    """A log or journal beside it: the copy of the database holds what is in it."""
    base, dash, suffix = file.name.rpartition("-")
    return bool(dash) and suffix in {"journal", "wal", "shm"} and file.with_name(base).exists()


class Reader:
    """A whole archive: every file in it was read once and is what the manifest says."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    def names(self, under: str) -> list[str]:
        """The files of one part: `store`, `quarantine`, `registry`, `settings`."""
        return sorted(name for name in self.manifest.digests if name.startswith(f"{under}/"))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        found = self._tar.extractfile(name)
        if found is None:
            raise ArchiveError(Text(f"备份中 {name} 不是文件", f"{name} in the backup is no file"))
        with found:
            yield found

    def extract(self, under: str, target: Path) -> int:
        """Write one part to a folder that is not there yet; gives the number of files."""
        names = self.names(under)
        for name in names:
            file = target.joinpath(*PurePosixPath(name).parts[1:])
            file.parent.mkdir(parents=True, exist_ok=True)
            with self.open(name) as source:
                write_private(file, source)
        return len(names)


def write_private(file: Path, source: IO[bytes]) -> None:
    """A new file that only its owner may read: there are keys among them."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while piece := source.read(_PIECE):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())


@contextmanager
def writing(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """A new archive, there under its name only once it is whole; raises ArchiveError."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            writer = Writer(tar, manifest, own=part)
            yield writer
            writer.finish()
        part.rename(path)
    except OSError as error:
        why = os_reason(error)
        raise ArchiveError(
            Text(f"无法写入备份 {path}：{why.zh}", f"cannot write {path}: {why.en}")
        ) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """An archive that was proven whole; raises ArchiveError."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            yield Reader(tar, _proven(path, tar))
    except OSError as error:
        why = os_reason(error)
        raise ArchiveError(Text(f"无法读取备份 {path}：{why.zh}", f"cannot read {path}: {why.en}")) from error
    except (tarfile.TarError, EOFError) as error:
        raise _broken(path, str(error)) from error


def _proven(path: Path, tar: tarfile.TarFile) -> Manifest:
    digests: dict[str, str] = {}
    values: dict[str, Any] | None = None
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if not member.isfile() or ".." in parts or member.name.startswith("/"):
            raise _broken(path, member.name)
        source = tar.extractfile(member)
        if source is None:
            raise _broken(path, member.name)
        with source:
            if member.name == _MANIFEST:
                values = json.load(source)
            else:
                digests[member.name] = _digest(source)[0]
    if values is None:
        raise _broken(path, _MANIFEST)
    if values.get("format") != FORMAT:
        raise ArchiveError(
            Text(f"{path} 由更新的版本写成", f"{path} was written by a newer version: {values.get('format')}")
        )
    manifest = Manifest(**values)
    if manifest.digests != digests:
        wrong = sorted(manifest.digests.items() ^ digests.items())
        raise _broken(path, wrong[0][0])
    return manifest


def _broken(path: Path, what: str) -> ArchiveError:
    return ArchiveError(Text(f"备份 {path} 不完整：{what}", f"the backup {path} is not whole: {what}"))


def _digest(source: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
