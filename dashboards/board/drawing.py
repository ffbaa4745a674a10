"""Charts of the pages in a reader's language and zone: what is drawn, and what stands beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboards.board.charts import Frame, Limit, Series, line_chart
from dashboards.board.history import ChartLine, History
from dashboards.board.trends import Trend, TrendPage
from dashboards.board.words import page_words
from rules.words import name
from runtime.language import Language

_DAY_MS = 86_400_000
# Evaluations may miss a day or two; a longer silence is a gap in the line.
_TREND_GAP_MS = 3 * _DAY_MS


@dataclass(frozen=True)
class Drawing:
    """Draws for one reader."""

    language: Language
    zone: ZoneInfo

    def trend(self, trend: Trend, page: TrendPage, unit: str) -> Markup:
        return _trend(self.language, trend, page.first, page.last, unit)

    def history(self, lines: tuple[ChartLine, ...], history: History, unit: str) -> Markup:
        series = [
            Series(name=self.line_name(line), points=tuple(zip(line.times_ms, line.values, strict=True)))
            for line in lines
        ]
        frame = Frame(
            begin_ms=history.since_ms,
            end_ms=history.until_ms,
            gap_ms=2 * history.window_ms,
            moment=self._clock(history.until_ms - history.since_ms),
            unit=unit,
        )
        return line_chart(series, frame)

    def line_name(self, line: ChartLine) -> str:
        return page_words(self.language).get(f"history.{line.name}", line.name)

    def _clock(self, span_ms: int) -> Callable[[int], str]:
        pattern = "%H:%M" if span_ms <= _DAY_MS else "%m-%d %H:%M"
        return lambda ms: datetime.fromtimestamp(ms / 1000, self.zone).strftime(pattern)


# Every reader of a page sees the same few charts, and a year of one is a thousand points to write.
@lru_cache(maxsize=256)
def _trend(language: Language, trend: Trend, first: date, last: date, unit: str) -> Markup:
    series = [
        Series(
            name=name("stages", line.stage, language),
            points=tuple((_noon(day), value) for day, value in line.points),
        )
        for line in trend.lines
    ]
    limits = [
        Limit(name=f"{name('stages', line.stage, language)} {line.limit:,g}", value=line.limit)
        for line in trend.lines
        if line.limit is not None
    ]
    year = (last - first) > timedelta(days=200)
    frame = Frame(
        begin_ms=_noon(first),
        end_ms=_noon(last),
        gap_ms=_TREND_GAP_MS,
        moment=lambda ms: f"{datetime.fromtimestamp(ms / 1000, UTC):{'%Y-%m' if year else '%m-%d'}}",
        unit=unit,
        top=100.0 if unit == "%" else 0.0,
    )
    return line_chart(series, frame, limits)


def _noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
