"""Points to an InfluxDB as lines, and which of them the server refuses."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from contract import Point
from store.base import Rejected
from store.influx_http import Answer
from store.line_protocol import Unwritable, encode_line

# A write that the server refuses in part, or as a whole because of one line.
REFUSED = {400, 413, 422}
_DROPPED = re.compile(r"dropped=(\d+)")
_LINES, _REQUESTS = 5_000, 4
_Lines = list[tuple[Point, str]]


class LineWriter:
    """send: one write's body to the server. failed: what is to be raised where it took nothing."""

    def __init__(self, send: Callable[[bytes], Answer], failed: Callable[[Answer], Exception]) -> None:
        self._send, self._failed = send, failed

    def write(self, points: Sequence[Point]) -> list[Rejected]:
        """Many points in several requests at a time, of each of which the server works on one core: the next
        lines are made meanwhile."""
        if len(points) <= _LINES:
            return self._written(*_encoded(points))
        parts = (points[at : at + _LINES] for at in range(0, len(points), _LINES))
        with ThreadPoolExecutor(_REQUESTS, thread_name_prefix="write") as pool:
            sent = [pool.submit(self._written, *_encoded(part)) for part in parts]
            return [refused for answer in sent for refused in answer.result()]

    def _written(self, lines: _Lines, rejected: list[Rejected]) -> list[Rejected]:
        """Write; gives what was rejected before, and what the server refuses."""
        if lines:
            self._write_lines(lines, rejected)
        return rejected

    def _write_lines(self, lines: _Lines, rejected: list[Rejected]) -> None:
        """Write; of what is refused, take out the lines that are named, or halve until each stands alone."""
        answer = self._send("\n".join(line for _, line in lines).encode())
        if answer.status < 300:
            return
        if answer.status not in REFUSED:
            raise self._failed(answer)
        dropped = _DROPPED.search(answer.text)
        if len(lines) == 1 or (dropped and int(dropped[1]) == len(lines)):
            reasons = _named(answer)
            rejected.extend(Rejected(point, reasons.get(0, answer.message)) for point, _ in lines)
        elif named := {place: why for place, why in _named(answer).items() if place < len(lines)}:
            rejected.extend(Rejected(lines[place][0], why) for place, why in named.items())
            # Whether the server has stored the others already is its own choice; twice is once.
            rest = [line for place, line in enumerate(lines) if place not in named]
            if rest:
                self._write_lines(rest, rejected)
        else:
            middle = len(lines) // 2
            self._write_lines(lines[:middle], rejected)
            self._write_lines(lines[middle:], rejected)


def _encoded(points: Sequence[Point]) -> tuple[_Lines, list[Rejected]]:
    """Lines, and what cannot be one."""
    lines: _Lines = []
    rejected: list[Rejected] = []
    for point in points:
        try:
            lines.append((point, encode_line(point)))
        except Unwritable as error:
            rejected.append(Rejected(point, str(error)))
    return lines, rejected


def _named(answer: Answer) -> dict[int, str]:
    """3.x names the lines that it refuses: their places from 0, each with its reason."""
    document = answer.document
    found = document.get("data") if isinstance(document, dict) else None
    items = found if isinstance(found, list) else [found]
    return {
        int(item["line_number"]) - 1: str(item.get("error_message") or answer.message)
        for item in items
        if isinstance(item, dict) and isinstance(item.get("line_number"), int) and item["line_number"] > 0
    }
