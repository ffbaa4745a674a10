"""What a gateway's status means to people: how full its spool is, how long its certificate still counts."""

from contract.moments import utc_ms

_DAY_MS = 86_400_000
# From here on people are told: the shipped alerts, and the board.
SPOOL_NEARLY_FULL_PCT = 80
CERTIFICATE_ENDS_DAYS = 20


def spool_taken_pct(most_bytes: int | None, room_bytes: int | None) -> int | None:
    """Of what the settings allow, the share that is taken or that its disk has no room for; rounded up."""
    if not most_bytes or room_bytes is None:
        return None
    return -(-100 * max(0, most_bytes - room_bytes) // most_bytes)


def certificate_days_left(until: str, now_ms: int) -> int:
    """Days until it ends, a begun one counted whole; 0 or less: it has ended."""
    return -((now_ms - utc_ms(until)) // _DAY_MS)


def renewal_due(renews: str | None, now_ms: int) -> bool:
    """Whether it should have been renewed by itself; one of which that is not known may be."""
    return renews is None or now_ms >= utc_ms(renews)
