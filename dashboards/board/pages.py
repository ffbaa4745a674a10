"""Templates: figures in, HTML out, in one language. Every text is escaped."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_DOWN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.board import times
from dashboards.board.alerts import ALERTS_STALE_MS
from dashboards.board.applied import Applied
from dashboards.board.drawing import Drawing
from dashboards.board.words import look, page_words
from registry.vocabulary import STAGES
from rules.standards.naming import IndicatorName
from rules.words import Reason, name, worded
from runtime.language import LANGUAGES, Language, Text

# A verdict that is older than this is shown with a warning: the rules program may have stopped.
STALE_MS = 2 * 60 * 60 * 1000
_HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_LARGE = re.compile(r"(?<![\d.])\d{4,}", re.ASCII)
_ZONES = {"Asia/Shanghai": Text("北京时间", "Beijing time")}
_NOBODY_KNOWS = IndicatorName(name=Text("", ""), short=Text("", ""))


class Pages:
    """The board's templates with its title and its time zone."""

    def __init__(
        self, *, title: Text | None, zone: ZoneInfo, notice: Callable[[], Text | None] = lambda: None
    ) -> None:
        """notice: what is to be said above all figures at the time."""
        self._title = title or Text(page_words("zh")["page.title"], page_words("en")["page.title"])
        self._zone = zone
        self._notice = notice
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # a template does not change while the program runs
        )
        self._environment.globals.update(
            look=look,
            stages=(*STAGES, "school"),
            languages=LANGUAGES,
            html_language=_HTML_LANGUAGES,
            stale_ms=STALE_MS,
            alerts_stale_ms=ALERTS_STALE_MS,
            iso=times.iso_text,
            rounded=rounded,
            grouped=grouped,
            apart=apart,
            signed=signed,
        )

    def render(
        self, template: str, *, language: Language, now_ms: int, applied: Applied | None, **values: Any
    ) -> str:
        """A page as HTML text in the reader's language."""
        return self._environment.get_template(template).render(
            lang=language,
            now_ms=now_ms,
            applied=applied,
            title=self._title.of(language),
            notice=self._notice(),
            zone=self._zone_called(language, now_ms),
            **_speaking(language, applied),
            **self._telling_time(language, now_ms),
            draw=Drawing(language, self._zone),
            **{"problem": None, "page": None, "detail": None, **values},
        )

    @property
    def zone(self) -> ZoneInfo:
        """In which people read and type moments."""
        return self._zone

    def _zone_called(self, language: Language, now_ms: int) -> str:
        """The zone as its people call it, by its name in the settings and by what it is ahead of UTC."""
        name = str(self._zone)
        hours, minutes = divmod(abs(self.offset_ms(now_ms)) // 60_000, 60)
        ahead = f"UTC{'−' if self.offset_ms(now_ms) < 0 else '+'}{hours}{f':{minutes:02}' if minutes else ''}"
        said = _ZONES.get(name)
        return f"{said.of(language)} ({name}, {ahead})" if said else f"{name} ({ahead})"

    def offset_ms(self, now_ms: int) -> int:
        """What to add to a moment so that its UTC digits read as local time, for the charts' axis."""
        moment = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(self._zone)
        offset = moment.utcoffset()
        return int(offset.total_seconds() * 1000) if offset else 0

    def _telling_time(self, language: Language, now_ms: int) -> dict[str, Callable[..., str]]:
        words = page_words(language)

        def age(ms: int) -> str:
            unit, number = times.age(ms, now_ms=now_ms)
            return words[f"ages.{unit}"].format(n=number)

        def span(seconds: int) -> str:
            unit, number = times.span(seconds)
            return words[f"spans.{unit}"].format(n=number)

        def clock(ms: int | None) -> str:
            return times.clock_text(ms, self._zone, now_ms=now_ms)

        return {"clock": clock, "age": age, "span": span}


def _speaking(language: Language, applied: Applied | None) -> dict[str, Callable[..., Any]]:
    """For templates: `t` the pages' own, `named` states, `why` reasons, `called` indicators."""
    words = page_words(language)
    known = applied.names if applied else {}

    def t(key: str, **args: object) -> str:
        return words[key].format(**args) if args else words[key]

    def has(key: str) -> bool:
        return key in words

    def called(code: str) -> str:
        return known[code].name.of(language) if code in known else code

    def briefly(code: str) -> str:
        return known[code].short.of(language) if code in known else code

    def facts(code: str) -> IndicatorName:
        return known.get(code, _NOBODY_KNOWS)

    def why(reason: Reason) -> str:
        return worded(reason, language)

    def of(text: Text) -> str:
        return text.of(language)

    return {
        "t": t,
        "has": has,
        "named": lambda kind, code: name(kind, code, language),
        "called": called,
        "briefly": briefly,
        "facts": facts,
        "why": why,
        "of": of,
    }


def rounded(text: str | None, digits: int) -> str:
    """Decimal text with at most `digits` decimals, its thousands apart; anything else as it is.

    The text has been rounded once already, so a tie goes down: nothing is rounded up twice, over a threshold.
    """
    if text is None:
        return "—"
    number = _shown(text, digits)
    return text if number is None else f"{number:,f}"


def _shown(text: str, digits: int) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    if -int(number.as_tuple().exponent) <= digits:
        return number
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_DOWN)


def grouped(value: int | None) -> str:
    """A whole number with its thousands apart."""
    return "—" if value is None else f"{value:,}"


def apart(text: str) -> str:
    """A sentence in which every number stands for an amount: the thousands of each apart."""
    return _LARGE.sub(lambda found: f"{int(found[0]):,}", text)


def signed(observed: str | None, declared: str | None) -> str | None:
    """Observed minus declared, of the figures as they are printed beside it."""
    if observed is None or declared is None:
        return None
    after, before = _shown(observed, 2), _shown(declared, 2)
    if after is None or before is None or after == before:
        return None
    return f"{(after - before).normalize():+,f}".replace("-", "−")
