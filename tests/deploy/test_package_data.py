"""What stands beside the code is installed with it."""

import subprocess
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def _installed(file: PurePosixPath, patterns: list[str]) -> bool:
    """Whether a pattern, as seen from the package that the file stands in, takes it."""
    package = file.parent
    while not (ROOT / package / "__init__.py").is_file():
        package = package.parent
    inside = str(file.relative_to(package))
    return any(
        fnmatchcase(inside, pattern) and inside.count("/") == pattern.count("/") for pattern in patterns
    )


def test_every_file_beside_the_code_is_package_data() -> None:
    packages = {name.rstrip("*") for name in PROJECT["packages"]["find"]["include"]}
    listed = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [PurePosixPath(name) for name in listed.stdout.splitlines() if not name.endswith((".py", ".md"))]
    left_out = [str(file) for file in files if not _installed(file, PROJECT["package-data"]["*"])]
    assert (True, []) == (len(files) > 20, left_out)


def test_every_package_goes_into_the_image() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    packages = {name.rstrip("*") for name in PROJECT["packages"]["find"]["include"]}
    assert set() == {name for name in packages if f"!{name}" not in kept}
