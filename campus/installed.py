"""What each extra needs, as the installed package itself says, and what of it this machine lacks."""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "campus-monitoring"
# Tools of whoever changes the code are nobody's lack.
_NOT_TOLD = {"dev"}
VersionOf = Callable[[str], str | None]


def extras() -> dict[str, list[str]]:
    """The extras of the installed package with what each lacks; empty where none is installed."""
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        return {}
    required = package.requires or []
    names = [name for name in package.metadata.get_all("Provides-Extra") or () if name not in _NOT_TOLD]
    return {name: lacking(required, name, installed_version) for name in names}


def lacking(required: Iterable[str], extra: str, version_of: VersionOf) -> list[str]:
    """What an extra needs, extras within it included, and is not there or has another version."""
    asked = [Requirement(line) for line in required]
    return sorted(set(_lacking(asked, extra, version_of)))


def installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _lacking(required: list[Requirement], extra: str, version_of: VersionOf) -> Iterator[str]:
    for needed in required:
        if needed.marker is None or not needed.marker.evaluate({"extra": extra}):
            continue
        if canonicalize_name(needed.name) == PACKAGE:
            for within in sorted(needed.extras):
                yield from _lacking(required, within, version_of)
            continue
        found = version_of(needed.name)
        if found is None:
            yield needed.name
        elif not needed.specifier.contains(found, prereleases=True):
            yield f"{needed.name} {found} ({needed.specifier})"
