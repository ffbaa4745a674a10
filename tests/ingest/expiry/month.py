"""A gateway whose readings of a month expire, and what must be stored before they may."""

from contract import (
    Account,
    Address,
    CollectorRun,
    Point,
    Radio,
    Retention,
    Status,
    status_point,
    to_point,
    utc_text,
)
from contract.daybook import BEYOND_MS, DAY_FACTS, touched_digest
from ingest import expiry
from ingest.expiry import Ended
from store import Query, Select, Store
from store.periods import period_of, span_of

GATEWAY = Address("120116", "2112000001", "gw")
EPOCH = "a" * 16
PLACE = (GATEWAY.district, GATEWAY.school, GATEWAY.gateway, EPOCH)
DAY = 86_400_000
OCTOBER = 1_790_812_800_000
SEPTEMBER = OCTOBER - 30 * DAY
NOW = OCTOBER + 70 * DAY  # so that September is over for more than 60 days


def reading(seq: int, time_ms: int) -> Point:
    return to_point(GATEWAY, EPOCH, seq, Radio(time=time_ms, ap=f"A{seq}", radio="0"))


def run(seq: int, time_ms: int, **values: object) -> Point:
    given = {"time": time_ms, "collector": "c", "target": "t", "status": "ok", **values}
    return to_point(GATEWAY, EPOCH, seq, CollectorRun.model_validate(given))


def account(time_ms: int, epoch: str = EPOCH, **numbers: int) -> Point:
    values = {"acknowledged": 0, "pending": 0, "dropped": 0, **numbers}
    told = Account.model_validate({"epoch": epoch, **values})
    return status_point(GATEWAY, Status(online=True, time=utc_text(time_ms), account=told), time_ms=time_ms)


def day_fact(time_ms: int, kind: str = "school_day") -> Point:
    table = DAY_FACTS[kind]
    fields = {"parts": 1, "digest": "d", "facts": "{}", "polls": 1, "known": 1, "up": 1, "retired": 0}
    values = tuple(fields.get(name) for name in table.field_names)
    return Point(table, tuple("1" for _ in table.tags), time_ms, values)


def counted(store: Store, begin_ms: int = SEPTEMBER) -> None:
    """As the rules tell when they have counted September, or the month before."""
    rows = store.query(
        Query(
            measurement=DAY_FACTS["touched"],
            select=tuple(Select(name) for name in DAY_FACTS["touched"].field_names),
            group_by=("district", "school"),
            since=begin_ms,
            until=span_of(period_of("readings", begin_ms))[1] + BEYOND_MS,
        )
    )
    digest = touched_digest((row.time or 0, tuple(row.values.values())) for row in rows)
    store.write([Point(DAY_FACTS["counted"], tuple(rows[0].tags.values()), begin_ms, (digest,))])


def heard(at_ms: int) -> Point:
    """That time has gone on, as another gateway knows it."""
    elsewhere = Address(GATEWAY.district, GATEWAY.school, "other")
    return to_point(elsewhere, EPOCH, 1, Radio(time=at_ms, ap="A", radio="0"))


def expire(store: Store, retention: Retention, *, now_ms: int, dry_run: bool = False) -> list[Ended]:
    """At a moment of which gateways know, too."""
    store.write([heard(now_ms - DAY)])
    return expiry.expire(store, retention, now_ms=now_ms, dry_run=dry_run)


def fates(found: list[Ended]) -> list[tuple[str, str]]:
    return [(ended.part.name, ended.fate) for ended in found]
