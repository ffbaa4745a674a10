"""Settings of `campus rules watch`; sample.toml explains each one."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from runtime import HealthSettings, Settings


class RulesSettings(Settings):
    """What is judged, by which standard, from which store, how often."""

    registry: Path
    store: str
    standard: str | None = None
    interval_s: float = Field(default=300, ge=1, le=86_400)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    health: HealthSettings = HealthSettings()

    @field_validator("registry")
    @classmethod
    def _beside_the_file(cls, path: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / path
