"""Noticing that an open file is no longer the one that its path names."""

import os
from pathlib import Path

from runtime.language import Text

_Identity = tuple[int, int]


class SameFile:
    """Which files some paths named when they were opened; what is written to others is written to nowhere."""

    def __init__(self, *paths: Path) -> None:
        self._identities = {path: _identity(path) for path in paths}

    def problem(self) -> Text | None:
        """What has become of the first that is not there any more; None while all is well.

        A path that named nothing yet is taken up as soon as it does.
        """
        for path, opened in self._identities.items():
            now = _identity(path)
            if opened is None:
                self._identities[path] = now
            elif now is None:
                return Text(f"{path} 在使用中被删除", f"{path} was removed while it was in use")
            elif now != opened:
                return Text(f"{path} 在使用中被替换", f"{path} was replaced while it was in use")
        return None


def _identity(path: Path) -> _Identity | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
