"""net-snmp's own agent whose objects change while it is asked: run by it, this gives them (pass_persist).

The file that it is given has states: from which question on each is in force, and its objects with types.
"""

import json
import sys
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

Oid = tuple[int, ...]


def states_of(path: str) -> list[tuple[int, list[Oid], dict[Oid, list[str]]]]:
    states = []
    for begin, objects in json.loads(Path(path).read_text(encoding="utf-8")):
        named = {oid(name): value for name, value in objects.items()}
        states.append((begin, sorted(named), named))
    return states


def oid(text: str) -> Oid:
    return tuple(int(arc) for arc in text.strip().strip(".").split("."))


def answer(found: Oid | None, named: dict[Oid, list[str]]) -> Sequence[str]:
    return ("NONE",) if found is None else ("." + ".".join(map(str, found)), *named[found])


def serve(path: str) -> None:
    states, asked = states_of(path), 0
    while command := sys.stdin.readline().strip():
        if command == "PING":
            lines: Sequence[str] = ("PONG",)
        else:
            place = oid(sys.stdin.readline())
            asked += 1
            _, order, named = [state for state in states if state[0] <= asked][-1]
            after = bisect_right(order, place)
            following = order[after] if after < len(order) else None
            same = place if place in named else None
            lines = answer(following if command == "getnext" else same, named)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
