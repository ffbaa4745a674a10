"""Which version this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; `0+source` when run from a source tree."""
    try:
        return version("campus-monitoring")
    except PackageNotFoundError:
        return "0+source"
