"""教学仪器设备: what the asset ledgers add up to beside the form; a part of the chapter on the indicators."""

from collections.abc import Iterator
from fractions import Fraction

from rules.report.blocks import Block, Paragraph
from rules.report.printing import money
from rules.report.report import Report
from rules.report.sections import judgement_on
from rules.standards.naming import code_of


def equipment(report: Report) -> Iterator[Block]:
    """One sentence, where any school has told a ledger."""
    code = code_of(report.evaluation.standard, "equipment_cny")
    # A school's ledger counts once, whatever stages it has.
    rests = {
        result.section.school.school_code: judgement.evidence
        for result in report.evaluation.sections
        if (judgement := judgement_on(result, "equipment_cny")) and judgement.evidence.equipment
    }.values()
    ledgers = [evidence.equipment for evidence in rests if evidence.equipment is not None]
    if code is None or not ledgers:
        return
    total = sum((ledger.value for ledger in ledgers), Fraction(0))
    seen = sum((ledger.seen for ledger in ledgers), Fraction(0))
    stated = [evidence.whole for evidence in rests if evidence.whole is not None]
    declared = f"共{money(sum(stated, Fraction(0)))}" if stated else "均未填报"
    yield Paragraph(
        f"{report.called(code)}：{len(ledgers)}所学校按资产台账判定，台账计入{money(total)}，"
        f"其中联网可见{money(seen)}；上述学校报表数{declared}，并列对照。"
    )
