"""`campus rules` as a user runs it, and a small registry to run it on."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "cases" / "rules" / "small"


def campus(*arguments: str, columns: int = 80) -> subprocess.CompletedProcess[str]:
    """What it says on a terminal of so many columns, and how it ends."""
    return subprocess.run(
        [sys.executable, "-m", "campus.main", "rules", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
