"""Damaged ledgers and surveys through the readers of a gateway: texts, workbooks, and the XML inside them."""

import io
import random
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from campus.bench.fuzz import Fuzz, Fuzzed, damaged
from edge_agent.ledger.folder import read_folder
from edge_agent.survey.reading import read_survey

_LEDGER = """资产编号,资产名称,资产分类代码,数量,单价,原值,取得日期,存放地点,使用状况,使用人
ZC0001,投影机,A02020200,1,5000,5000,2019-09-01,一(1)班,在用,某某
ZC0002,"一体机 ""B2"" 大",2010105,2,"12,000.00",2.4万元,2020年3月,一(2)班,待处置,某某
合  计,,,3,,29000,,,,
""".encode()
_SURVEY = b"""time,room,point,band,rssi_dbm,snr_db,ap
2026-09-21T08:00:00+08:00,101,p1,5,-61,30,ap-1
2026/9/21 8:00,101,p2,2.4GHz,-70.5dBm,,
"""
_WORKBOOK = (
    b'<workbook xmlns:r="r"><workbookPr date1904="0"/><sheets>'
    b'<sheet name="a" sheetId="1" state="visible" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = b'<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'
_STYLES = (
    b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts><fonts><font/></fonts>'
    b'<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="164" fontId="0"/></cellXfs></styleSheet>'
)
_TEXTS = ("资产编号", "名称", "原</t></r><r><t>值")
_STRINGS = f"<sst>{''.join(f'<si><r><t>{text}</t></r></si>' for text in _TEXTS)}</sst>".encode()
_SHEET = (
    b'<worksheet><dimension ref="A1"/><cols><col min="5" max="5" hidden="1"/></cols><sheetData>'
    b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>'
    b'<row r="2" hidden="1"><c r="A2"><v>17</v></c><c r="B2" t="inlineStr"><is><t>x</t></is></c>'
    b'<c r="C2" s="0"><f>A2*2</f><v>4500.5</v></c></row>'
    b'<row r="3"><c r="B3" s="1"><v>43709</v></c><c r="C3"><v>7</v></c></row></sheetData>'
    b'<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>'
)
_PARTS = {
    "xl/workbook.xml": _WORKBOOK,
    "xl/_rels/workbook.xml.rels": _RELATIONS,
    "xl/styles.xml": _STYLES,
    "xl/sharedStrings.xml": _STRINGS,
    "xl/worksheets/sheet1.xml": _SHEET,
}


def subjects() -> list[tuple[str, Fuzz]]:
    """What is fed with damaged files."""
    return [
        ("CSV ledger", _fuzz("l.csv", lambda chance: damaged(_LEDGER, chance), _read_ledger)),
        ("XLSX ledger", _fuzz("l.xlsx", lambda chance: damaged(_zipped(_PARTS), chance), _read_ledger)),
        ("XML of a ledger", _fuzz("l.xlsx", _damaged_part, _read_ledger)),
        ("CSV survey", _fuzz("s.csv", lambda chance: damaged(_SURVEY, chance), _read_survey)),
    ]


def _fuzz(name: str, make: Callable[[random.Random], bytes], read: Callable[[Path], str]) -> Fuzz:
    def run(answers: int, seed: int) -> Fuzzed:
        chance, found = random.Random(seed), Fuzzed()  # noqa: S311 - the same damage in every run
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            for _ in range(answers):
                path.write_bytes(make(chance))
                found.answers += 1
                found.rounds += 1
                try:
                    found.ended[read(path)] += 1
                except BaseException as error:  # a library in another language may raise anything
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    found.crashes.append(f"{type(error).__name__}: {error}")
        return found

    return run


def _damaged_part(chance: random.Random) -> bytes:
    name = chance.choice(sorted(_PARTS))
    return _zipped(_PARTS | {name: damaged(_PARTS[name], chance)})


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _read_ledger(path: Path) -> str:
    read = read_folder([path])
    if not read.assets:
        return "decode"
    return "partial" if any(part.problems for part in read.parts) else "ok"


def _read_survey(path: Path) -> str:
    survey = read_survey(path, zone=UTC, earliest_ms=0, latest_ms=2**53)
    if not survey.samples:
        return "decode"
    return "partial" if survey.problems else "ok"
