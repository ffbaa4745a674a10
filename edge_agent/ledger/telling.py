"""What is said of a ledger: kinds and cells to the bureau, names of files and sheets in the school."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_agent.files.problems import Problem
from edge_agent.ledger.folder import PartTold
from edge_agent.ledger.problems import worded
from edge_agent.ledger.result import Summary
from runtime.language import Text

# As many kinds of problem as a field of 256 characters has room for.
_KINDS_SHOWN = 4


def target(part: PartTold) -> str:
    """A sheet as the target of a run: by numbers, for a name may be a person's."""
    return f"file-{part.file}/sheet-{part.sheet}" if part.sheet else f"file-{part.file}"


def of_a_part(part: PartTold) -> list[Text]:
    """What is to be said of one sheet, without a word of what stands in it."""
    said = [part.why] if part.why else []
    return said + worded(
        [problem for problem in part.problems if not (part.why and problem.kind == "file")], most=_KINDS_SHOWN
    )


def of_the_whole(summary: Summary, *, beyond: int, others: int, was_full: bool) -> list[Text]:
    """What is to be said of all files together: each kind with the places where it is."""
    problems = [_placed(part, problem) for part in summary.parts for problem in part.problems]
    if was_full:
        problems.append(Problem(kind="was_full"))
    if beyond:
        problems.append(Problem(kind="too_many_files", number=beyond))
    if others:
        problems.append(Problem(kind="left_file", number=others))
    why = [part.why for part in summary.parts if part.why]
    return [*why[:1], *worded(problems, most=_KINDS_SHOWN)]


def _placed(part: PartTold, problem: Problem) -> Problem:
    place = f"{part.file}-{part.sheet}" if part.sheet else str(part.file)
    return Problem(
        kind=problem.kind,
        cell=f"{place}!{problem.cell}" if problem.cell else place,
        number=problem.number,
    )


def for_the_school(paths: Sequence[Path], summary: Summary) -> Iterator[Text]:
    """For the gateway's own log: which number is which file and sheet, and what of it counts."""
    for part in summary.parts:
        name = paths[part.file - 1].name if part.file <= len(paths) else ""
        sheet = f" / {part.sheet} {part.sheet_name}" if part.sheet_name else ""
        why = of_a_part(part)
        said = Text("；".join(text.zh for text in why), "; ".join(text.en for text in why))
        yield Text(
            f"文件 {part.file} {name}{sheet}：计入 {part.rows} 行，未读 {part.unread}，不计 {part.left_out}"
            + (f"；{said.zh}" if why else ""),
            f"file {part.file} {name}{sheet}: {part.rows} lines count, {part.unread} unread,"
            f" {part.left_out} left out" + (f"; {said.en}" if why else ""),
        )
        if part.heading_seen:
            yield Text(f"  看到的表头：{part.heading_seen}", f"  headings seen: {part.heading_seen}")
