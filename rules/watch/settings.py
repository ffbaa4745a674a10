"""Settings of `campus rules watch`; sample.toml explains each one."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from rules.daybook.share import Share
from runtime import HealthSettings, SecretReference, Settings
from runtime.hosts import problem_of
from runtime.language import Language, Text
from runtime.paths import ExistingFile

SHIPPED_ALERTS = "default"


class AlertSettings(Settings):
    """Which alerts are judged, how often, and who is told."""

    rules: str = SHIPPED_ALERTS
    interval_s: int = Field(default=60, ge=1, le=3600)
    settle_s: int = Field(default=15, ge=0, le=600)
    notify: tuple[SecretReference, ...] = ()
    language: Language | None = None

    @field_validator("rules")
    @classmethod
    def _beside_the_file(cls, rules: str, info: ValidationInfo) -> str:
        folder: Path = (info.context or {}).get("folder", Path())
        return rules if rules == SHIPPED_ALERTS else str(folder / rules)


def _host_port(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ValueError(
            Text("请写 主机:端口，例如 board.example:443", "write host:port, as board.example:443")
        )
    if wrong := problem_of(host.strip("[]")):
        raise ValueError(wrong)
    return text


class CertificateSettings(Settings):
    """Certificates of the bureau's own whose end is watched: PEM files, and servers that show one."""

    files: tuple[ExistingFile, ...] = ()
    servers: tuple[Annotated[str, AfterValidator(_host_port)], ...] = ()


class RulesSettings(Settings):
    """What is judged, by which standard, from which store, how often."""

    registry: Path
    store: str
    standard: str | None = None
    interval_s: float = Field(default=300, ge=1, le=86_400)
    share: str = "1/1"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    health: HealthSettings = HealthSettings()
    alerts: AlertSettings = AlertSettings()
    certificates: CertificateSettings = CertificateSettings()

    @field_validator("share")
    @classmethod
    def _is_a_share(cls, text: str) -> str:
        Share.read(text)
        return text

    @field_validator("registry")
    @classmethod
    def _beside_the_file(cls, path: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / path
