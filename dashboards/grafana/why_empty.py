"""Why a panel may show nothing: said in its description, so that an empty panel is never a riddle."""

from runtime.language import Text

NO_EVALUATION = Text(
    "最近 3 小时没有评估（campus rules watch 未运行，或数据库刚建立）。",
    "No evaluation in the last 3 hours: campus rules watch does not run, or the store is new.",
)
NOT_IN_SPAN = Text(
    "所选时间内没有评估，或所选范围没有这类数据。", "No evaluation in this span, or nothing of this kind."
)
NOT_ENOUGH = Text(
    "所选学校没有一所数据足够，或没有评估。", "No school chosen has enough data, or no evaluation was made."
)
NO_DEVICE = Text("所选范围内没有接入点的读数。", "No reading of an access point in what is chosen.")
NO_DISPLAY = Text("所选范围内没有显示设备的读数。", "No reading of a display in what is chosen.")


def nothing_wrong(zh: str, en: str) -> Text:
    """A list of what is wrong: no row is good news, as long as evaluations go on."""
    return Text(f"没有行表示{zh}；前提是评估仍在进行。", f"No row means {en}, as long as evaluations go on.")
