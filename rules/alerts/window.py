"""The rows of a span, read in bounded pages: at every instant those that asking then would give."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from rules.alerts.machine import NEVER_SEEN, AlertStanding, Sighting, stirs
from rules.alerts.notices import AlertKey
from rules.alerts.rules_file import AlertRule
from rules.alerts.signals import (
    SIGNALS,
    SubjectKey,
    newest_rows,
    query_of,
    sample_of,
    subject_of,
    supersedes,
)
from rules.stored.rounds import Rounds, read_rounds_of
from store import Condition, Query, Row, Select, Store

# An hour of a district whose every access point is in trouble still fits in memory.
PAGE_MS = 3_600_000
# So many names are asked for one by one; of more, everything is read.
_MOST_NAMES = 300


def pages(instants: Sequence[int]) -> Iterator[list[int]]:
    """Instants in order, those of one page together."""
    page: list[int] = []
    for instant in instants:
        if page and instant - page[0] >= PAGE_MS:
            yield page
            page = []
        page.append(instant)
    if page:
        yield page


class Window:
    """One rule's newest rows, moved through time. Of subjects that are not `wanted` nothing is read."""

    def __init__(self, store: Store, rule: AlertRule) -> None:
        self._store = store
        self._rule = rule
        self._fresh_ms = rule.fresh_s * 1000
        self._newest: dict[SubjectKey, Row] = {}
        self._wanted: Collection[SubjectKey] | None = frozenset()
        self._reached_ms: int | None = None
        self._coming: list[Row] = []
        self._of_evaluations = SIGNALS[rule.signal].rounds == "evaluation"
        self._rounds = Rounds(())

    def turn(self, instants: Sequence[int], wanted: Collection[SubjectKey] | None) -> None:
        """Read a page: what is newest at its first instant, and all that comes after. None: everything."""
        first, last = instants[0], instants[-1]
        self._rounds = self._read_rounds(max(0, first - self._fresh_ms), last + 1)
        reached = self._reached_ms
        carried = reached is not None and first - reached <= PAGE_MS
        if not carried:
            self._newest, self._wanted = {}, frozenset()
        added = self._added(wanted)
        if wanted is not None:
            self._newest = {subject: row for subject, row in self._newest.items() if subject in wanted}
        if added is None or added:
            oldest = max(0, first - self._fresh_ms)
            standing = oldest if self._rounds.since_ms is None else min(oldest, self._rounds.since_ms)
            rows = self._read(standing, first + 1, added, newest=1)
            self._newest |= newest_rows(rows, self._rule)
        since = first + 1 if reached is None or not carried else reached + 1
        rows = [] if wanted is not None and not wanted else self._read(since, last + 1, wanted)
        self._coming = sorted(rows, key=lambda row: row.time or 0, reverse=True)
        self._wanted, self._reached_ms = wanted, last

    def rows(self, instant_ms: int) -> dict[SubjectKey, Row]:
        """The newest fresh row of every subject; instants of the page in order."""
        while self._coming and (self._coming[-1].time or 0) <= instant_ms:
            row = self._coming.pop()
            subject = subject_of(self._rule, row)
            known = self._newest.get(subject)
            if known is None or supersedes(row, known):
                self._newest[subject] = row
        oldest = instant_ms - self._fresh_ms
        stood = {subject: self._stood(row, instant_ms) for subject, row in self._newest.items()}
        return {subject: row for subject, row in stood.items() if (row.time or 0) >= oldest}

    def _stood(self, row: Row, instant_ms: int) -> Row:
        return self._rounds.stood(row, until=instant_ms) if self._of_evaluations else row

    def _read_rounds(self, since_ms: int, until_ms: int) -> Rounds:
        return (
            read_rounds_of(self._store, since=since_ms, until=until_ms)
            if self._of_evaluations
            else Rounds(())
        )

    def _added(self, wanted: Collection[SubjectKey] | None) -> Collection[SubjectKey] | None:
        if self._wanted is None:
            return frozenset()
        return None if wanted is None else frozenset(wanted).difference(self._wanted)

    def _read(
        self,
        since_ms: int,
        until_ms: int,
        wanted: Collection[SubjectKey] | None,
        *,
        newest: int | None = None,
    ) -> list[Row]:
        where = () if wanted is None else _named(self._rule, wanted)
        query = query_of(self._rule, since_ms=since_ms, until_ms=until_ms, newest=newest, where=where)
        rows = self._store.query(query)
        if wanted is None:
            return rows
        return [row for row in rows if subject_of(self._rule, row) in wanted]


def stirring(
    store: Store, rule: AlertRule, standings: Mapping[AlertKey, AlertStanding], instants: Sequence[int]
) -> set[SubjectKey] | None:
    """The subjects that a page of instants may change; None: any. The store only counts for this."""
    signal = SIGNALS[rule.signal]
    if signal.bad is None or signal.good is None or rule.fires_at <= 0:
        return None
    first, last = max(0, instants[0] - rule.fresh_s * 1000), instants[-1] + 1
    if signal.rounds == "evaluation":
        # What was stored before and stands still may change something as well.
        whole_ms = read_rounds_of(store, since=first, until=last).since_ms
        first = first if whole_ms is None else min(first, whole_ms)
    found = {
        (key[0], key[1], key[3])
        for key, standing in standings.items()
        if key[2] == rule.name and standing.status != "inactive"
    }
    bad = _having(store, rule, signal.bad, first, last)
    if rule.fires_from == "anywhere":
        return found | bad
    good = _having(store, rule, signal.good, first, last)
    if rule.recovers_at > 0:
        good |= bad
    known_good = {
        (key[0], key[1], key[3])
        for key, standing in standings.items()
        if key[2] == rule.name and standing.seen_good
    }
    return found | (bad & known_good) | (good - known_good)


def stirring_samples(
    rule: AlertRule,
    rows: Mapping[SubjectKey, Row],
    standings: Mapping[AlertKey, AlertStanding],
    instant_ms: int,
) -> dict[SubjectKey, Sighting]:
    """The samples that can change anything where these stand; the others are not even put into words."""
    value = SIGNALS[rule.signal].value
    found: dict[SubjectKey, Sighting] = {}
    for subject, row in rows.items():
        standing = standings.get((subject[0], subject[1], rule.name, subject[2]), NEVER_SEEN)
        if stirs(rule, standing, value(row, instant_ms)):
            found[subject] = sample_of(rule, row, instant_ms)
    return found


def _having(
    store: Store, rule: AlertRule, what: tuple[Condition, ...], since_ms: int, until_ms: int
) -> set[SubjectKey]:
    plain = query_of(rule, since_ms=since_ms, until_ms=until_ms, where=what)
    counted = Query(
        measurement=plain.measurement,
        select=(Select(what[0].column, "count"),),
        group_by=plain.group_by,
        where=plain.where,
        since=since_ms,
        until=until_ms,
    )
    return {subject_of(rule, row) for row in store.query(counted)}


def _named(rule: AlertRule, wanted: Collection[SubjectKey]) -> tuple[Condition, ...]:
    """What narrows a query down to these subjects and little else."""
    schools = sorted({school for _, school, _ in wanted})
    where = [Condition("school", "=", tuple(schools))]
    tags = SIGNALS[rule.signal].subject
    if len(tags) == 1:
        names = sorted({subject for *_, subject in wanted})
        where.append(Condition(tags[0], "=", tuple(names)))
    return tuple(
        asked for asked in where if isinstance(asked.value, tuple) and len(asked.value) <= _MOST_NAMES
    )
