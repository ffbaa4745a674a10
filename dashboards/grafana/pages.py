"""What several pages share: the columns that name a place, and the links that lead to its page."""

from dashboards.grafana import looks
from dashboards.grafana.setting import Setting
from dashboards.grafana.tables import Column

OVERVIEW, WIRELESS, MULTIMEDIA = "campus-overview", "campus-wireless", "campus-multimedia"
EQUIPMENT, GATEWAYS, SCHOOL, ROOM = "campus-equipment", "campus-gateways", "campus-school", "campus-room"

_SCHOOL_VALUE = "${__data.fields.school:percentencode}"
_ROOM_VALUE = "${__data.fields.room:percentencode}"
_SPAN = "${__url_time_range}"
# On pages of one school the variable says which.
_THIS_SCHOOL = "${school:percentencode}"


def school_name(field: str = "school_name") -> Column:
    return Column(
        field=field,
        title="学校",
        link=f"/d/{SCHOOL}?var-school={_SCHOOL_VALUE}&{_SPAN}",
        link_title="打开这所学校",
        width=220,
    )


def room_name() -> Column:
    return Column(
        field="room_name",
        title="房间",
        link=f"/d/{ROOM}?var-school={_SCHOOL_VALUE}&var-room={_ROOM_VALUE}&{_SPAN}",
        link_title="打开这个房间",
        width=200,
    )


def room_link(field: str, title: str) -> Column:
    """A room by its code, where the store has no name beside it."""
    return Column(
        field=field,
        title=title,
        link=f"/d/{ROOM}?var-school={_SCHOOL_VALUE}&var-room={_ROOM_VALUE}&{_SPAN}",
        link_title="打开这个房间",
        width=140,
    )


def room_of_this_school() -> Column:
    return Column(
        field="room_name",
        title="房间",
        link=f"/d/{ROOM}?var-school={_THIS_SCHOOL}&var-room={_ROOM_VALUE}&{_SPAN}",
        link_title="打开这个房间",
        width=200,
    )


def plain(field: str, title: str, *, width: int | None = None) -> Column:
    """Text as it stands."""
    return Column(field=field, title=title, width=width)


def count(field: str, title: str, *, width: int | None = 110) -> Column:
    return Column(field=field, title=title, unit="none", decimals=0, width=width)


def wrong_count(field: str, title: str) -> Column:
    """How many are known to be wrong: none is good."""
    return Column(field=field, title=title, unit="none", cell="word", colours=looks.NONE_IS_GOOD, width=110)


def unknown_count(field: str, title: str) -> Column:
    """Of how many it is not known."""
    return Column(field=field, title=title, unit="none", cell="word", colours=looks.SOME_UNKNOWN, width=110)


def verdict_words(field: str, title: str) -> Column:
    """A verdict as a coloured cell."""
    return Column(field=field, title=title, cell="colour", words=looks.words("verdicts"), width=105)


def indicator_column(setting: Setting) -> Column:
    """An indicator by its short name, as the standard has it."""
    shorts = {code: (names.short.zh, looks.BLUE) for code, names in setting.names.items()}
    return Column(field="indicator", title="指标", words=looks.spoken(shorts), width=140)


def stage_column() -> Column:
    return Column(field="stage", title="学段", words=looks.words("stages"), width=80)
