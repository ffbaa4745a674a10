"""What was handed to a gateway's spool, written down beside it, line by line and before anything else."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contract import Reading
from contract.readings import ADDRESS_TAGS

Identity = tuple[str, int, tuple[str, ...]]
"""What tells one reading of a gateway from another: kind, time, its own tags."""


def identity_of(reading: Reading) -> Identity:
    tags = reading.measurement.tag_names[len(ADDRESS_TAGS) :]
    return reading.measurement.name, reading.time, tuple(getattr(reading, tag) for tag in tags)


class Journal:
    """Appends to a file; each line is on the disk when the call returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def begin(self, readings: Iterable[Reading]) -> None:
        """So much is about to be handed over."""
        self._line({"begin": [identity_of(reading) for reading in readings]})

    def end(self, outcome: str) -> None:
        """`committed`, or `refused` where the spool could not take it."""
        self._line({"end": outcome})

    def close(self) -> None:
        self._file.close()

    def _line(self, values: object) -> None:
        self._file.write(json.dumps(values).encode() + b"\n")
        os.fdatasync(self._file.fileno())


@dataclass(kw_only=True)
class Told:
    """A journal read back. `uncertain`: the process was killed in the middle of handing it over."""

    committed: set[Identity] = field(default_factory=set)
    refused: set[Identity] = field(default_factory=set)
    uncertain: set[Identity] = field(default_factory=set)


def read(path: Path) -> Told:
    """What a journal tells; a line that a kill cut off belongs to nothing."""
    told = Told()
    begun: set[Identity] = set()
    for line in path.read_bytes().split(b"\n"):
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if "begin" in values:
            told.uncertain |= begun
            begun = {(kind, time, tuple(tags)) for kind, time, tags in values["begin"]}
        else:
            (told.committed if values["end"] == "committed" else told.refused).update(begun)
            begun = set()
    told.uncertain |= begun
    return told
