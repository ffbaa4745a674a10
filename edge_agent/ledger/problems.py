"""What can be wrong in a ledger, and how it is said."""

from collections.abc import Sequence

from edge_agent.files.problems import Kind, Problem
from edge_agent.files.problems import worded as worded_of
from runtime.language import Text

KINDS: dict[str, Kind] = {
    "file": Kind("unread", Text("文件无法读取", "the file cannot be read")),
    "breaks_off": Kind(
        "unread", Text("文件从此处起损坏；请另存一份", "the file is damaged from here on; save it anew")
    ),
    "too_many_lines": Kind(
        "unread", Text("行数超出上限，其余未读", "more lines than are read; the rest is left out")
    ),
    "too_many_files": Kind(
        "unread", Text("文件数超出上限，其余未读", "more files than are read; the rest is left out")
    ),
    "no_header": Kind(
        "unread",
        Text(
            "没有认出表头：需要资产编号或名称，以及原值或单价；可用 [ledger.columns] 指明",
            "no headings: a number or name, and a value or price are needed; [ledger.columns] names them",
        ),
    ),
    "only_net": Kind(
        "unread",
        Text(
            "只有净值，没有原值；请补充原值一列", "only a net value; add a column of original values (原值)"
        ),
    ),
    "foreign": Kind("unread", Text("金额不是人民币", "the value is not in Chinese money")),
    "other_table": Kind(
        "unread", Text("另有一张表的表头未认出", "a further table whose headings are not known")
    ),
    "no_value": Kind("unread", Text("没有价值", "no value")),
    "formula": Kind(
        "unread",
        Text(
            "公式没有结果；请在 Excel 或 WPS 中打开后保存",
            "a formula without its result; open and save it in Excel or WPS",
        ),
    ),
    "bad_value": Kind("unread", Text("价值无法读取", "the value cannot be read")),
    "no_quantity": Kind("unread", Text("有单价而没有数量", "a unit price and no quantity")),
    "quantity_column": Kind(
        "unread",
        Text(
            "有单价，但没有认出数量一列；可用 [ledger.columns] 指明",
            "a unit price, and no column known as the quantity; [ledger.columns] names it",
        ),
    ),
    "several": Kind(
        "unread",
        Text("没有数量，而编号或名称不止一件", "no quantity, and a number or name that speaks of several"),
    ),
    "bad_quantity": Kind("unread", Text("数量无法读取", "the quantity cannot be read")),
    "shifted": Kind("unread", Text("此行各单元格似乎错位", "the cells of this line seem to be shifted")),
    "quote": Kind(
        "unread", Text("引号没有闭合，其后几行连成一格", "an open quotation mark swallows the lines below")
    ),
    "nothing": Kind("unread", Text("只有编号，没有名称和价值", "a number without a name or a value")),
    "nameless": Kind("unread", Text("有金额而没有编号和名称", "an amount without a number or a name")),
    "total_more": Kind(
        "unread", Text("合计大于各行之和，可能缺行", "the total is more than the lines: some may be missing")
    ),
    "tiny": Kind(
        "unread",
        Text(
            "每件不到 10 元，可能以万元为单位；请在表头写明单位",
            "less than 10 yuan a piece: perhaps in 10,000 yuan; write the unit into the heading",
        ),
    ),
    "total_less": Kind(
        "doubt", Text("合计小于各行之和；请核对", "the total is less than the lines: please check")
    ),
    "negative": Kind("doubt", Text("金额或数量为负", "an amount or quantity below zero")),
    "mismatch": Kind(
        "doubt", Text("金额不等于单价乘数量", "the value is not the unit price times the quantity")
    ),
    "some_quantity": Kind("doubt", Text("数量不是整数", "the quantity is no whole number")),
    "several_here": Kind(
        "doubt",
        Text("没有数量，而编号或名称不止一件", "no quantity, and a number or name that speaks of several"),
    ),
    "zero_quantity": Kind("doubt", Text("数量为 0 而有价值", "quantity 0 with a value")),
    "wide": Kind(
        "doubt",
        Text("数量、单价与金额合并成了一格", "quantity, price and value are merged into one cell"),
    ),
    "two_quantities": Kind("doubt", Text("账面数量与盘点数量不同", "booked and counted quantity differ")),
    "two_columns": Kind("doubt", Text("同名两列的内容不同", "two columns of one heading differ")),
    "bad_status": Kind("doubt", Text("使用状况无法识别", "the state of use is not known")),
    "gone": Kind(
        "doubt", Text("备注或其他列称已报废或处置", "a remark or another column says that it is gone")
    ),
    "gone_section": Kind(
        "doubt", Text("在报废或处置的小标题之下", "below a title that speaks of scrapped things")
    ),
    "not_ours": Kind(
        "doubt",
        Text(
            "在租借、代管或说明不计入的小标题或说明之下",
            "below a title or note of things that are rented, lent or not to be counted",
        ),
    ),
    "unit_elsewhere": Kind(
        "unread",
        Text(
            "表中或表下另有金额单位，与表头不符",
            "another unit of money stands in or below the table than above it",
        ),
    ),
    "struck": Kind("doubt", Text("行被划去", "a line struck out")),
    "words_only": Kind(
        "doubt",
        Text("只有文字而没有名称，可能是小计", "words instead of a number and no name: perhaps a subtotal"),
    ),
    "like_total": Kind(
        "doubt",
        Text(
            "只有名称，数值又等于以上之和，可能是合计",
            "nothing but a name, and the sum of the lines above: perhaps a total",
        ),
    ),
    "hidden_row": Kind("doubt", Text("行被隐藏或筛选掉", "a row hidden or filtered out")),
    "repeated": Kind("doubt", Text("编号与内容都相同，可能重复", "the same number and content again")),
    "same_serial": Kind(
        "doubt",
        Text(
            "序列号与另一行相同，可能是同一件（调拨、退回后又登记）",
            "the serial number of another line: perhaps one device, moved or given back and entered again",
        ),
    ),
    "conflict": Kind("doubt", Text("同一编号的金额或状况不同", "one number with different values or states")),
    "version": Kind(
        "doubt", Text("与另一表重叠，仅此表有", "overlaps another table, and stands in this one only")
    ),
    "mixed_sheet": Kind(
        "doubt", Text("表名既说报废又说在用", "the name speaks of scrapped and of other things")
    ),
    "bad_date": Kind("dropped", Text("日期无法识别", "the date cannot be read")),
    "no_code": Kind("dropped", Text("没有分类代码", "no classification code")),
    "bad_total": Kind(
        "dropped",
        Text(
            "金额无法读取，按单价乘数量计",
            "the value cannot be read: the unit price times the quantity counts",
        ),
    ),
    "bad_price": Kind("dropped", Text("单价无法读取", "the unit price cannot be read")),
    "serial_destroyed": Kind(
        "dropped", Text("序列号已被 Excel 改为数字", "a serial number that Excel made a number")
    ),
    "personal": Kind("dropped", Text("内容似为个人信息，未上送", "seems to be about a person; not sent")),
    "destroyed": Kind(
        "noted",
        Text(
            "编号已被 Excel 改为数字；每行按一项计。请把该列设为文本后重新导出",
            "numbers that Excel destroyed; each line counts as one asset. Export the column again as text",
        ),
    ),
    "blind": Kind(
        "noted",
        Text(
            "此格式的工作簿（.xlsb）看不出哪些行被隐藏或划去、数字以什么单位显示，"
            "都按原数计入；请另存为 .xlsx",
            "this kind of workbook (.xlsb) does not show which lines are hidden or struck out, "
            "nor units of formats; all is counted as it stands: save it as .xlsx",
        ),
    ),
    "copies": Kind(
        "noted", Text("与另一表相同的行，不重复计", "lines that another table has too; counted once")
    ),
    "left_hidden": Kind("noted", Text("隐藏的表，未计入", "a hidden sheet, left out")),
    "left_gone": Kind("noted", Text("报废或处置的表，未计入", "a sheet of scrapped things, left out")),
    "left_spare": Kind("noted", Text("旧表或副本，未计入", "an old state or a copy, left out")),
    "left_sample": Kind("noted", Text("样表，未计入", "a sample, left out")),
    "left_year": Kind("noted", Text("较早年份的台账，未计入", "the ledger of an earlier year, left out")),
    "left_summary": Kind("noted", Text("不是台账的表，未计入", "a sheet that is no ledger, left out")),
    "left_file": Kind("noted", Text("不是表格的文件，未读", "a file that is no table, left out")),
    "empty": Kind("noted", Text("表头下没有内容", "nothing below the headings")),
    "was_full": Kind("unread", Text("台账现为空，此前有内容", "the ledger is empty now and was not before")),
}


def worded(problems: Sequence[Problem], *, most: int) -> list[Text]:
    """The kinds with their first cells and how many there are, the weightiest first."""
    return worded_of(problems, KINDS, most=most)
