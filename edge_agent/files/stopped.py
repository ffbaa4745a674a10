"""What is said of a file that ended its reader."""

from runtime.language import Text

STOPPED = Text(
    "读取用时或内存超出上限；请只保留所需的表后另存为 .xlsx",
    "takes too much time or memory; save the table alone as .xlsx",
)
