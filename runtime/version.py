"""Which version of the platform is installed: the name of its metadata's folder says it.

importlib.metadata would say the same, and brings two MiB of readers of archives and mails into a gateway.
"""

import sys
from pathlib import Path

_NAME = "campus_monitoring"
_FOLDER = ".dist-info"


def installed_version() -> str | None:
    """None where it is run from a source tree that was never installed."""
    for place in sys.path:
        for folder in sorted(Path(place).glob(f"{_NAME}-*{_FOLDER}")):
            return folder.name.removeprefix(f"{_NAME}-").removesuffix(_FOLDER)
    return None
