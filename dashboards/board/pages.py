"""Templates: figures in, HTML out. Every text is escaped."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from dashboards.board import words
from rules.words import worded

# A verdict that is older than this is shown with a warning: the rules program may have stopped.
STALE_MS = 2 * 60 * 60 * 1000
# Alerts are judged every minute, at most every hour; the board cannot know which, and warns after both.
ALERTS_STALE_MS = 65 * 60 * 1000


class Pages:
    """The board's templates with its title and its time zone."""

    def __init__(self, *, title: str, zone: ZoneInfo) -> None:
        self._zone = zone
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["worded"] = worded
        self._environment.globals.update(
            title=title,
            words=words.words,
            look=words.look,
            W=words,
            stale_ms=STALE_MS,
            alerts_stale_ms=ALERTS_STALE_MS,
            clock=self._clock,
            age=_age,
            iso=words.iso_text,
            rounded=rounded,
            signed=signed,
        )

    def render(self, template: str, *, now_ms: int, **values: Any) -> str:
        """A page as HTML text."""
        context = {"problem": None, "page": None, "detail": None, **values}
        return self._environment.get_template(template).render(now_ms=now_ms, zone=self._zone, **context)

    def offset_ms(self, now_ms: int) -> int:
        """What to add to a moment so that its UTC digits read as local time, for the charts' axis."""
        moment = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(self._zone)
        offset = moment.utcoffset()
        return int(offset.total_seconds() * 1000) if offset else 0

    @staticmethod
    @pass_context
    def _clock(context: Context, ms: int | None) -> str:
        return words.clock_text(ms, context["zone"], now_ms=context["now_ms"])


@pass_context
def _age(context: Context, ms: int | None) -> words.Words:
    return words.age_text(ms, now_ms=context["now_ms"])


def rounded(text: str | None, digits: int) -> str:
    """Decimal text with at most `digits` decimals; anything else as it is.

    The text has been rounded once already, so a tie goes down: nothing is rounded up twice, over a threshold.
    """
    if text is None:
        return "—"
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or -int(number.as_tuple().exponent) <= digits:
        return text
    return str(number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_DOWN))


def signed(observed: str | None, declared: str | None) -> str | None:
    """Observed minus declared where both are known and differ in what is shown."""
    if observed is None or declared is None:
        return None
    try:
        difference = (Decimal(observed) - Decimal(declared)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        return None
    return f"{difference.normalize():+f}".replace("-", "−") if difference else None
