"""Settings of the bureau's authority; sample.toml explains each."""

from pathlib import Path

from pydantic import Field

from contract.enrolment import DEFAULT_PORT
from runtime import BrokerSettings, HealthSettings, Settings
from runtime.paths import FolderPath
from runtime.settings import ListenHost


class TrustSettings(Settings):
    """The whole file."""

    folder: FolderPath = Field(default=Path("ca"), validate_default=True)
    name: str = Field(default="Campus", min_length=1, max_length=64)
    hosts: tuple[str, ...] = ()
    registry: FolderPath | None = None
    code_days: float = Field(default=7, gt=0, le=60)
    certificate_days: int = Field(default=90, ge=1, le=825)
    listen_host: ListenHost = "0.0.0.0"  # noqa: S104 it is there for the schools to reach
    listen_port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    sync_s: float = Field(default=60, ge=1, le=86_400)
    broker: BrokerSettings | None = None
    health: HealthSettings = HealthSettings()
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
