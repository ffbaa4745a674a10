"""Imports go one way, between rooms and between files, and programs meet only on the wire."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A room is a package, or a package of `rules`, `dashboards` and `campus`; what each may import beside itself.
_STORED = {"contract", "registry", "rules.standards", "rules.stored", "rules.words", "runtime", "store"}
_JUDGED = _STORED | {"rules.daybook", "rules.facts", "rules.judging"}
_RULES = _JUDGED | {
    "rules.alerts",
    "rules.answers",
    "rules.explain",
    "rules.inventory",
    "rules.mapping",
    "rules.planner",
    "rules.report",
    "rules.shortfalls",
    "rules.stocktake",
    "rules.watch",
}
_PROGRAMS = _RULES | {
    "dashboards.access",
    "dashboards.board",
    "dashboards.grafana",
    "edge_agent",
    "firmware_sim",
    "fleet",
    "ingest",
    "trust",
}
ALLOWED: dict[str, set[str]] = {
    "runtime": set(),
    "contract": {"runtime"},
    "store": {"contract", "runtime"},
    # Files that people made: both the gateway's ledgers and the bureau's registry are such.
    "tables": {"runtime"},
    "registry": {"runtime", "tables"},
    "edge_agent": {"contract", "runtime", "tables"},
    "firmware_sim": {"contract", "runtime"},
    "fleet": {"contract", "runtime", "trust"},
    "ingest": {"contract", "runtime", "store"},
    "trust": {"contract", "registry", "runtime"},
    "rules": set(),
    "rules.standards": {"registry", "rules.words", "runtime"},
    "rules.words": {"runtime"},
    "rules.stored": {"contract", "registry", "rules.words", "runtime", "store"},
    # Alerts and the shortfall register read what is stored, never the evaluation.
    "rules.alerts": _STORED,
    "rules.shortfalls": _STORED,
    "rules.daybook": _STORED,
    "rules.facts": _STORED | {"rules.daybook"},
    # The judgement reads nothing: no store, no wire.
    "rules.judging": {"registry", "rules.facts", "rules.standards", "rules.words", "runtime"},
    "rules.answers": _JUDGED,
    "rules.explain": _JUDGED | {"rules.answers"},
    "rules.inventory": _STORED | {"rules.answers", "rules.facts", "tables"},
    "rules.mapping": _JUDGED | {"rules.answers"},
    "rules.stocktake": _STORED | {"rules.inventory", "tables"},
    "rules.planner": {
        "registry",
        "rules.answers",
        "rules.judging",
        "rules.standards",
        "rules.stored",
        "rules.words",
        "runtime",
        "store",
    },
    "rules.report": _JUDGED | {"rules.answers", "rules.shortfalls"},
    "rules.watch": _JUDGED | {"rules.alerts", "rules.answers"},
    "dashboards": set(),
    "dashboards.grafana": (_STORED | {"rules.alerts"}) - {"store"},
    "dashboards.access": {"contract", "rules.stored", "runtime", "store"},
    "dashboards.board": {"rules.inventory", "rules.mapping", "rules.planner"}
    | _STORED
    | {"dashboards.access", "rules.shortfalls"},
    "campus": _PROGRAMS | {"campus.commands"},
    "campus.bench": _PROGRAMS | {"campus", "campus.term"},
    "campus.demo": _PROGRAMS | {"campus", "campus.term"},
    # A past that is sent, not served: no program stands behind it but the simulation.
    "campus.term": {"campus", "contract", "firmware_sim", "runtime"},
    "campus.commands": _PROGRAMS | {"campus", "campus.bench", "campus.demo", "campus.term", "tables"},
}
_DIVIDED = ("campus", "dashboards", "rules")
_PACKAGES = sorted({room.partition(".")[0] for room in ALLOWED})
_LARGEST_SHARE = 6


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str, files: set[str]) -> str:
    """The room that a module stands in: its package, in a divided house the package inside."""
    parts = module.split(".")
    inside = ".".join(parts[:2])
    return inside if parts[0] in _DIVIDED and inside in ALLOWED and inside in files else parts[0]


@cache
def modules() -> dict[str, Path]:
    files = [file for package in _PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {module_of(file): file for file in files}


def imported(file: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it, as `module` or `module.name`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def arrows(module: str) -> frozenset[str]:
    """Our modules (and `tests`) that a module imports."""
    known = modules()
    found = set()
    for name in imported(known[module]):
        while name and name not in known:
            if name == "tests":
                found.add(name)
            name = name.rpartition(".")[0]
        if name:
            found.add(name)
    return frozenset(found - {module})


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    known = modules()
    rooms = {module: room_of(module, set(known)) for module in known}
    own = [module for module, where in rooms.items() if where == room]
    wrong = {
        module: sorted(extra)
        for module in own
        if (extra := {rooms.get(name, name) for name in arrows(module)} - ALLOWED[room] - {room})
    }
    assert own
    assert {} == wrong


def test_every_package_inside_a_divided_one_is_a_room() -> None:
    inside = {
        f"{package}.{folder.name}"
        for package in _DIVIDED
        for folder in (ROOT / package).iterdir()
        if (folder / "__init__.py").is_file()
    }
    assert {room for room in ALLOWED if "." in room} == inside


def test_no_two_files_import_each_other_in_a_circle() -> None:
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module not in done:
            for name in sorted(arrows(module) - {"tests"}):
                # A package's own front door imports its rooms; its rooms do not count as importing it.
                if not module.startswith(f"{name}."):
                    walk(name, (*path, module))
            done.add(module)

    for module in modules():
        walk(module, ())


def test_no_room_holds_more_than_a_sixth_of_the_house() -> None:
    sizes: dict[str, int] = {}
    for file in modules().values():
        place = file.relative_to(ROOT).parts
        room = "/".join(place[: min(2, len(place) - 1)])
        sizes[room] = sizes.get(room, 0) + len(file.read_text(encoding="utf-8").splitlines())
    largest = max(sizes, key=lambda room: sizes[room])
    assert sizes[largest] * _LARGEST_SHARE <= sum(sizes.values()), largest


def test_what_a_gateway_installs_is_enough_for_the_gateway() -> None:
    """The edge imports nothing that only the server's extra brings."""
    server_only = {
        "paho",
        "grafana_client",
        "influxdb_client",
        "requests",
        "yaml",
        "urllib3",
        "argon2",
        "authlib",
        "httpx",
        "starlette",
        "uvicorn",
        "jinja2",
        "docx",
        "xlsxwriter",
    }
    names = {
        name.partition(".")[0]
        for module, file in modules().items()
        if module.partition(".")[0] in {"contract", "runtime", "tables", "edge_agent"}
        for name in imported(file)
    }
    assert set() == names & server_only
