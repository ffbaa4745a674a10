"""What the board calls things: Chinese first, English beside."""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from registry.vocabulary import GUARANTEES


class Words(NamedTuple):
    """One thing in both languages."""

    zh: str
    en: str


VERDICTS = {
    "pass": Words("达标", "pass"),
    "fail": Words("未达标", "fail"),
    "undetermined": Words("未判定", "undetermined"),
}
COVERAGE = {
    "pass": Words("已覆盖", "covered"),
    "fail": Words("未覆盖", "not covered"),
    "undetermined": Words("未判定", "undetermined"),
}
STAGES = {
    "primary": Words("小学", "primary"),
    "junior": Words("初中", "junior"),
    "school": Words("全校", "school"),
}
# The seven resource indicators of 教督〔2017〕6号, and what stands beside them.
INDICATORS = {
    "L1": Words("每百名学生拥有高于规定学历教师数", "teachers above required degree per 100"),
    "L2": Words("每百名学生拥有区级以上骨干教师数", "backbone teachers per 100"),
    "L3": Words("每百名学生拥有体育、艺术专任教师数", "PE and arts teachers per 100"),
    "L4": Words("生均教学及辅助用房面积", "teaching area per pupil, m²"),
    "L5": Words("生均体育运动场馆面积", "sports area per pupil, m²"),
    "L6": Words("生均教学仪器设备值", "equipment value per pupil, CNY"),
    "L7": Words("每百名学生拥有网络多媒体教室数", "networked multimedia rooms per 100"),
    "wireless": Words("无线网络全覆盖", "full wireless coverage"),
    "G2": Words("基本装备配置", "equipment of the catalogue"),
    "G3": Words("音乐、美术专用教室", "music and art rooms"),
    "G4": Words("学校规模", "size of the school"),
    "G5": Words("班额", "size of classes"),
    "overall": Words("综合达标", "overall"),
}
# Their threshold is a limit from above.
AT_MOST = frozenset(code for code, facts in GUARANTEES.items() if facts.at_most)
# The same where there is room for a word only.
SHORT = {
    "L1": Words("高学历教师", "degree"),
    "L2": Words("骨干教师", "backbone"),
    "L3": Words("体艺教师", "PE, arts"),
    "L4": Words("教学用房", "rooms m²"),
    "L5": Words("运动场馆", "sports m²"),
    "L6": Words("仪器设备", "equipment"),
    "L7": Words("多媒体教室", "multimedia"),
}
AREA_CLASSES = {
    "key": Words("重点区域", "key area"),
    "minor": Words("一般区域", "minor area"),
    "outdoor": Words("室外", "outdoor"),
}
AP_STATES = {
    "up": Words("在线", "up"),
    "down": Words("离线", "down"),
    "fault": Words("故障", "fault"),
    "starting": Words("启动中", "starting"),
    "unknown": Words("未知", "unknown"),
}
DEVICE_TYPES = {
    "projector": Words("投影机", "projector"),
    "panel": Words("交互大屏", "panel"),
    "class_pc": Words("教室电脑", "class PC"),
    "plug": Words("智能插座", "plug"),
}
POWER = {
    "on": Words("开机", "on"),
    "off": Words("关机", "off"),
    "cooling": Words("冷却中", "cooling"),
    "warming": Words("预热中", "warming"),
}
CONDITIONS = {
    "ok": Words("正常", "ok"),
    "warning": Words("告警", "warning"),
    "error": Words("故障", "error"),
}
REACHABLE = {
    "yes": Words("应答", "answers"),
    "no": Words("无应答", "silent"),
}
RUNS = {
    "ok": Words("正常", "ok"),
    "partial": Words("不完整", "partial"),
    "timeout": Words("超时", "timeout"),
    "refused": Words("被拒绝", "refused"),
    "auth": Words("认证失败", "auth"),
    "decode": Words("无法解读", "decode"),
    "unsupported": Words("不支持", "unsupported"),
    "config": Words("配置有误", "misconfigured"),
}
GATEWAYS = {
    "online": Words("在线", "online"),
    "offline": Words("离线", "offline"),
    "silent": Words("失联", "silent"),
    "never": Words("从未上报", "never heard"),
}
REGISTER = {
    "open": Words("未启动", "not begun"),
    "in_progress": Words("整改中", "under way"),
    "awaiting": Words("待验收", "awaiting proof"),
    "closed": Words("已销号", "closed"),
    "reopened": Words("复发", "reopened"),
}
SEVERITIES = {
    "critical": Words("严重", "critical"),
    "warning": Words("警告", "warning"),
    "info": Words("提示", "info"),
}
# Which of three looks a word gets: a shape and a colour, beside the word itself.
LOOKS = {
    **dict.fromkeys(("pass", "up", "online", "ok", "yes"), "pass"),
    **dict.fromkeys(("fail", "down", "fault", "error", "offline", "silent", "timeout", "refused"), "fail"),
    **dict.fromkeys(("auth", "decode", "unsupported", "config"), "fail"),
    **dict.fromkeys(("open", "reopened", "critical"), "fail"),
    "closed": "pass",
}


def words(table: dict[str, Words], key: str | None) -> Words:
    """The words for `key`; a key that is not in the table speaks for itself."""
    if key is None:
        return Words("—", "not known")
    return table.get(key, Words(key, ""))


def look(key: str | None) -> str:
    """pass, fail or undetermined: the shape and colour of a state."""
    return LOOKS.get(key or "", "undetermined")


def clock_text(ms: int | None, zone: ZoneInfo, *, now_ms: int) -> str:
    """A moment as a person of that zone reads it; the date only where it is not today."""
    if ms is None:
        return "—"
    moment = datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(zone)
    today = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(zone).date()
    return moment.strftime("%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M")


def iso_text(ms: int | None) -> str | None:
    """A moment for machines: UTC, ISO 8601."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_STEPS = ((86_400, "天前", "d ago"), (3_600, "小时前", "h ago"), (60, "分钟前", "min ago"))


def age_text(ms: int | None, *, now_ms: int) -> Words:
    """How long ago, in the largest whole unit. The page's script counts on in the same words."""
    if ms is None:
        return Words("—", "")
    seconds = max(0, (now_ms - ms) // 1000)
    for length, zh, en in _STEPS:
        if seconds >= length:
            return Words(f"{seconds // length} {zh}", f"{seconds // length} {en}")
    return Words(f"{seconds} 秒前", f"{seconds} s ago")
