"""Reads a ledger beside everything else a gateway does: small texts here, the rest in a child process."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_agent.files.child import Ended, begin_as_child, said_by, say
from edge_agent.ledger.folder import read_folder
from edge_agent.ledger.result import write_result
from edge_agent.ledger.titles import Field
from tables.opening import is_small

# Reading so much text takes a moment and no memory worth a process.
_SMALL_BYTES = 1024**2


async def read_into(result: Path, paths: Sequence[Path], *, own: Mapping[str, Field]) -> None:
    """Read the files as one ledger into `result`. A file that ends its reader is told, no more."""
    if all(is_small(path) for path in paths) and sum(_size(path) for path in paths) <= _SMALL_BYTES:
        await asyncio.to_thread(lambda: write_result(read_folder(paths, own=own), result))
        return
    skip: list[int] = []
    while True:
        begun = 0
        request = {
            "result": str(result),
            "paths": [str(path) for path in paths],
            "own": dict(own),
            "skip": skip,
        }
        try:
            async for number in said_by(__name__, request):
                begun = number
            return
        except Ended:
            # The file at which it ended; where it ended after all of them, the largest.
            culprit = begun if 0 < begun <= len(paths) and begun not in skip else _largest(paths, skip)
            if culprit is None:
                raise
            skip.append(culprit)


def _largest(paths: Sequence[Path], skip: Sequence[int]) -> int | None:
    left = [number for number in range(1, len(paths) + 1) if number not in skip]
    return max(left, key=lambda number: _size(paths[number - 1]), default=None)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _work(request: Any) -> None:
    paths = [Path(path) for path in request["paths"]]
    read = read_folder(paths, own=request["own"], skip=request["skip"], begin=say)
    say(len(paths) + 1)
    write_result(read, Path(request["result"]))


if __name__ == "__main__":
    _work(begin_as_child())
