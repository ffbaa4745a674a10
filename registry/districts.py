"""What districts are called: as the registry says, else as GB/T 2260 has it for Tianjin."""

from collections.abc import Mapping

from runtime.language import Text

# GB/T 2260, 1201xx: every district of Tianjin. Other places name theirs in the registry's sheet `districts`.
TIANJIN: Mapping[str, str] = {
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


def district_title(code: str, named: Mapping[str, str]) -> Text:
    """A name where one is known; a code alone says that it is one."""
    name = named.get(code) or TIANJIN.get(code)
    return Text(name, name) if name else Text(f"区县 {code}", f"district {code}")
