"""When a certificate ends, as a number and a reason; those of the bureau's own from what was looked at."""

from contract import certificate_days_left, utc_text
from rules.words import Reason, reason
from store import Row

# One that is not to be renewed yet, or that nobody looks at any more: it does not end soon.
NOT_DUE = -36_500


def certificate_reason(left: int) -> Reason:
    """In how many days, or how long ago."""
    return reason("alert.ends", days=left) if left > 0 else reason("alert.ended", days=-left)


def ended(row: Row, instant_ms: int) -> int:
    """Days since it ended; below 0 those that are left. One that cannot be looked at may have: 0."""
    if not row.values["watched"]:
        return NOT_DUE
    until_ms = row.values["until_ms"]
    return 0 if until_ms is None else -certificate_days_left(utc_text(int(until_ms)), instant_ms)


def ends(row: Row, instant_ms: int) -> Reason:
    until_ms = row.values["until_ms"]
    if until_ms is None:
        return reason(f"alert.certificate_{row.values['why'] or 'unreadable'}")
    return certificate_reason(certificate_days_left(utc_text(int(until_ms)), instant_ms))
