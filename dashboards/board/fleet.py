"""Which settings and which program every gateway should run and runs, and why one does not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from contract import STATUS, WANTED, utc_ms
from contract.standing import Outcome, SettingsState, settings_state
from dashboards.board.names import Names
from dashboards.board.newest import DAY, MINUTE, Newest
from dashboards.board.rows import int_of, text_of
from rules.words import NOTHING, Reason, stored, worded
from runtime.language import Language
from store import Condition, Row, Store

# Who was not heard for longer is away; a gateway says something every minute.
_LIVE_MS = 15 * MINUTE
# What fails first, then what is under way, then what is as it should be.
ORDER: tuple[SettingsState, ...] = (
    "rolled_back",
    "refused",
    "unable",
    "kept_own",
    "sent",
    "trial",
    "away",
    "running",
    "own",
)
_FIELDS = (
    "version",
    "settings_version",
    "settings_since",
    "settings_trial",
    "settings_unproven",
    "settings_master",
    "settings_changed",
    "settings_not_taken",
    "settings_not_taken_at",
    "settings_outcome",
    "settings_reason",
)
_EVER = 20 * 366 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetLine:
    """One gateway. wanted None: nothing is wanted of it; running None: it does not say, 0: the own file.

    `why`: the last version that was not taken, whether or not another runs by now.
    """

    district: str
    school: str
    name: str
    gateway: str
    state: SettingsState
    wanted: int | None
    wanted_own: bool
    wanted_ms: int | None
    running: int | None
    since_ms: int | None
    software: str | None
    wanted_software: str | None
    heard_ms: int | None
    changed_here: bool
    unproven: str
    not_taken: int | None
    not_taken_ms: int | None
    why: Reason

    @property
    def other_program(self) -> bool:
        """Whether another version of the program should be installed."""
        return self.wanted_software is not None and self.software not in {None, self.wanted_software}


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPage:
    """Gateways, those first that somebody must see to."""

    now_ms: int
    lines: tuple[FleetLine, ...]

    @property
    def counts(self) -> dict[SettingsState, int]:
        counted = Counter(line.state for line in self.lines)
        return {state: counted[state] for state in ORDER if counted[state]}

    @property
    def changed_here(self) -> int:
        return sum(line.changed_here for line in self.lines)

    @property
    def other_programs(self) -> int:
        return sum(line.other_program for line in self.lines)

    @property
    def programs(self) -> list[tuple[str, int]]:
        """How many gateways run each version of the program, most first."""
        counted = Counter(line.software for line in self.lines if line.software)
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


class FleetSource:
    """Reads it; not to be used by two threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        tags = STATUS.tag_names
        connected = (Condition("online", "=", True),)
        self._statuses = Newest(
            STATUS, tags=tags, key=tags[1:], lookbacks=(30 * DAY,), fields=_FIELDS, where=connected
        )
        self._wanted = Newest(WANTED, tags=WANTED.tag_names, key=WANTED.tag_names[1:], lookbacks=(_EVER,))

    def read(self, names: Names, *, now_ms: int) -> FleetPage:
        """Raises store.Unavailable."""
        statuses = {_place(row): row for row in self._statuses.read(self._store, now_ms=now_ms)}
        wanted = {_place(row): row for row in self._wanted.read(self._store, now_ms=now_ms)}
        places = {*statuses, *wanted}
        if names.registry is not None:
            # A school that left the registry has no gateway any more.
            places = {place for place in places if place[0] in names.registry.schools}
        lines = [_line(place, wanted.get(place), statuses.get(place), names, now_ms) for place in places]
        return FleetPage(now_ms=now_ms, lines=tuple(sorted(lines, key=_first)))


def line_text(language: Language, state: str, line: FleetLine) -> str:
    """What a line is found by; `state` in words."""
    parts = (line.name, line.school, line.gateway, state, worded(line.why, language), line.software or "")
    return " ".join(parts)


def _place(row: Row) -> tuple[str, str]:
    return row.tags["school"], row.tags["gateway"]


def _first(line: FleetLine) -> tuple[int, str, str]:
    return ORDER.index(line.state), line.school, line.gateway


def _line(
    place: tuple[str, str], wanted: Row | None, status: Row | None, names: Names, now_ms: int
) -> FleetLine:
    school, gateway = place
    heard_ms = status.time if status else None
    version = int_of(wanted, "version") if wanted else None
    running = int_of(status, "settings_version") if status else None
    left = int_of(status, "settings_not_taken") if status else None
    told = dict(status.values) if status else {}
    return FleetLine(
        district=next(row.tags["district"] for row in (wanted, status) if row is not None),
        school=school,
        name=names.school(school).name,
        gateway=gateway,
        state=settings_state(
            version,
            online=heard_ms is not None and now_ms - heard_ms <= _LIVE_MS,
            running=running,
            trial=bool(told.get("settings_trial")),
            master=text_of(status, "settings_master") if status else None,
            not_taken=left,
            outcome=_outcome(told.get("settings_outcome")),
        ),
        wanted=version,
        wanted_own=bool(wanted and wanted.values["own"]),
        wanted_ms=wanted.time if wanted else None,
        running=running,
        since_ms=_ms(told.get("settings_since")),
        software=text_of(status, "version") if status else None,
        wanted_software=text_of(wanted, "software") if wanted else None,
        heard_ms=heard_ms,
        changed_here=bool(told.get("settings_changed")),
        unproven=str(told.get("settings_unproven") or "").replace(",", ", "),
        not_taken=left,
        not_taken_ms=_ms(told.get("settings_not_taken_at")),
        why=stored(text_of(status, "settings_reason"), None) if status and left is not None else NOTHING,
    )


def _outcome(value: object) -> Outcome | None:
    return "refused" if value == "refused" else "rolled_back" if value == "rolled_back" else None


def _ms(value: object) -> int | None:
    return utc_ms(value) if isinstance(value, str) else None


def with_state(lines: Iterable[FleetLine], state: str | None) -> list[FleetLine]:
    """Those of one state; all where none is asked for."""
    return [line for line in lines if state in {None, "", line.state}]
