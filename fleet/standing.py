"""How a gateway stands to what is wanted of it. Pure: a version of the book, and the gateway's own word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from contract import Address, NotTaken, Status
from contract.standing import SettingsState, settings_state
from fleet.book import Version

State = SettingsState | Literal["draft"]
"""draft: nobody was told of it."""
# What stops a rollout, what it waits for.
FAILED: frozenset[State] = frozenset({"refused", "rolled_back"})
UNDECIDED: frozenset[State] = frozenset({"sent", "trial"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`why`: where the version does not run; `running`: the version that does, None where not known.

    `unproven`: collectors for which its trial goes on.
    """

    address: Address
    version: Version
    state: State
    running: int | None = None
    since: str | None = None
    software: str | None = None
    heard: int = 0
    why: NotTaken | None = None
    changed_here: bool = False
    unproven: tuple[str, ...] = ()


def standing(version: Version, status: Status | None) -> Standing:
    """`status`: None where the broker has none of this gateway."""
    told = status.settings if status else None
    return Standing(
        address=version.address,
        version=version,
        state=_state(version, status),
        running=told.version if told else None,
        since=told.since if told else None,
        software=status.version if status else None,
        heard=(told.wanted or 0) if told else 0,
        why=_why(version, status),
        changed_here=told.changed_here if told else False,
        unproven=(told.unproven or ()) if told else (),
    )


def _state(version: Version, status: Status | None) -> State:
    if version.sent_ms is None:
        return "draft"
    told = status.settings if status else None
    left = told.not_taken if told else None
    return settings_state(
        version.number,
        online=status is not None and status.online,
        running=told.version if told else None,
        trial=told is not None and told.trial,
        master=told.master if told else None,
        not_taken=left.version if left else None,
        outcome=left.outcome if left else None,
    )


def _why(version: Version, status: Status | None) -> NotTaken | None:
    """Of this version, or of one that was none of ours; what is long over is not told again."""
    told = status.settings if status else None
    left = told.not_taken if told else None
    if left is None or told is None or told.version == version.number:
        return None
    return left if left.version in {0, version.number} or left.version > version.number else None


def standings(
    newest: Mapping[tuple[str, str], Version], statuses: Mapping[tuple[str, str], Status]
) -> list[Standing]:
    """Every gateway of the book, by school."""
    return [standing(version, statuses.get(place)) for place, version in sorted(newest.items())]
