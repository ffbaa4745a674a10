"""A document's archive written again, so that the same content is the same bytes."""

import io
import zipfile
from collections.abc import Mapping

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the zip format's own beginning of time


def rezipped(data: bytes, replaced: Mapping[str, bytes]) -> bytes:
    """Entries in order of their names, all of one date; some replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # not the maker's own system
            entry.external_attr = 0o600 << 16
            new.writestr(entry, replaced.get(name, old.read(name)))
    return file.getvalue()
