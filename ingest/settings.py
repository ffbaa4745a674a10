"""Settings of the ingest service; sample.toml explains each."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contract import CLASSES, Kept, Retention
from runtime import BrokerSettings, ConfigError, HealthSettings, Settings, secret
from runtime.language import Text
from runtime.paths import ExistingFile, NewFile
from runtime.secrets import beside_the_file

_SHARE = re.compile(r"[a-z0-9-]{1,32}")
_NO_SHARE = Text(
    "应为 1 至 32 个 a-z、0-9 或 '-'，或 file:路径", "must be 1 to 32 of a-z, 0-9 and '-', or file:/path"
)


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


class SenderSettings(Settings):
    """How a message is proven to be its gateway's; `authority`: by default ca.pem beside the roster."""

    roster: ExistingFile
    authority: ExistingFile | None = None
    unenrolled: Literal["refuse", "accept"] = "refuse"


def _share(share: str) -> str:
    """A name, or where one is."""
    if not share.startswith(("env:", "file:")) and not _SHARE.fullmatch(share):
        raise ValueError(_NO_SHARE)
    return share


class RetentionSettings(Settings):
    """How many days each class is kept; a number of 0 keeps it for ever. `every_s`: how often is looked."""

    readings_days: int = Field(default=CLASSES["readings"].days or 0, ge=0, le=36_500)
    states_days: int = Field(default=CLASSES["states"].days or 0, ge=0, le=36_500)
    days_days: int = Field(default=CLASSES["days"].days or 0, ge=0, le=36_500)
    every_s: float = Field(default=3600, ge=1, le=86_400)

    @property
    def retention(self) -> Retention:
        asked: dict[Kept, int] = {
            "readings": self.readings_days,
            "states": self.states_days,
            "days": self.days_days,
        }
        return Retention({kept: days for kept, days in asked.items() if days})


class IngestSettings(Settings):
    """The whole file."""

    store: str
    quarantine: NewFile
    quarantine_max_bytes: int = Field(default=1 << 30, ge=1 << 20)
    share: Annotated[str, AfterValidator(_share), AfterValidator(beside_the_file)] = "ingest"
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    broker: BrokerSettings
    trust: SenderSettings | None = None
    batch: BatchSettings = BatchSettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    health: HealthSettings = HealthSettings()
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    def read_share(self) -> str:
        """The name of the shared subscription; raises ConfigError."""
        if not self.share.startswith(("env:", "file:")):
            return self.share
        name = secret(self.share, key="share").strip()
        if not _SHARE.fullmatch(name):
            raise ConfigError(f"share: {_NO_SHARE}")
        return name
