"""Settings of the board."""

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from dashboards.access.proxies import is_loopback
from dashboards.access.settings import AccessSettings
from runtime import HealthSettings, Settings
from runtime.language import Text
from runtime.settings import ListenHost
from runtime.zones import ZoneName
from store import StoreError, open_store


class TlsSettings(Settings):
    """The board's own certificate, with its chain, and its key; behind a proxy that has one it needs none."""

    certificate: Path
    key: Path

    @field_validator("certificate", "key")
    @classmethod
    def _a_file_beside(cls, path: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        if not (folder / path).is_file():
            raise ValueError(Text("没有此文件", "there is no such file"))
        return folder / path


class BoardSettings(Settings):
    """Where the figures are, what they are called, and where the pages are served."""

    store: str
    registry: Path
    standard: Path | None = None
    title: str | None = Field(default=None, min_length=1, max_length=40)
    title_en: str | None = Field(default=None, min_length=1, max_length=80)
    timezone: ZoneName = "Asia/Shanghai"
    host: ListenHost = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    reports: Path | None = None
    prices: Path | None = None
    outline: Path | None = None
    access: AccessSettings = AccessSettings()
    tls: TlsSettings | None = None
    health: HealthSettings = HealthSettings()
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("store")
    @classmethod
    def _readable_address(cls, url: str) -> str:
        try:
            open_store(url).close()
        except StoreError as error:
            raise ValueError(error.args[0]) from error
        return url

    @field_validator("registry")
    @classmethod
    def _beside_the_file(cls, path: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        path = folder / path
        if not path.exists():
            raise ValueError(Text(f"{path} 处没有登记表", f"there is no registry at {path}"))
        return path

    @field_validator("reports")
    @classmethod
    def _below_the_file(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        folder: Path = (info.context or {}).get("folder", Path())
        return path and folder / path

    @field_validator("standard", "prices", "outline")
    @classmethod
    def _a_file_beside(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        folder: Path = (info.context or {}).get("folder", Path())
        if path is not None and not (folder / path).is_file():
            raise ValueError(Text("没有此文件", "there is no such file"))
        return path and folder / path

    @model_validator(mode="after")
    def _nobody_unknown(self) -> Self:
        """What others can reach shows nothing to whoever has not signed in."""
        if not is_loopback(self.host) and self.access.accounts is None:
            raise ValueError(
                Text(
                    f"host 为 {self.host}，其他机器可以访问：请设置 access.accounts",
                    f"host is {self.host}, which other machines reach: set access.accounts",
                )
            )
        return self
