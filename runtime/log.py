"""Logging: one line a change, to standard error."""

import logging
import sys


def configure_logging(level: str = "INFO") -> None:
    """Set up the root logger once per program."""
    logging.basicConfig(
        stream=sys.stderr,
        level=level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
