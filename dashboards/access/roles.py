"""Roles and what each may do; who asks, and how much of the district is theirs to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal["bureau", "school", "expert", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)

# open: without an account. account: whoever is signed in. read: figures, of one's own part of the district.
# district: what is about the whole district and cannot be cut down to a school.
Permission = Literal[
    "open", "account", "read", "district", "comment", "alerts", "retire", "tokens", "audit", "metrics"
]
_READS: frozenset[Permission] = frozenset({"open", "account", "read"})
GRANTED: Mapping[Role, frozenset[Permission]] = {
    "bureau": _READS | {"district", "comment", "audit"},
    "school": _READS,
    "expert": _READS | {"district", "comment"},
    "operator": _READS | {"district", "alerts", "retire", "tokens", "audit", "metrics"},
}
# Who reads on the machine itself, without an account: everything, and changes nothing.
_LOCAL: frozenset[Permission] = frozenset({"open", "read", "district", "audit", "metrics"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of which districts and schools someone may see anything. None: no limit; empty: nothing at all."""

    districts: tuple[str, ...] | None = None
    schools: tuple[str, ...] | None = None

    @property
    def whole(self) -> bool:
        return self.districts is None and self.schools is None

    def holds(self, district: str, school: str) -> bool:
        """Whether a school is inside."""
        return (self.districts is None or district in self.districts) and (
            self.schools is None or school in self.schools
        )

    def within(self, other: "Scope") -> bool:
        """Whether everything in here is in the other, too."""
        return _within(self.districts, other.districts) and _within(self.schools, other.schools)


def _within(inner: tuple[str, ...] | None, outer: tuple[str, ...] | None) -> bool:
    return outer is None or (inner is not None and set(inner) <= set(outer))


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. role None: nobody signed in, who reads on the machine itself.

    session: names the sign-in that forms are bound to; "" where there is none (a token).
    """

    name: str
    role: Role | None
    scope: Scope = field(default=EVERYTHING)
    session: str = ""
    local_account: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in (GRANTED[self.role] if self.role else _LOCAL)


LOCAL = Person(name="", role=None)


def problem_of(role: Role, scope: Scope) -> str | None:
    """What is wrong with a role and its scope, as a key of words; None where they go together."""
    if role == "school" and not scope.schools:
        return "school_without_schools"
    if role != "school" and scope.schools is not None:
        return "schools_without_school"
    if scope.districts is not None and not scope.districts:
        return "no_district"
    return None
