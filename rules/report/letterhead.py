"""Who hands the report in: the bureau's name, document number, addressee and copies, from report.toml.

The file stands beside the registry's calendar.toml and may be missing; the document then names nobody.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.report.quarter import Quarter, ReportError
from runtime.language import Text
from runtime.problems import problem_with_value
from runtime.toml_files import read_toml
from runtime.toml_lines import key_text, line_of

FILE = "report.toml"
# The sample's way of leaving a name open.
_OPEN = "某"
_Line = Annotated[str, Field(min_length=1, max_length=100)]


class Letterhead(BaseModel):
    """Names as they are printed. numbers: the document number (发文字号) of each quarter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: _Line | None = None
    addressee: _Line | None = None
    copies: _Line | None = None
    contact: _Line | None = None
    numbers: dict[Annotated[str, Field(pattern=r"^20[0-9]{2}Q[1-4]$")], _Line] = {}

    def number_of(self, quarter: Quarter) -> str | None:
        return self.numbers.get(str(quarter))

    @property
    def left_open(self) -> tuple[str, ...]:
        """Keys that still say 某, as the sample does: nobody is called so."""
        lines = {"issuer": self.issuer, "addressee": self.addressee, "copies": self.copies}
        named = {
            **lines,
            "contact": self.contact,
            **{f"numbers.{key}": of for key, of in self.numbers.items()},
        }
        return tuple(key for key, line in named.items() if line and _OPEN in line)


def read_letterhead(registry: Path) -> Letterhead:
    """From the registry's folder, or beside its workbook. Raises ReportError with file, line and key."""
    path = (registry if registry.is_dir() else registry.parent) / FILE
    if not path.exists():
        return Letterhead()
    text, values = read_toml(path, Text("季报署名设置", "the report's letterhead"), refuse=ReportError)
    try:
        return Letterhead.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{path}:{line_of(text, wrong['loc'])}: {key_text(wrong['loc'])}: {problem_with_value(wrong)}"
            for wrong in error.errors(include_url=False)
        ]
        raise ReportError("\n".join(lines)) from error
