"""Imports go one way, and programs meet only on the wire."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED: dict[str, set[str]] = {
    "contract": set(),
    "runtime": set(),
    "store": {"contract"},
    "ingest": {"contract", "runtime", "store"},
    "rules": {"contract", "runtime", "store"},
    "edge_agent": {"contract", "runtime"},
    "firmware_sim": {"contract", "runtime"},
    "dashboards": {"contract", "runtime", "store", "rules"},
    "campus": {
        "contract",
        "runtime",
        "store",
        "ingest",
        "rules",
        "edge_agent",
        "firmware_sim",
        "dashboards",
    },
}


def imported(file: Path) -> set[str]:
    """Our packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found & {*ALLOWED, "tests"}


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_stands_below_it(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    wrong = {
        str(file.relative_to(ROOT)): sorted(extra)
        for file in files
        if (extra := imported(file) - ALLOWED[package] - {package})
    }
    assert files
    assert {} == wrong


def test_what_a_gateway_installs_is_enough_for_the_gateway() -> None:
    """The edge imports nothing that only the server's extra brings."""
    server_only = {
        "paho",
        "influxdb_client",
        "urllib3",
        "starlette",
        "uvicorn",
        "jinja2",
        "plotly",
        "docx",
        "xlsxwriter",
    }
    names = set()
    for package in ("contract", "runtime", "edge_agent"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
    assert set() == names & server_only
