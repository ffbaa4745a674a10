"""Backup and restore of an installation: store, quarantine, registry, settings and keys, in one archive.

The store is read and written through its own interface, so every kind of store can be backed up, and restored
into any other.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from campus.archive import ArchiveError, Manifest, Reader, Writer, copy_database, reading, writing
from campus.restoring import Added, dropped_parts, mark_dropped, write
from campus.version import program_version
from contract import MEASUREMENTS, READING_KINDS, Measurement, Point, utc_text
from contract.daybook import DAY_FACTS
from contract.expiry import EXPIRY
from rules.stored.decisions import DECISIONS
from rules.stored.states import STATES
from rules.stored.tables import RESULTS
from runtime.language import Text
from store import Query, Rejected, Select, Store

# What touched a day is saved after the readings, and what has expired last: what comes in between is then
# counted again, and is there.
TABLES: dict[str, Measurement] = {
    **MEASUREMENTS,
    **DAY_FACTS,
    **RESULTS,
    **STATES,
    **DECISIONS,
    **EXPIRY,
}
# Points that are read at a time; where a span holds more, it is divided.
_MOST_POINTS = 50_000
_SPANS_MS = (86_400_000, 3_600_000, 60_000, 1_000)
_WRITE_POINTS = 5_000
# In the year 2248; InfluxDB knows no time after 2262, and what lies ahead of the clock is never stored.
_LATEST_MS = 2**43

Say = Callable[[Text], None]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What is to be saved, or where it is to go; what is not named is left alone."""

    store: Store | None = None
    quarantines: Sequence[Path] = ()
    registry: Path | None = None
    settings: Sequence[Path] = ()


def back_up(parts: Parts, out: Path, *, now_ms: int, say: Say) -> Manifest:
    """Write an archive. The programs may run meanwhile: what comes while it is made may be in it or not.

    Where a month of readings expires meanwhile, it is made anew: no table may have it that another lacks.
    """
    before = dropped_parts(parts.store) if parts.store else set()
    manifest = _back_up(parts, out, now_ms=now_ms, say=say)
    if parts.store and dropped_parts(parts.store) != before:
        say(Text("备份期间有数据到期删除，重新备份", "readings expired meanwhile: it is made anew"))
        return back_up(parts, out, now_ms=now_ms, say=say)
    return manifest


def _back_up(parts: Parts, out: Path, *, now_ms: int, say: Say) -> Manifest:
    manifest = Manifest(made=utc_text(now_ms), version=program_version())
    with tempfile.TemporaryDirectory(prefix="campus-backup-") as name, writing(out, manifest) as archive:
        if parts.store:
            for table in TABLES.values():
                _save_table(archive, parts.store, table, Path(name))
            say(Text(f"数据库：{_sum(manifest)} 个点", f"store: {_sum(manifest)} points"))
        for number, path in enumerate(parts.quarantines):
            copy = Path(name) / f"{number}.sqlite"
            copy_database(path, copy)
            archive.add_file(f"quarantine/{number}.sqlite", copy)
        if parts.registry:
            archive.add_tree("registry", parts.registry)
        for path in parts.settings:
            archive.add_tree(f"settings/{path.resolve().name}" if path.is_dir() else "settings", path)
    return manifest


def restore(archive_path: Path, parts: Parts, *, add: bool, say: Say) -> list[Rejected]:
    """Put back what `parts` names; gives the points that the store would not take. Raises ArchiveError.

    Nothing that is there is overwritten; only with `add` a store may hold something already.
    """
    with reading(archive_path) as archive:
        _refuse_existing(archive, parts, add=add)
        for number, path in enumerate(parts.quarantines):
            with archive.open(f"quarantine/{number}.sqlite") as source:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read())
        if parts.registry:
            number = archive.extract("registry", parts.registry)
            say(
                Text(
                    f"登记表：{number} 个文件写入 {parts.registry}",
                    f"registry: {number} files in {parts.registry}",
                )
            )
        for path in parts.settings:
            number = archive.extract("settings", path)
            say(
                Text(
                    f"配置与密钥：{number} 个文件写入 {path}", f"settings and keys: {number} files in {path}"
                )
            )
        rejected: list[Rejected] = []
        if parts.store:
            rejected = _restore_store(archive, parts.store, add=add, say=say)
        for gateway, batch in sorted(archive.manifest.batches.items()):
            say(Text(f"{gateway}：备份含至批次 {batch}", f"{gateway}: the backup holds up to batch {batch}"))
        return rejected


def contents(archive_path: Path) -> Manifest:
    """What an archive holds, once it is proven whole."""
    with reading(archive_path) as archive:
        return archive.manifest


def _sum(manifest: Manifest) -> int:
    return sum(manifest.points.values())


def _save_table(archive: Writer, store: Store, table: Measurement, folder: Path) -> None:
    file = folder / f"{table.name}.jsonl"
    number = 0
    with file.open("w", encoding="utf-8") as lines:
        lines.write(
            json.dumps({"measurement": table.name, "tags": table.tag_names, "fields": table.field_names})
        )
        lines.write("\n")
        for point in points_of(store, table):
            lines.write(json.dumps([point.tags, point.time, point.fields], ensure_ascii=False) + "\n")
            number += 1
            if table.name in READING_KINDS:
                _note_batch(archive.manifest, point)
    archive.manifest.points[table.name] = number
    if number:
        archive.add_file(f"store/{table.name}.jsonl", file)
    file.unlink()


def _note_batch(manifest: Manifest, point: Point) -> None:
    gateway = "/".join(point.tags[:4])
    manifest.batches[gateway] = max(manifest.batches.get(gateway, 0), int(point.fields[0] or 0))


def points_of(store: Store, table: Measurement) -> Iterator[Point]:
    """Every point of a table, a bounded number of them in memory."""
    everything = tuple(Select(name) for name in table.field_names)
    for since, until in _spans(store, table, 0, _LATEST_MS, _SPANS_MS):
        query = Query(
            measurement=table, select=everything, group_by=table.tag_names, since=since, until=until
        )
        for row in store.query(query):
            tags = tuple(row.tags[name] for name in table.tag_names)
            yield Point(table, tags, row.time or 0, tuple(row.values[name] for name in table.field_names))


def _spans(
    store: Store, table: Measurement, since: int, until: int, lengths: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Spans of time that hold points, none with too many of them, as far as seconds can be divided."""
    length, *shorter = lengths
    counts = tuple(Select(name, "count") for name in table.field_names)
    rows = store.query(Query(measurement=table, select=counts, since=since, until=until, window_ms=length))
    for row in rows:
        begin = max(row.time or 0, since)
        end = min((row.time or 0) + length, until)
        if shorter and max(int(value or 0) for value in row.values.values()) > _MOST_POINTS:
            yield from _spans(store, table, begin, end, shorter)
        else:
            yield begin, end


def _restore_store(archive: Reader, store: Store, *, add: bool, say: Say) -> list[Rejected]:
    def points_of_file(name: str) -> Iterator[Point]:
        with archive.open(name) as lines:
            yield from _points(name, lines)

    dropped = mark_dropped(archive, store, points_of_file)
    added = Added.to(store) if add else None
    rejected: list[Rejected] = []
    for name in archive.names("store"):
        number, points = 0, points_of_file(name)
        while some := list(islice(points, _WRITE_POINTS)):
            rejected += write(store, added.points(some) if added else some, dropped)
            number += len(some)
        say(Text(f"{name}：{number} 个点", f"{name}: {number} points"))
    return rejected


def _points(name: str, lines: IO[bytes]) -> Iterator[Point]:
    """Points as today's tables have them; what another version knew besides is told, not dropped."""
    head = json.loads(next(iter(lines)))
    table = TABLES.get(head["measurement"])
    unknown = [] if table is None else _unknown(table, head["tags"], head["fields"])
    if table is None or unknown:
        what = ", ".join(unknown) or head["measurement"]
        raise ArchiveError(
            Text(
                f"备份中 {name} 有本版本不认识的 {what}",
                f"{name} in the backup has what this version lacks: {what}",
            )
        )
    for line in lines:
        tags, time, fields = json.loads(line)
        tag = dict(zip(head["tags"], tags, strict=True))
        value = dict(zip(head["fields"], fields, strict=True))
        yield Point(
            table,
            tuple(tag.get(column, "") for column in table.tag_names),
            time,
            tuple(value.get(column) for column in table.field_names),
        )


def _unknown(table: Measurement, tags: Iterable[str], fields: Iterable[str]) -> list[str]:
    known = {*table.tag_names, *table.field_names}
    return [column for column in chain(tags, fields) if column not in known]


def _refuse_existing(archive: Reader, parts: Parts, *, add: bool) -> None:
    for path in (*parts.quarantines, parts.registry, *parts.settings):
        if path is not None and path.exists():
            raise ArchiveError(
                Text(f"{path} 已存在，恢复不覆盖任何文件", f"{path} is there: a restore overwrites nothing")
            )
    manifest = archive.manifest
    asked = (
        (parts.store is not None, bool(manifest.points), Text("数据库", "store")),
        (parts.registry is not None, bool(archive.names("registry")), Text("登记表", "registry")),
        (bool(parts.settings), bool(archive.names("settings")), Text("配置", "settings")),
    )
    for wanted, held_at_all, what in asked:
        if wanted and not held_at_all:
            raise ArchiveError(Text(f"备份中没有{what.zh}", f"the backup has no {what.en}"))
    held = len(archive.names("quarantine"))
    if len(parts.quarantines) > held:
        raise ArchiveError(
            Text(f"备份中只有 {held} 个隔离区", f"the backup has {held} quarantine files, no more")
        )
    if parts.store and not add and any(_holds_something(parts.store, table) for table in TABLES.values()):
        raise ArchiveError(
            Text(
                "数据库中已有数据；要并入请加 --add（同一点只存一次）",
                "the store holds something already; with --add the backup is added to it (twice is once)",
            )
        )


def _holds_something(store: Store, table: Measurement) -> bool:
    everything = tuple(Select(name) for name in table.field_names)
    return bool(store.query(Query(measurement=table, select=everything, newest=1)))
