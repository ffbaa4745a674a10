"""A file that a command was asked to write."""

from contextlib import suppress
from pathlib import Path

import typer

from runtime.errors import ConfigError, os_reason
from runtime.language import Text


def write_file(option: str, path: Path, content: bytes) -> None:
    """Whole or not at all; raises ConfigError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        wrong = Text("无法写入", "cannot be written")
        raise ConfigError(f"{option} {path}: {wrong}: {os_reason(error)}") from error
    finally:  # broken off, too
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_workbook(path: Path, content: bytes) -> None:
    """And say so, beside the answer, which may be read by a program."""
    write_file("--workbook", path, content)
    typer.echo(Text(f"工作簿已写入 {path}", f"the workbook is in {path}"), err=True)
