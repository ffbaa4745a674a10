"""Names and numbers as a Chinese official report prints them."""

from datetime import date
from fractions import Fraction

from registry.exact import rounded, rounded_root
from registry.vocabulary import Stage

# GB/T 2260: Tianjin's districts. A code that is not here is printed as it is.
_DISTRICTS = {
    "120101": "和平区",
    "120102": "河东区",
    "120103": "河西区",
    "120104": "南开区",
    "120105": "河北区",
    "120106": "红桥区",
    "120110": "东丽区",
    "120111": "西青区",
    "120112": "津南区",
    "120113": "北辰区",
    "120114": "武清区",
    "120115": "宝坻区",
    "120116": "滨海新区",
    "120117": "宁河区",
    "120118": "静海区",
    "120119": "蓟州区",
}
COLOURS: dict[Stage, str] = {"primary": "4472C4", "junior": "70AD47"}  # of every chart
NONE = "—"
UNKNOWN = "未判定"


def district_name(code: str) -> str:
    return _DISTRICTS.get(code, code)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def percent(value: Fraction | None) -> str:
    """Two decimals, as the bureau prints shares of schools."""
    return UNKNOWN if value is None else f"{rounded(value, 2)}%"


def coefficient(squared: Fraction | None) -> str:
    """A difference coefficient from its square: three decimals, as the ministry's tables."""
    return UNKNOWN if squared is None else rounded_root(squared, 3)


def beside_limit(squared: Fraction | None, limit: Fraction) -> str:
    """The same with as many decimals more as it takes to see on which side of the limit it lies."""
    if squared is None:
        return UNKNOWN
    for places in range(3, 9):
        text = rounded_root(squared, places)
        if squared == limit * limit or Fraction(text) != limit:
            return text
    return text


def chinese(reason: str) -> str:
    """The Chinese half of each part of a reason: an official table speaks one language."""
    return "；".join(part.partition(" / ")[0] for part in reason.split("；"))
