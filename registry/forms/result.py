"""What one school's forms say, and where each figure came from."""

from dataclasses import dataclass, field
from fractions import Fraction

from runtime.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One cell that a figure came from, with its text as the form has it."""

    figure: str
    file: str
    sheet: str
    cell: str
    text: str


@dataclass(slots=True, kw_only=True)
class SchoolForms:
    """What one school's forms say. `missing`: what they do not, each with the reason."""

    code: str
    values: dict[str, str] = field(default_factory=dict)
    statistics: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.code} {self.values.get('name', '')}".strip()
