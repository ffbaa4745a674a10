"""What the tables on a terminal share: headings, marks, colours."""

from rich.table import Table

from registry.vocabulary import Verdict
from runtime.language import Text

STYLES: dict[Verdict, str] = {"pass": "green", "fail": "red", "undetermined": "yellow"}
# The words say it; the mark only helps the eye.
MARKS: dict[Verdict, str] = {"pass": "✓", "fail": "✗", "undetermined": "?"}
NONE = "–"
HEADINGS = {
    "school": Text("学校", "School"),
    "stage": Text("学段", "Stage"),
    "indicator": Text("指标", "Indicator"),
    "cv": Text("差异系数", "CV"),
    "balanced": Text("均衡", "Balanced"),
    "overall": Text("综合", "Overall"),
    "verdict": Text("结论", "Verdict"),
    "reason": Text("理由", "Reason"),
}
PASSING = (Text("达标", "Pass"), Text("未达标", "Fail"), Text("未判", "Open"), Text("达标率 %", "Rate %"))
BALANCED = {True: Text("是", "yes"), False: Text("否", "no"), None: Text("未判", "open")}


def titled(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0), header_style="bold")


def add_numbers(table: Table, *headings: Text) -> None:
    """Columns of figures, to the right."""
    for heading in headings:
        table.add_column(str(heading), justify="right", no_wrap=True)
