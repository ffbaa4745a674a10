"""A file that a command was asked to write."""

from pathlib import Path

from runtime.errors import ConfigError
from runtime.language import Text


def write_file(option: str, path: Path, content: bytes) -> None:
    """Whole or not at all; raises ConfigError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        wrong = Text("无法写入", "cannot be written")
        raise ConfigError(f"{option} {path}: {wrong}: {error.strerror}") from error
