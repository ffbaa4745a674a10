"""The words by which a row or a sheet is not what it stands among: totals, signatures, scrapped things."""

import re

from edge_agent.ledger.plain import title
from tables.codes import spelling

_TOTAL = re.compile(
    r"合计|总计|小计|共计|合計|總計|小計|共計|累計|∑|Σ|累计|总合|页计|月计|年计|总数|过次页|承前页|转下页|接上页|接下页|承上页"
    r"|上页结转|结转下页|^(?:sub-?|grand)?(?:total|sum)s?\b",
    re.IGNORECASE,
)
_CARRIED = re.compile(r"过次页|承前页|承上页|转下页|接上页|接下页|上页结转|结转下页")
_TOTAL_ALONE = {"计", "总", "共", "合", "其中", "大写", "合计大写"}
_SIGNATURE = re.compile(
    r"(?:制表|填表|制单|审核|复核|负责|经办|经手|签字|签名|签章|盖章|校长|主管|保管|会计|出纳|资产管理|填报|报送|打印"
    r"|日期|时间|说明|备注|单位|电话|地址)[^:]{0,6}:|^注(?::|\d|、)|^(?:签字|签名|盖章|公章|以下空白|此表|本表)"
    r"|^第.{1,4}页|^共.{1,4}页"
)
_GONE = re.compile(r"报废|处置|注销|核销|销账|下账|作废|淘汰|调出|划出|转出|捐出|减少|盘亏|毁损|丢失")
_NOT_GONE = re.compile(r"新增|增加|在用|现有|全部|汇总|总表|不|除|未|以外|前")
_IN_USE = re.compile(r"在用|现有|使用中|正常|在册|新增")
_NOT_OURS = re.compile(
    r"租赁|租用|租入|借用|借入|代管|寄存|外单位|待验收|未验收|不计入|不列入|不纳入|不属于|不含在内"
)
_COPY = re.compile(r"副本|备份|复件|拷贝|\bcopy\b|backup|\bbak\b", re.IGNORECASE)
_OLD = re.compile(r"(?<!新)旧|历史|以前|往年|上年|去年|老台账|\bold\b", re.IGNORECASE)
_SAMPLE = re.compile(r"样表|样例|示例|范例|模板|例表|\b(?:sample|template|example)\b", re.IGNORECASE)
_SUMMARY = re.compile(
    r"汇总|统计|封面|目录|说明|代码表|字典|参数|选项|下拉|分类表|对照|透视|图表|summary", re.IGNORECASE
)
_YEAR = re.compile(
    r"(?<![0-9A-Za-z])(20[0-4][0-9])"
    r"(?:(?:[-_.年]([01]?[0-9])(?:[-_.月]([0-3]?[0-9]))?|([01][0-9])([0-3][0-9])?)(?![0-9])|(?![0-9]))"
)


def is_total(text: str) -> bool:
    """合 计, 总计：, 本页小计, 合计2台, Total."""
    plain = title(text)
    return plain in _TOTAL_ALONE or bool(_TOTAL.search(plain)) or plain.startswith(("其中:", "其中,"))


def is_carried(text: str) -> bool:
    """承前页, 过次页: a sum of other pages, too."""
    return bool(_CARRIED.search(title(text)))


def is_signature(text: str) -> bool:
    """制表人：…, 审核：…, 注：…: what stands below a table."""
    return bool(_SIGNATURE.search(spelling(text)))


def mentions_leaving(text: str) -> bool:
    """Whether a remark says that the thing is, or will be, gone."""
    return bool(_GONE.search(spelling(text)))


def is_of_things_gone(name: str) -> bool:
    """A sheet or file of scrapped things: 已报废, 2025年处置清单."""
    plain = spelling(name)
    return bool(_GONE.search(plain)) and not _NOT_GONE.search(plain)


def is_of_things_in_use(name: str) -> bool:
    """The title of a section below one of scrapped things, which ends it: 二、在用资产."""
    plain = spelling(name)
    return bool(_IN_USE.search(plain)) and not _GONE.search(plain)


def is_of_things_that_do_not_count(note: str) -> bool:
    """A title or note of things that are not the school's own, or not to be added: 以下为租赁设备."""
    return bool(_NOT_OURS.search(spelling(note)))


def is_mixed(name: str) -> bool:
    """A name that speaks of scrapped things and of others: 新增及报废."""
    plain = spelling(name)
    return bool(_GONE.search(plain)) and bool(_NOT_GONE.search(plain))


def is_spare(name: str) -> bool:
    """A copy, or an older state: 台账-副本, 2019旧台账."""
    return bool(_COPY.search(name) or _OLD.search(name))


def is_sample(name: str) -> bool:
    return bool(_SAMPLE.search(name))


def is_summary(name: str) -> bool:
    return bool(_SUMMARY.search(name))


def date_in(name: str) -> tuple[int, int, int] | None:
    """Year, month and day in the name of a file or sheet, 0 where it has none: 2026年台账, 台账20260901."""
    found = _YEAR.search(spelling(name))
    if found is None:
        return None
    month, day = int(found[2] or found[4] or 0), int(found[3] or found[5] or 0)
    return (int(found[1]), month, day) if month <= 12 else (int(found[1]), 0, 0)
