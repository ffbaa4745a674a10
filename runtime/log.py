"""Logging: one line a change, to standard error; nothing from outside begins a line of its own."""

import logging
import re
import sys
from types import TracebackType

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Control characters, line and paragraph separators, and what turns the direction of writing.
_UNPRINTED = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def plain(text: str) -> str:
    """Text on one line, with what is not to be printed as an escape: `\\n`, `\\x1b`."""
    return _UNPRINTED.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


class OneLine(logging.Formatter):
    """A record is one line; a traceback follows, each of its lines set in."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's own name
        record.message = plain(record.message)
        return super().formatMessage(record)

    def formatException(self, raised: _Raised) -> str:  # noqa: N802 logging's own name
        return "\n".join(f"  | {plain(line)}" for line in super().formatException(raised).split("\n"))


def configure_logging(level: str = "INFO") -> None:
    """Set up the root logger once per program."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(_FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
