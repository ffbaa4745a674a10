"""The CSV files beside the configuration: which room an access point serves, which projectors there are."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from contract.readings import Key
from runtime import ConfigError, secret
from runtime.errors import os_reason
from runtime.hosts import problem_of
from runtime.language import Text
from runtime.problems import problem_with_value
from runtime.shown import shown

PJLINK_PORT = 4352

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_OCTET = re.compile(r"[0-9a-f]{1,2}")
_TWELVE_DIGITS = re.compile(r"[0-9a-f]{12}")
_NO_SEPARATORS = str.maketrans("", "", ":-._ ‐‑‒–—−")
_keys: TypeAdapter[str] = TypeAdapter(Key, config=ConfigDict(defer_build=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAp:
    """One line of aps.csv: an access point by serial number, MAC or name, and its room."""

    ap: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMap:
    """The lines of aps.csv by the spelling of their access point."""

    lines: Mapping[str, MappedAp] = field(default_factory=dict)

    def find(self, *names: str | None) -> str | None:
        """The spelling under which the map has an access point known by any of `names`."""
        return next(self.find_all(*names), None)

    def find_all(self, *names: str | None) -> Iterator[str]:
        """Under which spellings it has it, in the order of `names`."""
        return (known for known in (spelling(name) for name in names if name) if known in self.lines)

    def room_of(self, *names: str | None) -> str:
        """The room of an access point known by any of `names`, "" where the map has none."""
        found = self.find(*names)
        return self.lines[found].room if found is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projector:
    """One line of projectors.csv, its password resolved."""

    host: str
    port: int
    device: str
    room: str
    password: str | None = field(default=None, repr=False)

    @property
    def target(self) -> str:
        return self.host if self.port == PJLINK_PORT else f"{self.host}:{self.port}"


def spelling(name: str) -> str:
    """One spelling for names and MACs: 50-6F-77-EA-DC-A0, 506f-77ea-dca0, 506F77EADCA0 and 50:6f:… are one.

    A serial number of twelve hexadecimal digits is spelled like a MAC too, in the map as in the controller.
    """
    lower = unicodedata.normalize("NFKC", name).strip().casefold()
    digits = lower.removeprefix("0x").translate(_NO_SEPARATORS)
    if _TWELVE_DIGITS.fullmatch(digits):
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    # 0:1a:2:3:4:5 as some switches write it.
    parts = lower.replace("-", ":").split(":")
    if len(parts) == 6 and all(_OCTET.fullmatch(part) for part in parts):
        return ":".join(part.zfill(2) for part in parts)
    return lower


def read_room_map(path: Path | None) -> RoomMap:
    """Read aps.csv; raises ConfigError with file, line and column."""
    lines: dict[str, MappedAp] = {}
    if path is None:
        return RoomMap()
    for line, row in rows_of(path, required=("ap", "room")):
        ap = key_of(path, line, row, "ap")
        known = spelling(ap)
        if known in lines:
            raise twice(path, line, "ap", ap)
        lines[known] = MappedAp(
            ap=known if _MAC.fullmatch(known) else ap, room=key_of(path, line, row, "room")
        )
    return RoomMap(lines=lines)


def read_projectors(path: Path) -> tuple[Projector, ...]:
    """Read projectors.csv; raises ConfigError with file, line and column."""
    projectors: dict[str, Projector] = {}
    targets: set[str] = set()
    for line, row in rows_of(path, required=("host", "room"), optional=("port", "password", "device")):
        projector = _projector(path, line, row)
        if projector.device in projectors:
            raise twice(path, line, "device", projector.device)
        if projector.target in targets:
            raise twice(path, line, "host", projector.target)
        projectors[projector.device] = projector
        targets.add(projector.target)
    return tuple(projectors.values())


def read_text(path: Path) -> str:
    """The text of a file that Excel or a handset wrote: UTF-8 with or without its mark, or GB18030.

    Raises OSError, or UnicodeDecodeError where it is neither.
    """
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _projector(path: Path, line: int, row: dict[str, str]) -> Projector:
    host = key_of(path, line, row, "host")
    problem = problem_of(host)
    if problem is not None:
        wrong = Text(f"{shown(host)}：{problem.zh}", f"{shown(host)}: {problem.en}")
        raise ConfigError(f"{place_of(path, line, 'host')}: {wrong}")
    port = row.get("port") or str(PJLINK_PORT)
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 1 <= int(port) <= 65535:
        given = shown(port)
        wrong = Text(
            f"{given} 不是端口（1 至 65535，或留空）", f"{given} is no port (1 to 65535, or leave it empty)"
        )
        raise ConfigError(f"{place_of(path, line, 'port')}: {wrong}")
    target = host if int(port) == PJLINK_PORT else f"{host}:{port}"
    if len(target) > 64:
        wrong = Text("连同端口超过 64 个字符", "longer than 64 characters with its port")
        raise ConfigError(f"{place_of(path, line, 'host')}: {wrong}")
    password = None
    if reference := row.get("password"):
        scheme, _, rest = reference.partition(":")
        if scheme == "file" and rest:
            reference = f"file:{path.parent / rest}"
        password = secret(reference, key=str(place_of(path, line, "password")))
    return Projector(
        host=host,
        port=int(port),
        password=password,
        device=key_of(path, line, row, "device") if row.get("device") else target,
        room=key_of(path, line, row, "room"),
    )


def rows_of(
    path: Path, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """The file's lines with their numbers; empty lines are left out."""
    try:
        text = read_text(path)
    except OSError as error:
        why = os_reason(error)
        wrong = Text(f"无法读取：{why.zh}", f"cannot read the file: {why.en}")
        raise ConfigError(f"{path}: {wrong}") from error
    except UnicodeDecodeError as error:
        wrong = Text("既不是 UTF-8 也不是 GB18030 文本", "neither UTF-8 nor GB18030 text")
        raise ConfigError(f"{path}: {wrong}") from error
    rows = _cells(path, text)
    _, names = next(rows, (1, []))
    header = [name.strip().lower() for name in names]
    for name in required:
        if name not in header:
            wrong = Text(f"缺少列 {name!r}", f"the column {name!r} is missing")
            raise ConfigError(f"{place_of(path, 1)}: {wrong}")
    for name in header:
        if name not in required + optional or header.count(name) > 1:
            known = required + optional
            wrong = Text(
                f"列 {shown(name)} 未知或出现两次，可用：{'、'.join(known)}",
                f"the column {shown(name)} is unknown or there twice; known: {', '.join(known)}",
            )
            raise ConfigError(f"{place_of(path, 1)}: {wrong}")
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            wrong = Text(
                f"有 {len(cells)} 个单元格，表头有 {len(header)} 个",
                f"has {len(cells)} cells, the header has {len(header)}",
            )
            raise ConfigError(f"{place_of(path, line)}: {wrong}")
        yield line, dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _cells(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:  # a cell of more than 131,072 characters: a quotation mark that nobody closed
        wrong = Text("单元格过长：引号没有成对？", "a cell is too long; is a quotation mark not closed?")
        raise ConfigError(f"{place_of(path, reader.line_num)}: {wrong}") from error


def key_of(path: Path, line: int, row: dict[str, str], column: str) -> str:
    """A cell that names something in readings; raises ConfigError with its place."""
    try:
        return _keys.validate_python(row[column])
    except ValidationError as error:
        problem = problem_with_value(error.errors(include_url=False)[0])
        raise ConfigError(f"{place_of(path, line, column)}: {problem}") from error


def twice(path: Path, line: int, column: str, value: str) -> ConfigError:
    wrong = Text(f"{value!r} 出现两次", f"{value!r} stands there twice")
    return ConfigError(f"{place_of(path, line, column)}: {wrong}")


def place_of(path: Path, line: int, column: str = "") -> Text:
    return Text(
        f"{path} 第 {line} 行" + (f" {column}" if column else ""),
        f"{path}, line {line}" + (f", {column}" if column else ""),
    )
