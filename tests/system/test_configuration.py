"""A wrong configuration is one clear line that names file and key, exit code 2, and nothing was contacted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INGEST = """store = "sqlite:///s.sqlite"
quarantine = "q.sqlite"
[broker]
url = "mqtt://127.0.0.1:1"
"""
EDGE = """district = "120116"
school = "2112000001"
gateway = "gw-1"
[broker]
url = "mqtt://127.0.0.1:1"
[[survey]]
id = "survey"
folder = "."
"""
RULES = 'registry = "registry"\nstore = "sqlite:///s.sqlite"\n'
BOARD = 'registry = "."\nstore = "sqlite:///s.sqlite"\n'


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        ("ingest", INGEST.replace("mqtt://", "http://"), "broker.url: must look like mqtt://host:1883"),
        ("ingest", INGEST + 'password = "geheim"\n', "broker.password: write env:NAME or file:/path"),
        ("ingest", INGEST + '[batch]\nreadings = "many"\n', "batch.readings: "),
        ("ingest", INGEST + "[batch]\nsize = 5\n", "batch.size: no such setting"),
        ("ingest", INGEST.replace("sqlite:///s.sqlite", "redis://x"), "must begin with sqlite:///"),
        ("ingest", 'store = "x', "not valid TOML"),
        ("ingest", INGEST.replace('quarantine = "q.sqlite"\n', ""), "quarantine: must be set"),
        ("edge", EDGE.replace("2112000001", "211"), "school '211' is not 10 digits"),
        ("edge", EDGE.replace('"survey"\nfolder', '"survey"\nfoldr'), "survey.0.foldr: no such setting"),
        (
            "edge",
            EDGE.replace('folder = "."', 'folder = "nowhere"'),
            "survey.0.folder: there is no such folder",
        ),
        ("rules watch", RULES, "registry"),
        ("rules watch", RULES.replace("store", "stor"), "stor: no such setting"),
        ("board", BOARD + "port = 99999\n", "port: "),
        ("board", BOARD.replace('registry = "."', 'registry = "none"'), "registry: there is no registry"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_2(
    tmp_path: Path, command: str, text: str, expected: str
) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "campus.main", *command.split(), "--config", "wrong.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    lines = done.stderr.splitlines()
    assert (2, "") == (done.returncode, done.stdout)
    assert expected in lines[-1]
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.parametrize("program", ["ingest", "edge_agent", "rules", "dashboards"])
def test_the_samples_placeholder_is_never_a_working_secret(program: str) -> None:
    sample = (ROOT / program / "sample.toml").read_text(encoding="utf-8")
    settings = [line for line in sample.splitlines() if line and not line.startswith("#")]
    assert [] == [line for line in settings if "password" in line or "token" in line]
