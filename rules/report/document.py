"""季报.docx in the order of GB/T 9704-2012: letterhead, title, text, attachments, signature, date."""

import io
from datetime import UTC, datetime, time

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as DocParagraph

from rules.report.narrative import narrative
from rules.report.paper import (
    BODY,
    DIGITS,
    HEAD,
    SECOND,
    SIZES,
    SONG,
    TITLE,
    font_table,
    line,
    put_block,
    rule,
    run,
)
from rules.report.printing import chinese_date, listed
from rules.report.report import Report
from rules.report.zips import rezipped

__all__ = ["BODY", "HEAD", "TITLE", "document"]
_MARGINS = {"top_margin": Mm(37), "bottom_margin": Mm(35), "left_margin": Mm(28), "right_margin": Mm(26)}
_RED = "FF0000"
_ISSUER = Pt(34)  # 发文机关标志: below the 22 mm by 15 mm that the standard allows at most
_DATE_INDENT = 4  # characters right of the date, 7.3.5.3


def document(report: Report) -> bytes:
    """The whole file, byte for byte the same for the same report."""
    doc = Document()
    _page(doc, report)
    _letterhead(doc, report)
    _title(doc, report)
    for number, block in enumerate(narrative(report), 1):
        put_block(doc, block, number)
    _attachments(doc, report)
    _signature(doc, report)
    _copies(doc, report)
    _without_thumbnail(doc)
    file = io.BytesIO()
    doc.save(file)
    return rezipped(file.getvalue(), {"word/fontTable.xml": font_table()})


def _letterhead(doc: Doc, report: Report) -> None:
    """发文机关标志, 发文字号 and the red line; nothing where nobody is named."""
    letterhead = report.letterhead
    if letterhead.issuer is None:
        return
    mark = line(doc, "", TITLE, side="centre")
    mark.paragraph_format.line_spacing = Pt(46)
    issuer = run(mark, letterhead.issuer, TITLE, _ISSUER)
    issuer.font.color.rgb, issuer.bold = RGBColor.from_string(_RED), True
    number = line(doc, letterhead.number_of(report.quarter) or "", BODY, side="centre")
    rule(number, _RED)
    line(doc, "", BODY)


def _title(doc: Doc, report: Report) -> None:
    names = listed(report.district_name(district.district) for district in report.evaluation.districts)
    line(doc, f"{names}义务教育优质均衡发展监测季报", TITLE, SIZES["title"], side="centre")
    line(doc, f"（{report.quarter.title}）", SECOND, side="centre")
    if report.running:
        line(doc, f"（截至{chinese_date(report.as_of)}）", SECOND, side="centre")
    line(doc, "", BODY)
    if report.letterhead.addressee:
        line(doc, f"{report.letterhead.addressee}：", BODY)


def _attachments(doc: Doc, report: Report) -> None:
    """附件说明, one line below the text and two characters in; numbered where there are several.

    It stays with the end of the text and with the signature, so that no page is without text.
    """
    names = report.attachments
    doc.paragraphs[-1].paragraph_format.keep_with_next = True
    line(doc, "", BODY).paragraph_format.keep_with_next = True
    for number, name in enumerate(names, 1):
        head = "附件：" if number == 1 else "　　　"
        text = f"{head}{number}. {name}" if len(names) > 1 else f"{head}{name}"
        line(doc, text, BODY, side="left", indented=True).paragraph_format.keep_with_next = True


def _signature(doc: Doc, report: Report) -> None:
    """发文机关署名 centred over the 成文日期, which ends four characters before the margin."""
    size = SIZES["body"]
    date, issuer = chinese_date(report.as_of), report.letterhead.issuer
    line(doc, "", BODY).paragraph_format.keep_with_next = True
    if issuer is not None:
        beside = max(0.0, _DATE_INDENT + (_characters(date) - _characters(issuer)) / 2)
        signed = line(doc, issuer, BODY, side="right", right_indent=_indent(beside, size))
        signed.paragraph_format.keep_with_next = True
    dated = line(doc, date, BODY, side="right", right_indent=_indent(_DATE_INDENT, size))
    dated.paragraph_format.keep_with_next = True
    contact = f"{report.letterhead.contact}；" if report.letterhead.contact else ""
    note = f"（{contact}{report.edition}，数据指纹 {report.fingerprint[:16]}）"
    line(doc, note, BODY, SIZES["page"], indented=True)


def _copies(doc: Doc, report: Report) -> None:
    """版记: who gets a copy, between two lines."""
    if report.letterhead.copies is None:
        return
    line(doc, "", BODY)
    copies = line(doc, f"　抄送：{report.letterhead.copies}。", BODY, SIZES["page"])
    rule(copies, "000000", above=True)
    issued = f"　{report.letterhead.issuer or ''}　{chinese_date(report.as_of)}印发"
    rule(line(doc, issued, BODY, SIZES["page"]), "000000")


def _characters(text: str) -> float:
    """In widths of a Chinese character: digits are half as wide."""
    return sum(0.5 if letter.isascii() else 1 for letter in text)


def _indent(characters: float, size: Length) -> Length:
    return Emu(round(characters * size))


def _without_thumbnail(doc: Doc) -> None:
    """python-docx's template carries a picture of itself; file managers would show it for ours."""
    relations = doc.part.package.rels
    for name in [name for name, rel in relations.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[name]


def _page(doc: Doc, report: Report) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, width in _MARGINS.items():
        setattr(section, name, width)
    # The number's line hangs 7 mm below the text.
    section.footer_distance = Mm(22)
    doc.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    moment = datetime.combine(report.as_of, time(), UTC)
    core = doc.core_properties
    core.title, core.author, core.comments = f"{report.quarter.title}季报", "", ""
    core.language, core.revision, core.last_modified_by = "zh-CN", 1, ""
    core.created = core.modified = moment
    style = doc.styles["Normal"]
    style.font.size = SIZES["body"]
    style.font.name = DIGITS
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)


def _page_number(paragraph: DocParagraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 — outside, one character from the edge, as a field that the reader's program fills in."""
    size = SIZES["page"]
    paragraph.alignment = side
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = size
    run(paragraph, "— ", SONG, size)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = run(paragraph, "", SONG, size)
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        part._r.append(element)  # python-docx has no interface for fields
    run(paragraph, " —", SONG, size)
