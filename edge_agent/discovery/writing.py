"""A gateway's folder: written whole, proven by the program's own loading, and never over what is there."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from contract import Address
from edge_agent.discovery.configuring import configuration
from edge_agent.discovery.layout import Layout
from edge_agent.discovery.looking import Look
from edge_agent.gateway_settings import EdgeSettings
from runtime import load
from runtime.csv_text import csv_text
from runtime.errors import ConfigError, os_reason
from runtime.language import Text

FILES = ("edge.toml", "aps.csv", "projectors.csv", "devices.csv", "plugs.csv", "open.csv", "rooms.csv")


def refuse_to_overwrite(folder: Path, rooms: Path) -> None:
    """Raises ConfigError where one of the files is there already; the list of rooms itself may be."""
    there = [
        name
        for name in FILES
        if ((folder / name).exists() or (folder / name).is_symlink()) and not _is(folder / name, rooms)
    ]
    if there:
        names = "、".join(there)
        raise ConfigError(
            Text(
                f"--out {folder}：已有 {names}，不会覆盖；请换一个文件夹",
                f"--out {folder}: {', '.join(there)} is there and is not overwritten; name another folder",
            )
        )


def write_folder(
    folder: Path, *, address: Address, broker: str, layout: Layout, look: Look, rooms: Path
) -> list[str]:
    """The names of the files that were written. Raises ConfigError, with nothing left behind."""
    contents = {"open.csv": _open(layout)}
    if not _is(folder / "rooms.csv", rooms):
        contents["rooms.csv"] = rooms.read_bytes()
    if layout.controllers:
        contents["aps.csv"] = _csv(("ap", "room"), sorted(layout.aps.items()))
    if layout.projectors:
        contents["projectors.csv"] = _csv(("host", "port", "password", "device", "room"), layout.projectors)
    if layout.devices:
        contents["devices.csv"] = _csv(("device", "type", "host", "mac", "room"), layout.devices)
    if layout.plugs:
        contents["plugs.csv"] = _csv(("topic", "kind", "device", "room", "channel"), layout.plugs)
    if layout.can_run:
        contents["edge.toml"] = configuration(address, broker, layout, look).encode()
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            with (folder / name).open("xb") as file:
                written.append(folder / name)
                file.write(content)
        if layout.can_run:
            load(EdgeSettings, folder / "edge.toml").prepare()
    except (OSError, ConfigError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, ConfigError):
            raise
        why = os_reason(error)
        wrong = Text(f"无法写入：{why.zh}", f"cannot be written: {why.en}")
        raise ConfigError(f"--out {folder}: {wrong}") from error
    return sorted(contents)


def _is(path: Path, rooms: Path) -> bool:
    return path.exists() and path.samefile(rooms)


def _open(layout: Layout) -> bytes:
    head = ("table", "device", "name", "likely", "why")
    rows = (
        (unsure.table, unsure.device, unsure.name, " ".join(unsure.likely), str(unsure.why))
        for unsure in layout.open
    )
    return csv_text(head, rows).encode()  # read by people alone, in a spreadsheet


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return ("\ufeff" + text.getvalue()).encode()
