"""A settings file to begin with: the commented sample with the bureau's name and hosts filled in."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from trust.folder import write_public


def write_settings(path: Path, *, name: str, hosts: Sequence[str], folder: Path | None = None) -> None:
    """Raises ConfigError where it cannot be written."""
    text = (files("trust") / "sample.toml").read_text(encoding="utf-8")
    text = text.replace('# name = "Campus"', f"name = {json.dumps(name, ensure_ascii=False)}")
    if hosts:
        text = text.replace("# hosts = []", f"hosts = {json.dumps(list(hosts), ensure_ascii=False)}")
    if folder is not None:
        text = text.replace('# folder = "ca"', f"folder = {json.dumps(str(folder), ensure_ascii=False)}")
        text = text.replace("file:ca/admin-password", f"file:{folder}/admin-password")
    write_public(path, text)
