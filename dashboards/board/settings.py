"""Settings of the board."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator

from runtime import Settings
from store import StoreError, open_store


class BoardSettings(Settings):
    """Where the figures are, what they are called, and where the pages are served."""

    store: str
    registry: Path
    title: str = Field(default="校园设施监测", min_length=1, max_length=40)
    timezone: str = "Asia/Shanghai"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("store")
    @classmethod
    def _readable_address(cls, url: str) -> str:
        try:
            open_store(url).close()
        except StoreError as error:
            raise ValueError(str(error)) from error
        return url

    @field_validator("registry")
    @classmethod
    def _beside_the_file(cls, path: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        path = folder / path
        if not path.exists():
            raise ValueError(f"there is no registry at {path}")
        return path

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no such time zone; write for example Asia/Shanghai") from error
        return name
