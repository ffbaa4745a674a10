"""What people said about a school, beside its figures: it changes no figure and no verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract import Column, Measurement, Point
from store import Condition, Query, Select, Store

COMMENT = Measurement(
    name="comment",
    kept="records",
    tags=(
        Column(name="district", type="text", required=True, meaning="District, 6 digits"),
        Column(name="school", type="text", required=True, meaning="School code, 10 digits"),
        Column(name="who", type="text", required=True, meaning="Who said it"),
    ),
    fields=(
        Column(name="text", type="text", required=True, meaning="What they said"),
        Column(name="about", type="text", meaning="Indicator or room it is about; missing: the school"),
    ),
    meaning="One comment on a school.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, in its author's own words."""

    district: str
    school: str
    who: str
    text: str
    about: str
    time_ms: int


def comment_point(comment: Comment) -> Point:
    return Point(
        COMMENT,
        (comment.district, comment.school, comment.who),
        comment.time_ms,
        (comment.text, comment.about or None),
    )


def read_comments(store: Store, school: str) -> Sequence[Comment]:
    """Everything said about a school, the newest first. Raises store.Unavailable."""
    rows = store.query(
        Query(
            measurement=COMMENT,
            select=(Select("text"), Select("about")),
            group_by=COMMENT.tag_names,
            where=(Condition("school", "=", school),),
        )
    )
    found = [
        Comment(
            **row.tags,
            text=str(row.values["text"] or ""),
            about=str(row.values["about"] or ""),
            time_ms=row.time or 0,
        )
        for row in rows
    ]
    return sorted(found, key=lambda comment: -comment.time_ms)
