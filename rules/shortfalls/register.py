"""The register with its names: whose shortfall, how much is missing, who answers for it, until when."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from registry import Measure, Registry
from rules.shortfalls.fold import STATES, ShortfallItem, ShortfallRegister, ShortfallState, fold
from rules.shortfalls.history import days_of
from rules.standards.naming import IndicatorName, indicator_names, unnamed
from rules.standards.standard import Standard
from runtime.language import Text
from store import Store

# Worst first: what fell back, what nobody has begun, what is under way, what waits, what is done.
_ORDER: tuple[ShortfallState, ...] = ("reopened", "open", "in_progress", "awaiting", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """One item of the register as people read it. `unit` is that of `item.known.gap`.

    sign: on which side of its target it should lie.
    """

    item: ShortfallItem
    school: str
    indicator: Text
    unit: str
    sign: str
    responsible: str | None
    measure: Measure | None
    overdue: bool

    @property
    def deadline(self) -> date | None:
        return self.measure.deadline if self.measure else None


@dataclass(frozen=True, kw_only=True)
class Shortfalls:
    """The whole register on one day; `evaluated` is the last day that had an evaluation."""

    as_of: date
    standard: str
    pass_days: int
    evaluated: date | None
    rows: tuple[Shortfall, ...]

    @property
    def counts(self) -> dict[ShortfallState, int]:
        counted = Counter(row.item.state for row in self.rows)
        return {state: counted[state] for state in STATES}


def shortfalls(store: Store, registry: Registry, standard: Standard, *, as_of: date) -> Shortfalls:
    """Fold everything up to `as_of`. Raises store.Unavailable."""
    source = ShortfallSource(store)
    return source.read(registry, standard, as_of=as_of)


class ShortfallSource:
    """Reads the register again and again: days that are over are folded once. Not for two threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._basis: object = None
        self._past: ShortfallRegister = {}
        self._until: date | None = None

    def read(self, registry: Registry, standard: Standard, *, as_of: date) -> Shortfalls:
        measures = measures_of(registry)
        pass_days = standard.register_rule.pass_days
        basis = (measures, pass_days, registry.calendar)
        if basis != self._basis or (self._until is not None and as_of <= self._until):
            self._basis, self._past, self._until = basis, {}, None
        # What never failed is in no register: most of a history need not be read.
        days = [
            day
            for day in days_of(
                self._store, registry.calendar, since=self._until, until=as_of, known=self._past.keys()
            )
            if day.day != self._until
        ]
        folding = partial(fold, pass_days=pass_days, measures=measures)
        over = [day for day in days if day.day < as_of]
        if over:
            self._past, self._until = folding(over, start=self._past), over[-1].day
        found = folding(days[len(over) :], start=self._past)
        evaluated = days[-1].day if days else self._until
        return name(found, registry, standard, as_of=as_of, evaluated=evaluated)


def measures_of(registry: Registry) -> dict[tuple[str, str, str], tuple[Measure, ...]]:
    """The measures sheet by (school code, stage, indicator)."""
    found: dict[tuple[str, str, str], list[Measure]] = defaultdict(list)
    for measure in registry.measures:
        found[measure.school_code, measure.stage, measure.indicator].append(measure)
    return {key: tuple(measures) for key, measures in found.items()}


def name(
    register: ShortfallRegister,
    registry: Registry,
    standard: Standard,
    *,
    as_of: date,
    evaluated: date | None,
) -> Shortfalls:
    """Put names to a folded register."""
    measures = measures_of(registry)
    names = indicator_names(standard)
    rows = [_row(item, registry, names, measures, as_of) for item in register.values()]
    rows.sort(key=lambda row: (_ORDER.index(row.item.state), not row.overdue, row.item.key))
    return Shortfalls(
        as_of=as_of,
        standard=standard.name,
        pass_days=standard.register_rule.pass_days,
        evaluated=evaluated,
        rows=tuple(rows),
    )


def _row(
    item: ShortfallItem,
    registry: Registry,
    names: Mapping[str, IndicatorName],
    measures: Mapping[tuple[str, str, str], Sequence[Measure]],
    as_of: date,
) -> Shortfall:
    _, code, _, indicator = item.key
    school = registry.schools.get(code)
    measure = _current(measures.get(item.key[1:], ()), as_of)
    deadline = measure.deadline if measure else None
    named = names.get(indicator) or unnamed(indicator)
    return Shortfall(
        item=item,
        school=school.name if school else code,
        indicator=named.name,
        unit=named.unit,
        sign=named.sign,
        responsible=(measure.responsible if measure else None) or (school.unit if school else None),
        measure=measure,
        overdue=item.state != "closed" and deadline is not None and deadline < as_of,
    )


def _current(measures: Sequence[Measure], as_of: date) -> Measure | None:
    """The measure begun last; one that begins later stands in only where there is no other."""
    begun = [measure for measure in measures if measure.started is None or measure.started <= as_of]
    return max(begun or measures, key=lambda measure: measure.started or date.min, default=None)
