"""A survey that was read, in a file: its summary, then its samples. Large files are read by a child."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from edge_agent.files.child import Ended, begin_as_child, said_by
from edge_agent.files.problems import Problem
from edge_agent.files.stopped import STOPPED
from edge_agent.survey.reading import read_survey
from edge_agent.survey.survey import Survey
from runtime.language import Text
from tables.opening import is_small

MAX_PROBLEMS = 400


async def read_into(result: Path, path: Path, *, zone: str, earliest_ms: int, latest_ms: int) -> None:
    """Read the file into `result`; one that ends its reader is told."""
    if is_small(path):
        await asyncio.to_thread(_work, path, result, zone=zone, earliest_ms=earliest_ms, latest_ms=latest_ms)
        return
    request = {"zone": zone, "earliest_ms": earliest_ms, "latest_ms": latest_ms}
    try:
        async for _ in said_by(__name__, {"path": str(path), "result": str(result)} | request):
            pass
    except Ended:
        write_survey(Survey(why=STOPPED, problems=[Problem(kind="file")]), result)


def write_survey(survey: Survey, path: Path) -> None:
    """The first line is the summary, every further one a sample."""
    kept = survey.problems[:MAX_PROBLEMS]
    more: dict[str, int] = {}
    for problem in survey.problems[MAX_PROBLEMS:]:
        more[problem.kind] = more.get(problem.kind, 0) + problem.number
    kept = kept + [Problem(kind=kind, number=number) for kind, number in more.items()]
    with path.open("w", encoding="utf-8") as file:
        head = {"rows": survey.rows, "why": survey.why, "problems": [asdict(problem) for problem in kept]}
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        file.writelines(json.dumps(sample, ensure_ascii=False) + "\n" for sample in survey.samples)


def read_head(file: IO[str]) -> Survey:
    """The summary at the beginning of what was written; the samples follow."""
    head = json.loads(file.readline())
    return Survey(
        rows=head["rows"],
        why=Text(*head["why"]) if head["why"] else None,
        problems=[Problem(**problem) for problem in head["problems"]],
    )


def read_samples(file: IO[str], most: int) -> Iterator[dict[str, Any]]:
    """The next samples, as the fields of a reading."""
    for _ in range(most):
        line = file.readline()
        if not line:
            return
        yield json.loads(line)


def _work(path: Path, result: Path, *, zone: str, earliest_ms: int, latest_ms: int) -> None:
    survey = read_survey(path, zone=ZoneInfo(zone), earliest_ms=earliest_ms, latest_ms=latest_ms)
    write_survey(survey, result)


if __name__ == "__main__":
    asked = begin_as_child()
    _work(Path(asked.pop("path")), Path(asked.pop("result")), **asked)
