"""Logging of changes: the same trouble is said once, until it changes or ends."""

import logging


class Changes:
    """Remembers what was last said about each subject."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said: dict[str, str] = {}

    def trouble(self, subject: str, text: str) -> None:
        """Say what is wrong, if it was not said already."""
        if self._said.get(subject) != text:
            self._said[subject] = text
            self._log.warning("%s: %s", subject, text)

    def well(self, subject: str, text: str = "ok again") -> None:
        """Say that a trouble has ended, if there was one."""
        if self._said.pop(subject, None) is not None:
            self._log.info("%s: %s", subject, text)
