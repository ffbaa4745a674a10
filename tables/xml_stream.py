"""XML as a stream of names, attributes and text, without prefixes, entities or anything from outside."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.parsers import expat

Attributes = Mapping[str, str]
_CHUNK = 64 * 1024
# All that a damaged zip file, or XML in it, makes the libraries raise.
BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, expat.ExpatError),
    # LookupError: an encoding that there is none of.
    *(OSError, EOFError, RuntimeError, ValueError, OverflowError, LookupError),
)
# 200 MB of XML are a sheet of a million cells; a bomb is larger.
MAX_BYTES = 400 * 1024**2


def make_parser(
    *,
    start: Callable[[str, Attributes], None] | None = None,
    text: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """A parser that calls back; names come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    if start is not None:
        parser.StartElementHandler = lambda name, attributes: start(
            _bare(name),
            {_bare(key): value for key, value in attributes.items()} if attributes else attributes,
        )
    if text is not None:
        parser.CharacterDataHandler = text
    if end is not None:
        parser.EndElementHandler = lambda name: end(_bare(name))
    return parser


def read_xml(
    file: IO[bytes],
    *,
    start: Callable[[str, Attributes], None] | None = None,
    text: Callable[[str], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    """Read a whole document. Raises ExpatError."""
    parser = make_parser(start=start, text=text, end=end)
    for chunk in chunks(file):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces, as far as a document may be long."""
    left = MAX_BYTES
    while chunk := file.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise EOFError("longer than any sheet")
        yield chunk


def _bare(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _refuse(*_: object) -> None:
    raise expat.ExpatError("a document type has no place in a workbook")
