"""Whether a registry's files have changed: one stamp for all that follow it."""

from pathlib import Path

Stamp = tuple[tuple[str, int, int], ...]
_FILES = {".csv", ".xlsx", ".toml"}


def files_stamp(path: Path) -> Stamp:
    """Names, sizes and times of all that a registry is read from: its sheets, and calendar.toml beside them.

    It differs as soon as one of them is saved, comes or goes.
    """
    folder = path if path.is_dir() else path.parent
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _FILES)
        return tuple((file.name, (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files)
    except OSError:
        return ()  # reading it says what is wrong
