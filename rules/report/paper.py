"""Lines, tables and charts of a Word document as GB/T 9704-2012 has them. Fonts are named, not embedded."""

from collections.abc import Sequence
from typing import Any, Literal

from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Emu, Length, Mm, Pt
from docx.table import Table as DocTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocParagraph

from rules.report.blocks import Block, Chart, Heading, Paragraph, Table
from rules.report.chart_part import chart_xml, frame_xml

TITLE, HEAD, SECOND, BODY, DIGITS = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "Times New Roman"
SONG = "宋体"
# What a machine without the named font should show instead.
_STAND_INS = {TITLE: "华文中宋", HEAD: "SimHei", SECOND: "楷体", BODY: "仿宋", SONG: "SimSun"}
# 二号, 三号, 四号, 五号 and 小五
SIZES = {"title": Pt(22), "body": Pt(16), "page": Pt(14), "table": Pt(10.5), "small": Pt(9)}
TEXT_WIDTH_MM = 156
_CAPTION = Pt(12)
_LINE = Pt(29)  # 22 lines on 225 mm
_CROWDED = 7  # columns from which a table is set smaller
_SHORT = 12  # characters up to which a cell is centred
_WHOLE = 8  # lines of print up to which a table is kept on one page
_KEPT = 3  # lines of a table that are never left alone at the foot or the head of a page
_CELL_MARGIN = Mm(1)
_CHART = (Mm(TEXT_WIDTH_MM), Mm(66))
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
Side = Literal["both", "centre", "right", "left"]
_SIDES = {
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
}


def put_block(doc: Doc, block: Block, number: int) -> None:
    """One block of the narrative; `number` tells charts apart."""
    match block:
        case Heading(text, level):
            paragraph = line(doc, text, HEAD if level == 1 else SECOND, indented=True)
            paragraph.paragraph_format.keep_with_next = True
            # The outline level makes the chapters show in the reader's navigation, whatever the style.
            outline = OxmlElement("w:outlineLvl")
            outline.set(qn("w:val"), str(level - 1))
            paragraph._p.get_or_add_pPr().append(outline)
        case Paragraph(text):
            line(doc, text, BODY, indented=True)
        case Table():
            _table(doc, block)
        case Chart():
            _chart(doc, block, number)


def line(
    doc: Doc,
    text: str,
    font: str,
    size: Length = SIZES["body"],
    *,
    side: Side = "both",
    indented: bool = False,
    right_indent: Length | None = None,
) -> DocParagraph:
    """A paragraph on the page's grid; indented: by two characters."""
    paragraph = doc.add_paragraph()
    spacing = paragraph.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
    if indented:
        spacing.first_line_indent = Emu(2 * size)
    if right_indent is not None:
        spacing.right_indent = right_indent
    paragraph.alignment = _SIDES[side]
    run(paragraph, text, font, size).bold = font == TITLE or None
    return paragraph


def run(paragraph: DocParagraph, text: str, font: str, size: Length) -> Any:
    made = paragraph.add_run(text)
    made.font.size, made.font.name = size, DIGITS
    made._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return made


def rule(paragraph: DocParagraph, colour: str, *, above: bool = False) -> None:
    """A line across the page, below the paragraph or above it."""
    border = OxmlElement("w:top" if above else "w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "1"), ("color", colour)):
        border.set(qn(f"w:{key}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(border)
    paragraph._p.get_or_add_pPr().append(borders)


def _table(doc: Doc, block: Table) -> None:
    caption = line(doc, block.caption, HEAD, _CAPTION, side="centre")
    caption.paragraph_format.keep_with_next = True
    table = doc.add_table(rows=1, cols=len(block.heads))
    table.style, table.alignment, table.autofit = doc.styles["Table Grid"], WD_TABLE_ALIGNMENT.CENTER, False
    _narrow_cells(table)
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Mm(width)
    size = SIZES["table" if len(block.heads) < _CROWDED else "small"]
    _cells(table.rows[0].cells, block.heads, block.widths, HEAD, size, together=True)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    heights = [_lines(row, block.widths, size) for row in block.rows]
    for number, row in enumerate(block.rows, 1):
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        above, below = sum(heights[:number]), sum(heights[number:])
        kept = above + below <= _WHOLE or above < _KEPT or below < _KEPT
        _cells(added.cells, row, block.widths, BODY, size, together=kept and below > 0)


def _lines(row: Sequence[str], widths: Sequence[int], size: Length) -> int:
    """How many lines of print a row takes, all its letters taken for as wide as a Chinese character."""
    room = [max(1, (Mm(width) - 2 * _CELL_MARGIN) // size) for width in widths]
    return max(-(-len(text) // letters) or 1 for text, letters in zip(row, room, strict=True))


def _narrow_cells(table: DocTable) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(_CELL_MARGIN.twips))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    table._tbl.tblPr.append(margins)


def _cells(
    cells: Sequence[_Cell],
    texts: Sequence[str],
    widths: Sequence[int],
    font: str,
    size: Length,
    *,
    together: bool,
) -> None:
    """A row's texts: the first column reads from the left, short ones stand in the middle."""
    for column, (cell, text, width) in enumerate(zip(cells, texts, widths, strict=True)):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.keep_with_next = together
        short = font == HEAD or (column and len(text) <= _SHORT)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if short else WD_ALIGN_PARAGRAPH.LEFT
        run(paragraph, text, font, size)


def _chart(doc: Doc, block: Chart, number: int) -> None:
    name = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(name, _CHART_TYPE, chart_xml(block), doc.part.package)
    relation = doc.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    paragraph = doc.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.paragraph_format.space_after = Pt(0)
    width, height = _CHART
    frame = frame_xml(relation, number, width_emu=width, height_emu=height, caption=block.caption)
    paragraph.add_run()._r.append(parse_xml(frame))
    line(doc, block.caption, HEAD, _CAPTION, side="centre")


def font_table() -> bytes:
    """word/fontTable.xml: a stand-in for each font that not every machine has."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/></w:font>'
        for name, instead in _STAND_INS.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()
