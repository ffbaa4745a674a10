"""Everything that one quarterly report is made of, ready to be written down."""

from dataclasses import dataclass
from datetime import date

from registry import Registry
from rules.judging.evaluate import Evaluation
from rules.report.printing import chinese_date
from rules.report.quarter import Quarter
from rules.report.shortfall_list import ShortfallList
from rules.report.usage import SchoolUsage


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
    """version None: a draft. usage None: no store was named. before: the quarter compared with, if any.

    fingerprint: of the data, printed in the document so that paper can be held against the file.
    """

    quarter: Quarter
    version: int | None
    evaluation: Evaluation
    registry: Registry
    shortfalls: ShortfallList
    usage: tuple[SchoolUsage, ...] | None
    before: Quarter | None
    fingerprint: str
    correction: Correction | None = None

    @property
    def as_of(self) -> date:
        return self.evaluation.as_of

    @property
    def running(self) -> bool:
        """The quarter is not over: figures are up to a day, not of the quarter."""
        return self.as_of < self.quarter.last

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

    def district_name(self, code: str) -> str:
        return self.registry.district_title(code).zh
