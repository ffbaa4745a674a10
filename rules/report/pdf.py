"""PDF beside the document and the workbook, made by LibreOffice where the machine has it. For stamping."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath

from rules.report.snapshot import digest
from runtime.language import Text

_PROGRAMS = ("soffice", "libreoffice")
_TIMEOUT_S = 300  # a workbook of 200 schools takes some twenty seconds
# What LibreOffice puts in of the moment and of chance, each as long as what replaces it.
_MOMENT = re.compile(rb"/CreationDate\(D:[0-9]{14}")
_CHANCE = re.compile(
    rb"(?<=/DocChecksum /)[0-9A-F]{32}|(?<=<)[0-9A-F]{32}(?=>\s*<)|(?<=<)[0-9A-F]{32}(?=>\s*\])"
)


def pdfs(files: Mapping[str, bytes], *, day: date) -> tuple[dict[str, bytes], Text | None]:
    """A PDF for each file given, by its name; or none, and why."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        return {}, Text("未找到 LibreOffice：未生成 PDF", "LibreOffice was not found: no PDF was written")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        try:
            # A profile of its own: an office that is open elsewhere would take the order and do nothing.
            subprocess.run(  # noqa: S603 a program of this machine, files of our own
                [
                    program,
                    f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                    "--headless",
                    "--convert-to",
                    "pdf",
                    "--outdir",
                    temporary,
                    *files,
                ],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=_TIMEOUT_S,
            )
            made = {_pdf(name): (folder / _pdf(name)).read_bytes() for name in files}
        except (OSError, subprocess.SubprocessError) as error:
            why = type(error).__name__
            return {}, Text(
                f"LibreOffice 未能完成（{why}）：未生成 PDF",
                f"LibreOffice failed ({why}): no PDF was written",
            )
    seeds = {_pdf(name): digest(data) for name, data in files.items()}
    return {name: _still(data, day, seeds[name]) for name, data in made.items()}, None


def _pdf(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(".pdf"))


def _still(data: bytes, day: date, seed: str) -> bytes:
    """The same content is the same bytes, with one LibreOffice and one set of fonts."""
    moment = f"/CreationDate(D:{day:%Y%m%d}000000".encode()
    return _CHANCE.sub(seed[:32].upper().encode(), _MOMENT.sub(moment, data))
