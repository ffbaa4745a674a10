"""Settings of the bureau's authority; sample.toml explains each."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from contract.enrolment import DEFAULT_PORT
from runtime import BrokerSettings, HealthSettings, Settings


def _in_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get("folder")
    return folder / path if folder else path


FolderPath = Annotated[Path, AfterValidator(_in_folder)]


class TrustSettings(Settings):
    """The whole file."""

    folder: FolderPath = Field(default=Path("ca"), validate_default=True)
    name: str = Field(default="Campus", min_length=1, max_length=64)
    hosts: tuple[str, ...] = ()
    registry: FolderPath | None = None
    code_days: float = Field(default=7, gt=0, le=60)
    certificate_days: int = Field(default=90, ge=1, le=825)
    listen_host: str = "0.0.0.0"  # noqa: S104 it is there for the schools to reach
    listen_port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    sync_s: float = Field(default=60, ge=1, le=86_400)
    broker: BrokerSettings | None = None
    health: HealthSettings = HealthSettings()
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("broker")
    @classmethod
    def _broker_files(cls, broker: BrokerSettings | None, info: ValidationInfo) -> BrokerSettings | None:
        if broker is None:
            return None
        password = broker.password
        if password and password.startswith("file:"):
            password = f"file:{_in_folder(Path(password.removeprefix('file:')), info)}"
        ca_file = broker.ca_file and _in_folder(broker.ca_file, info)
        return broker.model_copy(update={"ca_file": ca_file, "password": password})
