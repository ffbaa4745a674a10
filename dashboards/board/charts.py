"""Line charts as SVG: drawn here, so that a page needs neither a library nor a script for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

# In the units of the drawing; the page scales it with its text.
_WIDTH, _HEIGHT = 340, 140
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 8, 8, 20
_Y_TICKS, _X_TICKS = 4, 5
# So far from the one before it a point has a tooltip of its own: nearer ones would lie under one another.
_TOLD_APART = 2.5

# Markup's own format escapes whatever is put in.
_SVG = Markup('<svg class="lines" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
_RULE = Markup('<path class="grid" d="M{} {}H{}"/>')
_TICK = Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
_LIMIT = Markup('<path class="limit" d="M{} {}H{}"><title>{}</title></path>')
_PATH = Markup('<path class="line line-{}" d="M{}"/>')
_DOT = Markup('<circle class="dot line-{}" cx="{}" cy="{}" r="2.4"/>')
_TIP = Markup('<circle class="tip" cx="{}" cy="{}" r="6"><title>{}</title></circle>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: moments and values in order. Where a step is longer than the chart's gap it is broken."""

    name: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A line across: what is to be kept or reached."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a chart spans, and how its moments and values are told."""

    begin_ms: int
    end_ms: int
    gap_ms: int
    moment: Callable[[int], str]
    unit: str = ""
    top: float = 0.0  # the scale reaches at least so far


def line_chart(series: Sequence[Series], frame: Frame, limits: Sequence[Limit] = ()) -> Markup:
    """The chart alone: the legend stands beside it and covers nothing. Lines differ by dash as by colour."""
    values = [value for line in series for _, value in line.points] + [limit.value for limit in limits]
    ticks = _ticks([*values, frame.top])
    scale = _Scale(frame, ticks[0], ticks[-1])
    parts = [*_grid(ticks, scale), *_times(scale)]
    for limit in limits:
        parts += _limit(limit, scale)
    for number, line in enumerate(series):
        parts += _line(line, number, scale)
    return _SVG.format(_WIDTH, _HEIGHT, _spoken(series, frame), Markup().join(parts))


@dataclass(frozen=True)
class _Scale:
    frame: Frame
    low: float
    high: float

    def x(self, ms: int) -> float:
        span = max(1, self.frame.end_ms - self.frame.begin_ms)
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (ms - self.frame.begin_ms) / span, 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share, 1)


def _ticks(values: Sequence[float]) -> list[float]:
    """Round figures from 0 (or below the least) to above the greatest."""
    high, low = max([*values, 0.0]), min([*values, 0.0])
    step = _step((high - low) / _Y_TICKS if high > low else 1.0)
    first, last = floor(low / step), -floor(-high / step)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 … that is no less."""
    power = 10.0 ** floor(log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999)


def _grid(ticks: Sequence[float], scale: _Scale) -> Iterator[Markup]:
    for tick in ticks:
        y = scale.y(tick)
        yield _RULE.format(_LEFT, y, _WIDTH - _RIGHT)
        yield _TICK.format(_LEFT - 6, y + 3.5, "end", f"{tick:,g}")


def _times(scale: _Scale) -> Iterator[Markup]:
    frame = scale.frame
    for number in range(_X_TICKS):
        ms = frame.begin_ms + (frame.end_ms - frame.begin_ms) * number // (_X_TICKS - 1)
        anchor = "start" if number == 0 else "end" if number == _X_TICKS - 1 else "middle"
        yield _TICK.format(scale.x(ms), _HEIGHT - 6, anchor, frame.moment(ms))


def _limit(limit: Limit, scale: _Scale) -> Iterator[Markup]:
    yield _LIMIT.format(_LEFT, scale.y(limit.value), _WIDTH - _RIGHT, limit.name)


def _line(line: Series, number: int, scale: _Scale) -> Iterator[Markup]:
    for piece in _unbroken(line.points, scale.frame.gap_ms):
        if len(piece) > 1:
            path = "L".join(f"{scale.x(ms)} {scale.y(value)}" for ms, value in piece)
            yield _PATH.format(number, path)
        else:
            ((ms, value),) = piece
            yield _DOT.format(number, scale.x(ms), scale.y(value))
    yield from _told(line, scale)


def _told(line: Series, scale: _Scale) -> Iterator[Markup]:
    """The newest point always, and of those before it the ones that can be pointed at."""
    shown: list[tuple[int, float]] = []
    for ms, value in reversed(line.points):
        if not shown or scale.x(shown[-1][0]) - scale.x(ms) >= _TOLD_APART:
            shown.append((ms, value))
    for ms, value in reversed(shown):
        text = f"{scale.frame.moment(ms)} · {line.name} {value:,g}{scale.frame.unit}"
        yield _TIP.format(scale.x(ms), scale.y(value), text)


def _unbroken(points: Sequence[tuple[int, float]], gap_ms: int) -> Iterator[list[tuple[int, float]]]:
    piece: list[tuple[int, float]] = []
    for point in points:
        if piece and point[0] - piece[-1][0] > gap_ms:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _spoken(series: Sequence[Series], frame: Frame) -> str:
    """The newest figures, for who hears the page."""
    return ", ".join(f"{line.name} {line.points[-1][1]:,g}{frame.unit}" for line in series if line.points)
