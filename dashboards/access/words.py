"""What is said about accounts in one line, in both languages."""

from runtime.language import Text

_PROBLEMS = {
    "school_without_schools": Text("学校角色须写明学校标识码", "the role school needs its school codes"),
    "schools_without_school": Text("只有学校角色可以限定学校", "only the role school is limited to schools"),
    "no_district": Text("请写明区县代码，或不限定区县", "name districts, or leave them out for all"),
    "name": Text(
        "账号名为 1 至 64 个字母、数字或 . _ - @",
        "an account's name has 1 to 64 letters, digits or . _ - @",
    ),
    "short": Text("密码至少 10 个字符", "a password has at least 10 characters"),
    "long": Text("密码最多 200 个字符", "a password has at most 200 characters"),
    "own_name": Text("密码不得含账号名", "a password must not hold the account's name"),
    "exists": Text("已有此账号", "there is such an account already"),
    "unknown_token": Text("没有此令牌", "there is no such token"),
    "unknown": Text("没有此账号", "there is no such account"),
    "district": Text("区县代码为 6 位数字", "a district's code has 6 digits"),
    "school": Text("学校标识码为 10 位数字", "a school's code has 10 digits"),
    "scope": Text("超出了您自己的权限范围", "this is more than your own scope"),
    "expiry": Text("有效期为 1 至 732 天", "a token is valid for 1 to 732 days"),
    "label": Text("请写明令牌的用途（1 至 60 个字符）", "say what the token is for (1 to 60 characters)"),
}


def problem_text(key: str) -> Text:
    return _PROBLEMS[key]
