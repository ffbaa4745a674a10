"""The report's text: all chapters in the order of the official form, told from its figures alone. Pure."""

from collections.abc import Callable, Iterator

from rules.report.blocks import Block, Heading
from rules.report.chapters.balance import balance
from rules.report.chapters.guarantees import guarantees
from rules.report.chapters.indicators import indicators
from rules.report.chapters.multimedia import multimedia
from rules.report.chapters.next_steps import next_steps
from rules.report.chapters.overall import overall
from rules.report.chapters.shortfalls import shortfalls
from rules.report.chapters.utilisation import utilisation
from rules.report.chapters.wireless import wireless
from rules.report.report import Report

_CHAPTERS: tuple[tuple[str, Callable[[Report], Iterator[Block]]], ...] = (
    ("总体情况", overall),
    ("七项指标", indicators),
    ("校际均衡", balance),
    ("政府保障程度（设施部分）", guarantees),
    ("无线网络全覆盖", wireless),
    ("网络多媒体教室监测与上报对照", multimedia),
    ("设施设备利用率和完好率", utilisation),
    ("短板与措施", shortfalls),
    ("下一步工作", next_steps),
)


def narrative(report: Report) -> list[Block]:
    """Every sentence holds whatever the figures are."""
    blocks: list[Block] = []
    for numeral, (title, chapter) in zip("一二三四五六七八九", _CHAPTERS, strict=True):
        blocks += [Heading(f"{numeral}、{title}"), *chapter(report)]
    return blocks
