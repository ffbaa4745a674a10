"""Everything that one quarterly report is made of, ready to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from registry import Registry
from rules.judging.evaluate import Evaluation
from rules.report.last_quarter import LastQuarter
from rules.report.letterhead import Letterhead
from rules.report.printing import chinese_date
from rules.report.quarter import Quarter
from rules.report.shortfall_list import ShortfallList
from rules.report.usage import SchoolUsage
from rules.standards.naming import IndicatorName, indicator_names

# The files of a report, in its folder; usage records are a file a school.
WORKBOOK, DOCUMENT, CORRECTIONS, RECORDS = "七项指标报告.xlsx", "季报.docx", "更正说明.md", "设备使用记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of a section that a correction changes."""

    place: str
    indicator: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Why a new version is made of a report that was handed in, and what it changes."""

    corrects: int
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """version None: a draft. usage None: no store was named. last: the quarter compared with, if any.

    until_ms: up to when anything counts; None: of the whole of its last day.
    fingerprint: of the data, printed in the document so that paper can be held against the file.
    """

    quarter: Quarter
    version: int | None
    evaluation: Evaluation
    registry: Registry
    shortfalls: ShortfallList
    usage: tuple[SchoolUsage, ...] | None
    last: LastQuarter | None
    fingerprint: str
    letterhead: Letterhead = field(default_factory=Letterhead)
    correction: Correction | None = None
    until_ms: int | None = None

    @property
    def as_of(self) -> date:
        return self.evaluation.as_of

    @property
    def running(self) -> bool:
        """The quarter is not over: figures are up to a day, not of the quarter; or its last day was not over
        when the report was made, with a store or without one."""
        last = self.quarter.last
        cut_off = self.until_ms is not None and self.until_ms < self.registry.calendar.end_of(last)
        return self.as_of < last or cut_off

    @property
    def edition(self) -> str:
        return "草稿" if self.version is None else f"第{self.version}版"

    @property
    def basis(self) -> str:
        """One line for the head of every table."""
        until = f"{'截至' if self.running else '数据日期'}{chinese_date(self.as_of)}"
        told = "监测数据与报表数" if self.evaluation.basis == "observed" else "仅报表数（未接入监测数据）"
        return f"{until}；标准：{self.standard_named}；依据：{told}；{self.edition}"

    @property
    def standard_named(self) -> str:
        """By its own title, and by its source where that says more."""
        standard = self.evaluation.standard
        source = standard.source.removeprefix(standard.title).strip("（）")
        return f"《{standard.title}》" + (f"（{source}）" if source else "")

    @property
    def before(self) -> Quarter | None:
        return None if self.last is None else self.last.quarter

    @cached_property
    def names(self) -> Mapping[str, IndicatorName]:
        """Of the indicators and of what stands beside them, by code."""
        return indicator_names(self.evaluation.standard)

    def called(self, code: str) -> str:
        """An indicator's name as the standard has it."""
        return self.names[code].name.zh

    @property
    def attachments(self) -> list[str]:
        """What is handed in with the document, as 附件说明 lists it."""
        records = [f"设备使用记录（{len(self.usage)}所学校）"] if self.usage else []
        corrections = ["更正说明"] if self.correction else []
        return [f"优质均衡发展七项指标报告（{self.quarter.title}）", *records, *corrections]

    def district_name(self, code: str) -> str:
        return self.registry.district_title(code).zh
