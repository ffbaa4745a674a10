"""A file of wanted settings as a clerk wrote it: cut to its collectors, with its lists, and tried."""

import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contract import Address
from contract.wanted import MOST_CONTENT_BYTES, content_bytes
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.tables import read_text, rows_of
from edge_agent.wanted.permitted import (
    COLLECTORS,
    PLACES,
    Allowed,
    check,
    list_names,
    merged,
    references,
)
from edge_agent.wanted.why import NotTakenError
from rules.words import Reason, worded
from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from runtime.settings import validated
from runtime.toml_files import read_toml

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_-]+)")
# Of the head of a whole edge.toml these say whose it is, and must fit; the others stay the school's.
_WHOSE = ("district", "school", "gateway")
_STAND_IN = "a-secret-that-stands-in-for-one"
_ALIKE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`left_out`: keys that stay the school's own. `rooms`: those that its lists name."""

    settings: str
    files: Mapping[str, str]
    left_out: tuple[str, ...]
    rooms: frozenset[str]


def read_content(path: Path, address: Address) -> Content:
    """Raises ConfigError with what a gateway would refuse, before anything is sent."""
    whole = read_toml(path, Text("配置文件", "the configuration"))
    for key in _WHOSE:
        if whole.values.get(key) not in {None, getattr(address, key)}:
            raise ConfigError(
                Text(
                    f"{path}：{key} 是 {whole.values[key]}，不是 {getattr(address, key)}：拿错文件了？",
                    f"{path}: {key} is {whole.values[key]}, not {getattr(address, key)}: is it another's?",
                )
            )
    wanted = {key: value for key, value in whole.values.items() if key in COLLECTORS}
    if not wanted:
        raise ConfigError(Text(f"{path}：没有采集项", f"{path}: there is no collector in it"))
    settings = _cut(whole.text, wanted, path)
    files = dict(_lists(wanted, path))
    _try(path, address, wanted, files)
    size = content_bytes(settings, files)
    if size > MOST_CONTENT_BYTES:
        raise ConfigError(
            Text(
                f"{path}：连同各表有 {size} 字节，至多 {MOST_CONTENT_BYTES}",
                f"{path}: {size} bytes with its lists, at most {MOST_CONTENT_BYTES} can be sent",
            )
        )
    left_out = tuple(key for key in whole.values if key not in COLLECTORS and key not in _WHOSE)
    return Content(settings=settings, files=files, left_out=left_out, rooms=_rooms(wanted, files))


def strange_rooms(content: Content, known: frozenset[str]) -> list[Text]:
    """Rooms that the registry does not have, each with the likely one."""
    found = []
    for room in sorted(content.rooms - known):
        likely = get_close_matches(room, known, n=2, cutoff=_ALIKE)
        found.append(
            Text(
                f"登记表中没有房间 {room}" + (f"；可能是 {'、'.join(likely)}" if likely else ""),
                f"the registry has no room {room}" + (f"; perhaps {', '.join(likely)}" if likely else ""),
            )
        )
    return found


def _cut(text: str, wanted: Mapping[str, Any], path: Path) -> str:
    """The lines of the collectors' tables, comments with them; read again, they must be just these."""
    lines, inside = [], False
    for line in text.splitlines():
        if found := _HEADER.match(line):
            inside = found[1] in COLLECTORS
        if inside:
            lines.append(line)
    cut = "\n".join([*lines, ""])
    try:
        if tomllib.loads(cut) == wanted:
            return cut
    except tomllib.TOMLDecodeError:
        pass
    raise ConfigError(
        Text(
            f"{path}：请把采集项写成 [[pjlink]] 这样的表，单独成文件",
            f"{path}: write the collectors as tables such as [[pjlink]], in a file of their own",
        )
    )


def _lists(wanted: Mapping[str, Any], path: Path) -> Iterator[tuple[str, str]]:
    for kind, key, name in list_names(wanted):
        if not _NAME.fullmatch(name):
            raise ConfigError(
                Text(
                    f"{path}：{kind}.{key}：表须在此文件旁，名称只用字母、数字和 . _ -",
                    f"{path}: {kind}.{key}: a list lies beside this file, named by letters, digits, . _ -",
                )
            )
        try:
            yield name, read_text(path.parent / name)
        except OSError as error:
            why = os_reason(error)
            raise ConfigError(
                Text(
                    f"无法读取 {path.parent / name}：{why.zh}", f"cannot read {path.parent / name}: {why.en}"
                )
            ) from error
        except UnicodeDecodeError as error:
            wrong = Text("既不是 UTF-8 也不是 GB18030 文本", "neither UTF-8 nor GB18030 text")
            raise ConfigError(f"{path.parent / name}: {wrong}") from error


def _try(path: Path, address: Address, wanted: dict[str, Any], files: Mapping[str, str]) -> None:
    """As its gateway will, with stand-ins for what only the school has: secrets, folders, probes."""
    everything = Allowed(
        secrets=frozenset(references(wanted, files, path.parent)),
        places=frozenset(_places(wanted, path.parent)),
    )
    try:
        check(wanted, files, everything, path.parent)
    except NotTakenError as error:
        why = Reason(error.why.code, tuple(error.why.args.items()))
        raise ConfigError(f"{path}: {worded(why)}") from error
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "secret").write_text(_STAND_IN, encoding="utf-8")
        for file, text in files.items():
            (folder / file).write_text(_without_secrets(text, folder), encoding="utf-8")
        head = {key: getattr(address, key) for key in _WHOSE}
        head |= {"broker": {"url": "mqtts://broker:8883"}}
        values = merged(head, {kind: _stood_in(kind, wanted[kind], folder) for kind in wanted}, folder)
        try:
            validated(EdgeSettings, values, folder / path.name).prepare()
        except ConfigError as error:
            raise ConfigError(str(error).replace(f"{folder}/", f"{path.parent}/")) from error


def _places(wanted: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str, str]]:
    for kind, keys in PLACES.items():
        for table in wanted.get(kind, ()):
            yield from ((kind, key, str(folder / str(table[key]))) for key in keys if key in table)


def _stood_in(kind: str, tables: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    made = []
    for number, table in enumerate(tables):
        table = _replaced(table, folder)
        for key in PLACES.get(kind, ()):
            if key not in table or key == "ca_file":
                table.pop(key, None)
                continue
            place = folder / f"{kind}-{number}-{key}"
            if key == "folder":
                place.mkdir()
            else:
                place.write_text("room,interface\n", encoding="utf-8")
            table[key] = str(place)
        made.append(table)
    return made


def _replaced(value: Any, folder: Path) -> Any:
    """Every reference to a secret as one to the stand-in."""
    if isinstance(value, dict):
        return {key: _replaced(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, folder) for inner in value]
    return f"file:{folder / 'secret'}" if isinstance(value, str) and _is_reference(value) else value


def _is_reference(text: str) -> bool:
    return text.strip().startswith(("env:", "file:"))


def _without_secrets(text: str, folder: Path) -> str:
    return re.sub(r'(?<![^,"\n\r ])(?:env|file):[^,"\n\r]*', f"file:{folder / 'secret'}", text)


def _rooms(wanted: Mapping[str, Any], files: Mapping[str, str]) -> frozenset[str]:
    """Of the lists that were read without a complaint."""
    rooms: set[str] = set()
    with tempfile.TemporaryDirectory() as name:
        for _, _, file in list_names(wanted):
            place = Path(name) / file
            place.write_text(files[file], encoding="utf-8")
            header = files[file].removeprefix("\ufeff").partition("\n")[0]
            columns = tuple(cell.strip().lower() for cell in header.strip().split(","))
            if "room" in columns:
                rooms |= {row["room"] for _, row in rows_of(place, required=columns) if row["room"]}
    return frozenset(rooms)


__all__ = ["Content", "read_content", "strange_rooms"]
