"""Which role a sign-on gives: rules in order, the first that holds."""

from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import Field, model_validator

from dashboards.access.roles import Role, Scope, problem_of
from dashboards.access.words import problem_text
from runtime import Settings


class RoleRule(Settings):
    """Whoever has `value` among their groups gets a role, and a part of the district."""

    value: str = Field(min_length=1)
    role: Role
    districts: tuple[str, ...] | None = None
    schools: tuple[str, ...] | None = None
    # The schools are those that the sign-on itself names.
    own_schools: bool = False

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        scope = self.scope(("0",) if self.own_schools else ())
        if problem := problem_of(self.role, scope):
            raise ValueError(problem_text(problem))
        return self

    def scope(self, named_schools: Sequence[str]) -> Scope:
        schools = tuple(named_schools) if self.own_schools else self.schools
        return Scope(districts=self.districts, schools=schools)


def granted(
    rules: Iterable[RoleRule], values: Sequence[str], schools: Sequence[str] = ()
) -> tuple[Role, Scope] | None:
    """The role and scope of someone with these groups; None: no rule is theirs, and they see nothing."""
    for rule in rules:
        if rule.value in values:
            scope = rule.scope(schools)
            return None if problem_of(rule.role, scope) else (rule.role, scope)
    return None
