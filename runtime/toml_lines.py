"""On which line of a TOML file a key stands, for messages; tomllib itself keeps no positions."""

import re
from collections import Counter

from runtime.language import Text

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\-]+|\"[^\"]+\")\s*=")

Path = tuple[str | int, ...]


def line_of(text: str, path: Path) -> int:
    """The line (from 1) of the key that `path` names, or of the nearest table around it."""
    best, best_length = 1, -1
    for number, place in _places(text):
        length = _common(place, path)
        if length == len(place) and length > best_length:
            best, best_length = number, length
    return best


def key_text(path: Path) -> str:
    """A path as people write it: `indicator[3].threshold.primary`, counted from 1."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".") or str(Text("（整个文件）", "(whole file)"))


def _places(text: str) -> list[tuple[int, Path]]:
    """Every line that names a table or a key, with the path it names."""
    places: list[tuple[int, Path]] = []
    counts: Counter[str] = Counter()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            brackets, name = header[1], header[2]
            table = tuple(part.strip().strip('"') for part in name.split("."))
            if brackets == "[[":
                table = (*table, counts[name])
                counts[name] += 1
            places.append((number, table))
        elif key := _KEY.match(line):
            places.append((number, (*table, *key[1].strip('"').split("."))))
    return places


def _common(place: Path, path: Path) -> int:
    length = 0
    for one, other in zip(place, path, strict=False):
        if one != other:
            break
        length += 1
    return length
