"""Files that people copy into a folder: which ones changed, and whether a file is still being written."""

import io
import time
from pathlib import Path

# A last line without an end is half a line, unless nothing was added for this long.
UNFINISHED_S = 600.0


def state_of(path: Path) -> str | None:
    """Size and time of change, by which a file is known to have changed; None where it is gone."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def last_line_is_whole(path: Path, state: str) -> bool:
    """Whether a text file's last line is whole."""
    size, changed_ns = (int(part) for part in state.split(":"))
    if abs(time.time() - changed_ns / 1e9) > UNFINISHED_S:
        return True
    if size == 0:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-min(size, 2), io.SEEK_END)
            # In UTF-16 a line end has a zero before or behind it.
            return file.read(2).strip(b"\0")[-1:] in {b"\r", b"\n"}
    except OSError:
        return False
