"""Subjects that are not seen: silence proves nothing, whole rounds without them prove that they are gone."""

from collections.abc import Iterable, Iterator, Mapping

from contract import MEASUREMENTS
from registry import Registry
from rules.alerts.machine import Absence, AlertStanding, Sighting
from rules.alerts.notices import AlertKey
from rules.alerts.rules_file import AlertRule
from rules.alerts.signals import SIGNALS, SubjectKey, newest_of, subject_of
from rules.stored.tables import DISTRICT_INDICATOR
from store import Condition, Query, Row, Select, Store

_HOUR_MS = 3_600_000
_RUN = MEASUREMENTS["collector_run"]

# A place (school and gateway, or district), and the collectors that went round there.
_Scope = tuple[Condition, ...]


def registered(registry: Registry, rule: AlertRule, key: AlertKey) -> bool:
    """Whether the registry still has the school, and the room where the alert is about one."""
    district, code, _, subject = key
    school = registry.schools.get(code)
    if school is None:
        whose = SIGNALS[rule.signal].whose
        return (whose == "strangers" and subject == code) or (whose == "bureau" and not code)
    if SIGNALS[rule.signal].rounds == "evaluation" and school.district != district:
        return False
    return SIGNALS[rule.signal].subject != ("room",) or any(
        room.room == subject for room in registry.rooms_of.get(code, ())
    )


class Absences:
    """Looks after what is not seen.

    One that serves a replay may look ahead in the store to `until_ms`: it asks once for what would be asked
    at every instant, and never tells of a round before its time.
    """

    def __init__(self, store: Store, *, until_ms: int | None = None) -> None:
        self._store = store
        self._until_ms = until_ms
        self._scopes: dict[tuple[AlertKey, int], tuple[_Scope, ...]] = {}
        self._whole: dict[tuple[_Scope, int], int | None] = {}

    def look(
        self,
        rules: Iterable[AlertRule],
        registry: Registry,
        standings: Mapping[AlertKey, AlertStanding],
        seen: Mapping[str, Mapping[SubjectKey, Sighting]],
        instant_ms: int,
    ) -> dict[AlertKey, Absence]:
        """What is known of everything that pends or fires and has no sample; raises store.Unavailable."""
        by_name = {rule.name: rule for rule in rules}
        found: dict[AlertKey, Absence] = {}
        for key, standing in standings.items():
            district, school, name, subject = key
            if standing.status not in {"pending", "firing"} or name not in by_name:
                continue
            known = registered(registry, by_name[name], key)
            if known and (district, school, subject) not in seen[name]:
                found[key] = self._absence(by_name[name], key, standing, instant_ms)
        return found

    def _absence(self, rule: AlertRule, key: AlertKey, standing: AlertStanding, instant_ms: int) -> Absence:
        fresh_ms, heard_ms = rule.fresh_s * 1000, standing.silent_since_ms
        if heard_ms is None:
            # The sample that changed it last was fresh then.
            since_ms = max(0, standing.changed_ms - fresh_ms)
            rows = self._rows(rule, key, since_ms, instant_ms + 1)
            heard_ms = max((row.time or 0 for row in rows), default=standing.changed_ms)
        # A round counts once the subject is no longer fresh: within one, not all is seen at once.
        missed_ms = standing.missed_ms
        if missed_ms is None:
            missed_ms = self._first_whole(rule, key, heard_ms, heard_ms + fresh_ms, instant_ms)
        gone_ms = None
        if missed_ms is not None:
            gone_ms = self._first_whole(rule, key, heard_ms, missed_ms + rule.gone_after_s * 1000, instant_ms)
        if gone_ms is not None:
            # The rounds may only just have come back after an outage, and it with them.
            gone_ms = self._first_whole(rule, key, heard_ms, gone_ms + fresh_ms, instant_ms)
        return Absence(heard_ms=heard_ms, missed_ms=missed_ms, gone_ms=gone_ms)

    def _rows(self, rule: AlertRule, key: AlertKey, since_ms: int, until_ms: int) -> list[Row]:
        """The subject's own rows, the newest of each of its series."""
        signal, (district, school, _, subject) = SIGNALS[rule.signal], key
        where: tuple[Condition, ...] = (
            Condition("district", "=", district),
            Condition("school", "=", school),
        )
        if len(signal.subject) == 1:
            where = (*where, Condition(signal.subject[0], "=", subject))
        rows = newest_of(self._store, rule, since_ms=since_ms, until_ms=until_ms, where=where)
        return [row for row in rows if subject_of(rule, row) == (district, school, subject)]

    def _first_whole(
        self, rule: AlertRule, key: AlertKey, heard_ms: int, since_ms: int, instant_ms: int
    ) -> int | None:
        """The first moment at or after `since_ms` when all that used to see the subject had gone round."""
        if instant_ms < since_ms:
            return None
        if (key, heard_ms) not in self._scopes:
            self._scopes[key, heard_ms] = tuple(self._scopes_of(rule, key, heard_ms))
        scopes = self._scopes[key, heard_ms]
        moments = [self._next(scope, since_ms, instant_ms) for scope in scopes]
        if not moments or None in moments:
            return None
        latest = max(moment for moment in moments if moment is not None)
        return latest if latest <= instant_ms else None

    def _scopes_of(self, rule: AlertRule, key: AlertKey, heard_ms: int) -> Iterator[_Scope]:
        """Which rounds would show it. A round's readings and its collector run carry the same time."""
        rounds = SIGNALS[rule.signal].rounds
        if rounds == "evaluation":
            yield (Condition("district", "=", key[0]),)
        if rounds == "collector":
            for gateway in sorted(
                {row.tags["gateway"] for row in self._rows(rule, key, heard_ms, heard_ms + 1)}
            ):
                yield from self._collectors_at(key[1], gateway, heard_ms)

    def _collectors_at(self, school: str, gateway: str, moment_ms: int) -> Iterator[_Scope]:
        where = (Condition("school", "=", school), Condition("gateway", "=", gateway))
        rows = self._store.query(
            Query(
                measurement=_RUN,
                select=(Select("status"),),
                group_by=("collector",),
                where=where,
                since=moment_ms,
                until=moment_ms + 1,
            )
        )
        for name in sorted({row.tags["collector"] for row in rows}):
            yield (*where, Condition("collector", "=", name))

    def _next(self, scope: _Scope, since_ms: int, instant_ms: int) -> int | None:
        """The first whole round at or after a moment; where there is none yet, a live look asks again."""
        until_ms = instant_ms + 1 if self._until_ms is None else self._until_ms
        if (scope, since_ms) not in self._whole:
            self._whole[scope, since_ms] = self._search(scope, since_ms, until_ms)
        return self._whole[scope, since_ms]

    def _search(self, scope: _Scope, since_ms: int, until_ms: int) -> int | None:
        length = _HOUR_MS
        while since_ms < until_ms:
            end_ms = min(until_ms, since_ms + length)
            rows = self._store.query(_whole_rounds(scope, since_ms, end_ms))
            if rows:
                return min(row.time or 0 for row in rows)
            since_ms, length = end_ms, length * 2
        return None


def _whole_rounds(scope: _Scope, since_ms: int, until_ms: int) -> Query:
    of_collector = len(scope) > 1
    whole = Condition("status", "=", "ok") if of_collector else Condition("indicator", "=", "wireless")
    return Query(
        measurement=_RUN if of_collector else DISTRICT_INDICATOR,
        select=(Select("status" if of_collector else "passing"),),
        where=(*scope, whole),
        since=since_ms,
        until=until_ms,
    )
