"""A ledger that was read, in a file: what came of each sheet, then its assets, none of them in memory."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from edge_agent.files.problems import Problem
from edge_agent.ledger.folder import FolderRead, PartTold
from edge_agent.ledger.line import Line
from runtime.language import Text

# Of one sheet's problems so many are kept with their cells; the rest are counted.
MAX_PROBLEMS = 400
_LINE = tuple(
    field.name for field in fields(Line) if field.name not in {"row", "cell", "number", "shown", "out"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a reading came to, without its assets. digest: of what it says, whatever the files are called."""

    rows: int
    digest: str
    parts: tuple[PartTold, ...]

    @property
    def unread(self) -> int:
        return sum(part.unread for part in self.parts)

    @property
    def left_out(self) -> int:
        return sum(part.left_out for part in self.parts)


def write_result(read: FolderRead, path: Path) -> None:
    """The first line is the summary, every further one an asset."""
    digest = blake2b(digest_size=16)
    lines = [json.dumps(_asset(asset.key, asset.line), ensure_ascii=False) for asset in read.assets]
    for line in sorted(lines):
        digest.update(line.encode())
    parts = [_part(part) for part in read.parts]
    for part in parts:
        local = {"file_name", "sheet_name", "heading_seen"}
        digest.update(json.dumps({key: value for key, value in part.items() if key not in local}).encode())
    with path.open("w", encoding="utf-8") as file:
        head = {"rows": len(lines), "digest": digest.hexdigest(), "parts": parts}
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        file.writelines(f"{line}\n" for line in lines)


def read_summary(file: IO[str]) -> Summary:
    """From the beginning of the file; what follows are the assets."""
    head = json.loads(file.readline())
    return Summary(
        rows=head["rows"], digest=head["digest"], parts=tuple(_to_part(part) for part in head["parts"])
    )


def read_assets(file: IO[str], most: int) -> Iterator[dict[str, Any]]:
    """The next assets, as the fields of a reading."""
    for _ in range(most):
        line = file.readline()
        if not line:
            return
        yield json.loads(line)


def _asset(key: str, line: Line) -> dict[str, Any]:
    return {"asset": key} | {name: getattr(line, name) for name in _LINE}


def _part(part: PartTold) -> dict[str, Any]:
    problems = _bounded(part.problems)
    return asdict(part) | {"problems": [asdict(problem) for problem in problems]}


def _bounded(problems: tuple[Problem, ...]) -> list[Problem]:
    kept = list(problems[:MAX_PROBLEMS])
    more: dict[str, int] = {}
    for problem in problems[MAX_PROBLEMS:]:
        more[problem.kind] = more.get(problem.kind, 0) + problem.number
    return kept + [Problem(kind=kind, number=number) for kind, number in more.items()]


def _to_part(values: dict[str, Any]) -> PartTold:
    why = values["why"]
    return PartTold(
        **values
        | {
            "problems": tuple(Problem(**problem) for problem in values["problems"]),
            "why": None if why is None else Text(*why),
        }
    )
