"""Opens a file by what it is: its first bytes decide, whatever its name says."""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from runtime.errors import os_reason
from runtime.language import Text
from tables.excel_97 import open_excel_97
from tables.old_workbook import open_old_workbook
from tables.open_document import is_open_document, open_document
from tables.sheets import PROTECTED, Sheet, Unreadable
from tables.text_table import open_text
from tables.workbook import is_workbook, open_workbook
from tables.xml_stream import BROKEN

# What people put into such a folder; other names are told as left out.
TYPES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".et", ".ett", ".xlsb", ".ods", ".xltx", ".xlt")
MAX_BYTES = 20 * 1024**2
_SMALL_BYTES, _SMALL_UNPACKED_BYTES = 1024**2, 4 * 1024**2
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE = re.compile(rb"^\s*(?:<!doctype html|<html|<table|<meta|<head)", re.IGNORECASE)
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"


def open_sheets(path: Path, *, separator: str | None = None) -> Iterable[Sheet]:
    """The file's sheets; each must be read before the next. Raises Unreadable, also while iterating."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise Unreadable(
            Text(f"无法读取：{os_reason(error).zh}", f"cannot be read: {os_reason(error).en}")
        ) from error
    if size > MAX_BYTES:
        raise Unreadable(
            Text(
                f"大于 {MAX_BYTES // 1024**2} MB；请拆分后再放入",
                f"larger than {MAX_BYTES // 1024**2} MB; split it",
            )
        )
    if head.startswith(_ZIP):
        if is_workbook(path):
            return open_workbook(path)
        return open_document(path) if is_open_document(path) else open_old_workbook(path)
    if head.startswith(_OLE):
        return _old(path)
    _refuse_pages(head)
    return open_text(path, separator=separator)


def is_small(path: Path) -> bool:
    """Whether reading the file takes a moment and little memory, so that it needs no process of its own."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(_OLE[:4]) or size > _SMALL_BYTES:
            return False
        if head.startswith(_ZIP):
            # No more is unpacked of a part than it says of itself.
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(part.file_size for part in archive.infolist())
            return unpacked <= _SMALL_UNPACKED_BYTES and is_workbook(path)
    except BROKEN:
        return False
    return True


def _old(path: Path) -> Iterable[Sheet]:
    if _ENCRYPTED in path.read_bytes():
        raise Unreadable(PROTECTED)
    return open_excel_97(path)


def _refuse_pages(head: bytes) -> None:
    if _PAGE.search(head):
        raise Unreadable(
            Text(
                "是网页，只是扩展名像 Excel；请在 Excel 或 WPS 中打开后另存为 .xlsx",
                "is a web page that only its name calls a workbook; open it and save it as .xlsx",
            )
        )
    if _XML_2003 in head:
        raise Unreadable(
            Text("是 XML 电子表格 2003；请另存为 .xlsx", "is an XML spreadsheet of 2003; save it as .xlsx")
        )
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(
            Text(
                "是 PDF、图片或压缩包，不是表格；请另存为 .xlsx",
                "is a PDF, picture or archive, no table; save it as .xlsx",
            )
        )
    if b"\0\0\0\0" in head[:64]:
        raise Unreadable(
            Text("不是可识别的表格文件；请另存为 .xlsx", "is no table that can be read; save it as .xlsx")
        )
