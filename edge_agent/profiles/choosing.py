"""Which profile a device has: by what it calls itself, and by what it answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edge_agent.profiles import PROFILES
from edge_agent.profiles.shape import Profile
from edge_agent.profiles.values import text, whole
from edge_agent.snmp.asking import Column, Source, dotted, oid_of
from edge_agent.snmp.ber import Oid, Value

_DESCRIPTION, _OBJECT = oid_of("1.3.6.1.2.1.1.1.0"), oid_of("1.3.6.1.2.1.1.2.0")
# What a description may hold beside makes and models: addresses, numbers that call someone, and other scripts
# than makers write in. A description leaves the school.
_NOT_TOLD = re.compile(
    r"\S*@\S*"
    r"|[0-9A-Fa-f]{2}([:.-][0-9A-Fa-f]{2}){5}"
    r"|(?<![\d.])\d{2,3}(\.\d{1,3}){3}(?![\d.])"
    r"|\+?\d{7,}"
    r"|[^\x20-\x7e]+"
)
_LONGEST = 80
# What stands for "not known", such as 0xFFFFFFFF, lies above all that a controller can have.
_NO_COUNT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a device says of itself, its profile if it has one, and its scalars."""

    object_id: Oid = ()
    description: str = ""
    profile: Profile | None = None
    scalars: Mapping[Oid, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its sysObjectID and description, as far as it gives them."""
        return " ".join(part for part in (dotted(self.object_id), self.description) if part) or "?"

    def count(self) -> int | None:
        """How many access points it says it has."""
        if self.profile is None:
            return None
        if self.profile.alone:
            return 1
        return next((value for _, value in self._counts()), None)

    @property
    def counts_joined_alone(self) -> bool:
        """Whether that count leaves out those that are configured and away."""
        return self.profile is not None and next(
            (oid in self.profile.joined for oid, _ in self._counts()), False
        )

    def _counts(self) -> Iterator[tuple[Oid, int]]:
        for oid in self.profile.counts if self.profile is not None else ():
            value = whole(self.scalars.get(oid))
            if value is not None and 0 <= value < _NO_COUNT:
                yield oid, value


async def ask_what_it_is(source: Source, wanted: Profile | None) -> Device:
    """Ask a device what it is. With `wanted` that is its profile, whatever it calls itself. Raises Failed."""
    said = await source.get((_OBJECT, _DESCRIPTION))
    found = said.get(_OBJECT)
    object_id = found if isinstance(found, tuple) else ()
    named = [profile for profile in PROFILES.values() if _is_named(profile, object_id)]
    asked = [wanted] if wanted else named or list(PROFILES.values())
    scalars = await source.get(_scalars(asked))
    profile = wanted
    if profile is None:
        # A maker may have several kinds; a device that names none of them is tried with all.
        sure = [profile for profile in named if not profile.alone]
        profile = sure[0] if len(sure) == 1 else await _that_answers(source, asked, scalars)
        profile = profile or (sure[0] if sure else None)
    return Device(
        object_id=object_id,
        description=without_persons(text(said.get(_DESCRIPTION)) or ""),
        profile=profile,
        scalars=scalars,
    )


def without_persons(description: str) -> str:
    """A description without what may name or reach a person.

    net-snmp's own is the machine's `uname -a`, whose second word is the name that someone gave it.
    """
    words = description.split()
    if len(words) > 2 and words[0] in {"Linux", "FreeBSD", "Darwin", "NetBSD", "OpenBSD", "SunOS"}:
        del words[1]
    plain = " ".join(_NOT_TOLD.sub(" ", " ".join(words)).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _is_named(profile: Profile, object_id: Oid) -> bool:
    return any(object_id[: len(prefix)] == prefix for prefix in profile.objects)


def _scalars(profiles: list[Profile]) -> tuple[Oid, ...]:
    found: dict[Oid, None] = {}
    for profile in profiles:
        found |= dict.fromkeys((*profile.counts, *profile.probes, *(row.oid for row in profile.scalars)))
    return tuple(found)


async def _that_answers(
    source: Source, profiles: list[Profile], scalars: Mapping[Oid, Value]
) -> Profile | None:
    for profile in profiles:
        if any(oid in scalars for oid in (*profile.counts, *profile.probes)):
            return profile
    for profile in profiles:
        for oid in profile.telling_columns:
            column = Column()
            await source.read({oid: column})
            if column.rows:
                return profile
    return None
