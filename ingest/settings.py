"""Settings of the ingest service; sample.toml explains each."""

from pydantic import Field

from runtime import BrokerSettings, HealthSettings, Settings
from runtime.paths import NewFile


class BatchSettings(Settings):
    """When what has been received is written: whichever comes first."""

    readings: int = Field(default=5000, ge=1, le=100_000)
    age_ms: int = Field(default=500, ge=1, le=60_000)
    inbox: int = Field(default=1000, ge=1, le=65_535)


class LimitSettings(Settings):
    """What one school may take up, so that nothing it does slows another."""

    school_waiting: int = Field(default=128, ge=1, le=65_535)
    school_messages_per_s: float = Field(default=200, gt=0, le=1_000_000)
    school_quarantine_share: float = Field(default=0.125, gt=0, le=1)


class IngestSettings(Settings):
    """The whole file."""

    store: str
    quarantine: NewFile
    quarantine_max_bytes: int = Field(default=1 << 30, ge=1 << 20)
    share: str = Field(default="ingest", pattern=r"^[a-z0-9-]{1,32}$")
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    broker: BrokerSettings
    batch: BatchSettings = BatchSettings()
    limits: LimitSettings = LimitSettings()
    health: HealthSettings = HealthSettings()
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
