"""Whatever the unknown amounts turn out to be, the district's figures lie in the printed range."""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.judging.balance import Sums, add_up
from rules.judging.balance_range import Span, cv_squared_range, mean_range, variance_range

_NOTHING_KNOWN = Sums()
_AMOUNT = st.integers(0, 60).map(lambda number: Fraction(number, 2))


@st.composite
def _span(draw: st.DrawFn) -> Span:
    low = draw(_AMOUNT)
    width = draw(st.just(Fraction(0)) | _AMOUNT)
    return Span(draw(st.integers(1, 900)), low, low + width)


@st.composite
def _span_with_amount(draw: st.DrawFn) -> tuple[Span, Fraction]:
    span = draw(_span())
    assert span.high is not None
    amount = span.low + (span.high - span.low) * Fraction(draw(st.integers(0, 12)), 12)
    unbounded = draw(st.integers(0, 9)) == 0
    return (span._replace(high=None) if unbounded else span), amount


@settings(max_examples=400, deadline=None)
@given(st.lists(_span_with_amount(), min_size=1, max_size=7))
def test_the_true_figures_lie_in_the_range(drawn: list[tuple[Span, Fraction]]) -> None:
    spans = [span for span, _ in drawn]
    sums = add_up((span.pupils, amount) for span, amount in drawn)
    for bounds, true in (
        (mean_range(_NOTHING_KNOWN, spans), sums.mean),
        (variance_range(_NOTHING_KNOWN, spans), sums.variance),
        (cv_squared_range(_NOTHING_KNOWN, spans), sums.cv_squared),
    ):
        if true is not None:
            assert bounds is not None
            assert bounds.low <= true
            assert bounds.high is None or true <= bounds.high


@settings(max_examples=200, deadline=None)
@given(st.lists(_span_with_amount(), min_size=1, max_size=6), st.integers(0, 6))
def test_sections_that_are_known_may_be_added_up_before(
    drawn: list[tuple[Span, Fraction]], known: int
) -> None:
    fixed = [Span(span.pupils, amount, amount) for span, amount in drawn[:known]]
    rest = [span for span, _ in drawn[known:]]
    added = add_up((span.pupils, span.low) for span in fixed)
    for ranged in (mean_range, cv_squared_range):
        apart, together = ranged(_NOTHING_KNOWN, [*fixed, *rest]), ranged(added, rest)
        if apart is None or together is None:
            assert apart == together
        else:
            assert apart.low == together.low
            assert (apart.high is None) == (together.high is None)


@settings(max_examples=200, deadline=None)
@given(st.lists(_span_with_amount(), min_size=1, max_size=6))
def test_what_is_wholly_known_is_one_figure(drawn: list[tuple[Span, Fraction]]) -> None:
    spans = [Span(span.pupils, amount, amount) for span, amount in drawn]
    sums = add_up((span.pupils, span.low) for span in spans)
    bounds = cv_squared_range(_NOTHING_KNOWN, spans)
    if sums.cv_squared is None:
        assert bounds is None
    else:
        assert bounds is not None
        assert (sums.cv_squared, sums.cv_squared) == (bounds.low, bounds.high)


@settings(max_examples=200, deadline=None)
@given(st.lists(_span(), min_size=1, max_size=5))
def test_the_greatest_coefficient_is_that_of_the_worst_corner(spans: list[Span]) -> None:
    corners = [
        squared
        for amounts in product(*((span.low, span.high or span.low) for span in spans))
        if (
            squared := add_up(
                (span.pupils, amount) for span, amount in zip(spans, amounts, strict=True)
            ).cv_squared
        )
        is not None
    ]
    bounds = cv_squared_range(_NOTHING_KNOWN, spans)
    if not corners:
        assert bounds is None
        return
    assert bounds is not None
    assert bounds.high is not None
    assert max(corners) == bounds.high
    # The least is reached inside the box or at a corner, never above one.
    assert bounds.low <= min(corners)


@settings(max_examples=200, deadline=None)
@given(st.lists(_span(), min_size=2, max_size=6), st.data())
def test_knowing_less_only_widens_the_range(spans: list[Span], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(spans) - 1))
    less = [
        Span(span.pupils, span.low / 2, None if span.high is None else span.high + 1)
        if number == place
        else span
        for number, span in enumerate(spans)
    ]
    before, after = cv_squared_range(_NOTHING_KNOWN, spans), cv_squared_range(_NOTHING_KNOWN, less)
    if before is not None:
        assert after is not None
        assert after.low <= before.low
        assert before.high is None or after.high is None or before.high <= after.high


def test_many_unknown_sections_have_a_bound_that_holds() -> None:
    spans = [Span(100 + number, Fraction(number % 3), Fraction(number % 3 + 2)) for number in range(14)]
    bounds = cv_squared_range(_NOTHING_KNOWN, spans)
    assert bounds is not None
    assert bounds.high is not None
    worst = max(
        add_up((span.pupils, amount) for span, amount in zip(spans, amounts, strict=True)).cv_squared or 0
        for amounts in product(*((span.low, span.high or span.low) for span in spans))
    )
    assert worst <= bounds.high <= worst * Fraction(6, 5)


def test_one_section_is_always_balanced() -> None:
    bounds = cv_squared_range(_NOTHING_KNOWN, [Span(87, Fraction(2), Fraction(5))])
    assert bounds is not None
    assert (0, 0) == (bounds.low, bounds.high)


def test_one_unknown_room_of_two_schools() -> None:
    spans = [Span(100, Fraction(2), Fraction(2)), Span(100, Fraction(1), Fraction(3))]
    bounds = cv_squared_range(_NOTHING_KNOWN, spans)
    assert bounds is not None
    # 2 and 1 rooms: mean 1.5, deviation 0.5; 2 and 2 are alike.
    assert (Fraction(0), Fraction(1, 9)) == (bounds.low, bounds.high)
