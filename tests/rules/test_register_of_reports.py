"""The shortfall register without a store: quarters handed in are its days."""

import json
from pathlib import Path
from typing import Any

from tests.rules.commands import campus
from tests.rules.report_world import Q3, change, made, small_registry

OF_NEAR = "2112000002,小学,网络多媒体教室数,"
NEAR = ("2112000002", "primary", "L7")


def register(folder: Path, day: str, *more: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    ran = campus(
        *("shortfalls", "--registry", str(folder), "--as-of", day, "--standard", "binhai-2021"),
        *("--format", "json", *more),
    )
    assert ran.returncode == 0, ran.stderr
    items = json.loads(ran.stdout)["items"]
    return {(item["school_code"], item["stage"], item["indicator"]): item for item in items}


def test_without_a_store_the_declared_figures_alone_open_items(tmp_path: Path) -> None:
    found = register(small_registry(tmp_path / "registry"), "2021-10-08")
    assert (found[NEAR]["state"], found[NEAR]["gap"]) == ("open", 1)


def test_a_shortfall_of_a_quarter_handed_in_waits_for_proof_once_it_is_mended(tmp_path: Path) -> None:
    folder, out = small_registry(tmp_path / "registry"), tmp_path / "out"
    made(folder, out, Q3, submit=True)
    change(folder, f"{OF_NEAR}2", f"{OF_NEAR}9")
    found = register(folder, "2021-11-01", "--reports", str(out))
    assert (found[NEAR]["state"], found[NEAR]["opened"]) == ("awaiting", "2021-09-30")
    assert NEAR not in register(folder, "2021-11-01")


def test_a_report_that_was_changed_after_it_was_handed_in_is_no_history(tmp_path: Path) -> None:
    folder, out = small_registry(tmp_path / "registry"), tmp_path / "out"
    snapshot = made(folder, out, Q3, submit=True).folder / "snapshot.json"
    snapshot.chmod(0o644)
    snapshot.write_text(snapshot.read_text(encoding="utf-8").replace("2.0000", "2.9000"), encoding="utf-8")
    ran = campus("shortfalls", "--registry", str(folder), "--as-of", "2021-11-01", "--reports", str(out))
    assert (ran.returncode, "snapshot.json" in ran.stderr) == (2, True)


def test_a_folder_that_is_not_there_and_two_sources_are_told(tmp_path: Path) -> None:
    folder = small_registry(tmp_path / "registry")
    asked = (
        "shortfalls",
        "--registry",
        str(folder),
        "--as-of",
        "2021-11-01",
        "--reports",
        str(tmp_path / "no"),
    )
    for more in ((), ("--store", f"sqlite:///{tmp_path}/x.sqlite")):
        ran = campus(*asked, *more)
        assert (ran.returncode, "--reports" in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)
