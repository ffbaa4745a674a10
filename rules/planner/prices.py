"""What rooms and equipment cost: figures of a TOML file, `prices.toml` unless the user names another."""

from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from registry.vocabulary import Kind
from rules.standards.standard import Exact, Positive
from runtime import ConfigError
from runtime.language import Text
from runtime.problems import problem_with_value
from runtime.toml_files import read_toml

DEFAULT = Path(__file__).parent / "prices.toml"
FEN = Fraction(1, 100)


class Prices(BaseModel):
    """All in yuan, to the fen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    room_cny: Positive
    room_adds_equipment_cny: Exact = Fraction(0)
    equipment_step_cny: Positive = FEN
    room_cny_by_kind: dict[Kind, Positive] = {}

    def room(self, kind: Kind) -> Fraction:
        return self.room_cny_by_kind.get(kind, self.room_cny)

    @property
    def cheapest_room(self) -> Fraction:
        return min([self.room_cny, *self.room_cny_by_kind.values()])

    @model_validator(mode="after")
    def _sensible(self) -> "Prices":
        amounts = [self.room_cny, self.room_adds_equipment_cny, self.equipment_step_cny]
        if any(amount % FEN for amount in [*amounts, *self.room_cny_by_kind.values()]):
            raise ValueError(Text("单价最多两位小数", "prices have no more than two decimals"))
        if not 0 <= self.room_adds_equipment_cny <= self.cheapest_room:
            raise ValueError(
                Text(
                    "room_adds_equipment_cny 应在 0 与最低的教室单价之间",
                    "room_adds_equipment_cny must lie between 0 and the cheapest room's price",
                )
            )
        if self.room_adds_equipment_cny % self.equipment_step_cny:
            raise ValueError(
                Text(
                    "room_adds_equipment_cny 应为 equipment_step_cny 的整数倍",
                    "room_adds_equipment_cny must be a whole number of equipment steps",
                )
            )
        return self


def load_prices(path: Path | None) -> Prices:
    """Raises ConfigError with every problem, one a line."""
    path = path or DEFAULT
    values = read_toml(path, Text("单价文件", "the prices")).values
    try:
        return Prices.model_validate(values)
    except ValidationError as error:
        whole = str(Text("单价", "prices"))
        lines = [
            f"{path}: {'.'.join(str(key) for key in problem['loc']) or whole}: {problem_with_value(problem)}"
            for problem in error.errors(include_url=False)
        ]
        raise ConfigError("\n".join(lines)) from error
