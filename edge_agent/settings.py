"""A gateway's settings. `sample.toml` beside this file is the commented reference."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from contract import Address, ContractError
from runtime import BrokerSettings, HealthSettings, Settings, secret
from runtime.language import Text
from runtime.settings import SecretReference


def _in_folder(path: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get("folder")
    return folder / path if folder else path


def _secret_in_folder(reference: str, info: ValidationInfo) -> str:
    scheme, _, rest = reference.partition(":")
    return f"file:{_in_folder(Path(rest), info)}" if scheme == "file" and rest else reference


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(Text("没有此文件", "there is no such file"))
    return path


def _existing_folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(Text("没有此文件夹", "there is no such folder"))
    return path


# Relative paths are meant as seen from the configuration file, wherever the program is started.
FolderPath = Annotated[Path, AfterValidator(_in_folder)]
ExistingFile = Annotated[FolderPath, AfterValidator(_existing_file)]
ExistingFolder = Annotated[FolderPath, AfterValidator(_existing_folder)]
Secret = Annotated[SecretReference, AfterValidator(_secret_in_folder)]
CollectorId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
# A host is also the name of a collector's target, which has at most 64 characters with its port.
Host = Annotated[str, Field(min_length=1, max_length=58, pattern=r"^[^\s/]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class PublishSettings(Settings):
    """How batches are sent, and sent again."""

    window: int = Field(default=32, ge=2, le=1000)
    ack_timeout_s: Seconds = 15
    max_backoff_s: Seconds = 300
    batch_max_readings: int = Field(default=500, ge=1, le=5000)
    status_interval_s: Seconds = 60


class CollectorSettings(Settings):
    """What all collectors have in common."""

    id: CollectorId
    interval_s: Seconds = 60


class SnmpWlanSettings(CollectorSettings):
    """One access-point controller, read over SNMP v2c."""

    host: Host
    port: Port = 161
    profile: Literal["huawei", "auto"] = "huawei"
    community: Secret
    rooms: ExistingFile | None = None
    timeout_s: Seconds = 5
    retries: int = Field(default=2, ge=0, le=10)
    max_repetitions: int = Field(default=25, ge=1, le=100)

    def read_community(self) -> str:
        """The community itself; raises ConfigError."""
        return secret(self.community, key=f"snmp_wlan {self.id}: community")


class PjlinkSettings(CollectorSettings):
    """A school's projectors, one line each in `projectors`."""

    projectors: ExistingFile
    connect_timeout_s: Seconds = 3
    reply_timeout_s: Seconds = 4
    concurrency: int = Field(default=16, ge=1, le=200)


class SurveySettings(CollectorSettings):
    """A folder into which the walking survey's CSV files are copied."""

    folder: ExistingFolder


class LedgerSettings(CollectorSettings):
    """A folder into which the school's asset ledger is copied, as CSV or XLSX files."""

    interval_s: Seconds = 3600
    folder: ExistingFolder


class EdgeSettings(Settings):
    """Everything a gateway needs to know."""

    district: str
    school: str
    gateway: str
    spool: FolderPath = Field(default=Path("spool.sqlite"), validate_default=True)
    spool_max_bytes: int = Field(default=200 * 1024**2, ge=1024**2)
    spool_max_age_days: float = Field(default=30, gt=0, le=3650)
    broker: BrokerSettings
    health: HealthSettings = HealthSettings()
    publish: PublishSettings = PublishSettings()
    snmp_wlan: tuple[SnmpWlanSettings, ...] = ()
    pjlink: tuple[PjlinkSettings, ...] = ()
    survey: tuple[SurveySettings, ...] = ()
    ledger: tuple[LedgerSettings, ...] = ()

    @field_validator("broker")
    @classmethod
    def _broker_files(cls, broker: BrokerSettings, info: ValidationInfo) -> BrokerSettings:
        return broker.model_copy(
            update={
                "ca_file": broker.ca_file and _existing_file(_in_folder(broker.ca_file, info)),
                "password": broker.password and _secret_in_folder(broker.password, info),
            }
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            _ = self.address
        except ContractError as error:
            raise ValueError(str(error)) from error
        seen: set[str] = set()
        collectors: tuple[CollectorSettings, ...] = (
            *self.snmp_wlan,
            *self.pjlink,
            *self.survey,
            *self.ledger,
        )
        for collector in collectors:
            if collector.id in seen:
                raise ValueError(
                    Text(
                        f"有两个采集项的 id 都是 {collector.id!r}，请各用各的",
                        f"two collectors have the id {collector.id!r}; give each its own",
                    )
                )
            seen.add(collector.id)
        if not seen:
            kinds = "[[snmp_wlan]]", "[[pjlink]]", "[[survey]]", "[[ledger]]"
            raise ValueError(
                Text(
                    f"没有配置采集项，请写 {'、'.join(kinds)} 之一",
                    f"no collector is configured; add {', '.join(kinds)}",
                )
            )
        return self

    @property
    def address(self) -> Address:
        """The gateway's place in the topics."""
        return Address(self.district, self.school, self.gateway)
