"""A gateway does not read what its libraries hardly ever use; whoever asks for it gets it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GATEWAY = """
import sys
from pathlib import Path
from campus.postponed import RARELY_USED, postpone
postpone()
import campus.main, edge_agent.starting
from edge_agent.gateway_settings import EdgeSettings
from edge_agent.main import Gateway
from runtime import load
Gateway(load(EdgeSettings, Path("edge.toml")))
print([name for name in RARELY_USED if "__getattr__" not in vars(sys.modules[name])])
print("email.message" in sys.modules, "tempfile" in sys.modules)
"""
_SETTINGS = """district = "120116"
school = "2112000001"
gateway = "gw-1"
[broker]
url = "mqtt://127.0.0.1:1"
[[pjlink]]
id = "projectors"
projectors = "projectors.csv"
"""


def say(program: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout.splitlines()


def test_a_gateway_that_is_ready_has_read_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(_SETTINGS, encoding="utf-8")
    (tmp_path / "projectors.csv").write_text("device,host,room\nPJ-1,127.0.0.1,101\n", encoding="utf-8")
    assert say(_GATEWAY, tmp_path) == ["[]", "False True"]


def test_what_is_asked_for_is_read_whole_and_once(tmp_path: Path) -> None:
    program = """
from campus.postponed import postpone
postpone()
import zipfile, urllib.request
from urllib.request import Request
from importlib.metadata import version
zipfile.ZipFile("a.zip", "w").close()
print(zipfile.is_zipfile("a.zip"), Request("http://h/").host, urllib.request.Request is Request)
print(version("pydantic").count("."), hasattr(zipfile, "no_such_thing"))
"""
    assert say(program, tmp_path) == ["True h True", "2 False"]


def test_what_was_read_before_stays_as_it_is(tmp_path: Path) -> None:
    program = """
import zipfile
from campus.postponed import postpone
before = zipfile.ZipFile
postpone(("zipfile", "no_such_module.in_it"))
import zipfile as after
print(after.ZipFile is before, "__getattr__" in vars(after))
"""
    assert say(program, tmp_path) == ["True False"]
