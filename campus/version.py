"""Which version this is."""

from runtime.version import installed_version


def program_version() -> str:
    """The installed version; `0+source` when run from a source tree."""
    return installed_version() or "0+source"
