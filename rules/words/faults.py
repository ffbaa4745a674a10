"""What a device says is wrong with its parts, `lamp=error,filter=warning`, as a reason."""

from rules.words.reason import Reason, joined, reason, verbatim

_SEVERITIES = ("warning", "error")


def faults_reason(text: str | None) -> Reason:
    """A part and how bad it is, in words; what is not said this way is told as it stands."""
    return joined(*(_fault(part.strip()) for part in (text or "").split(",")))


def _fault(text: str) -> Reason:
    part, _, how = text.partition("=")
    return reason("fault.part", part=part, how=how) if part and how in _SEVERITIES else verbatim(text)
