"""The whole configuration of a gateway: who it is, and one list for each kind of collector."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, create_model, model_validator

from contract import Address, ContractError
from edge_agent.kinds import KINDS, Build
from edge_agent.settings import (
    FleetSettings,
    PublishSettings,
    SnmpWlanSettings,
)
from runtime import BrokerSettings, HealthSettings, Settings
from runtime.language import Text
from runtime.paths import NewFile

if TYPE_CHECKING:

    class _Collectors(Settings):
        snmp_wlan: tuple[SnmpWlanSettings, ...] = ()
else:
    _Collectors = create_model(
        "_Collectors", __base__=Settings, **{kind.name: (tuple[kind.settings, ...], ()) for kind in KINDS}
    )


def _beside_the_file(path: Path | None, info: ValidationInfo) -> Path | None:
    """Settings that come from no file have no identity beside it, whatever stands in the present folder."""
    folder: Path | None = (info.context or {}).get("folder")
    if folder is None:
        return path
    return folder / (path or "identity")


class EdgeSettings(_Collectors):
    """Everything a gateway needs to know; the table of kinds adds `[[snmp_wlan]]` and the others."""

    district: str
    school: str
    gateway: str
    spool: NewFile = Field(default=Path("spool.sqlite"), validate_default=True)
    spool_max_bytes: int = Field(default=200 * 1024**2, ge=1024**2)
    spool_max_age_days: float = Field(default=30, gt=0, le=3650)
    broker: BrokerSettings
    # Filled by `campus enrol`; without it the gateway is one that nothing proves.
    identity: Annotated[Path | None, AfterValidator(_beside_the_file)] = Field(
        default=None, validate_default=True
    )
    health: HealthSettings = HealthSettings()
    publish: PublishSettings = PublishSettings()
    fleet: FleetSettings = FleetSettings()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            _ = self.address
        except ContractError as error:
            raise ValueError(str(error)) from error
        seen: set[str] = set()
        for kind in KINDS:
            for collector in getattr(self, kind.name):
                if collector.id in seen:
                    raise ValueError(
                        Text(
                            f"有两个采集项的 id 都是 {collector.id!r}，请各用各的",
                            f"two collectors have the id {collector.id!r}; give each its own",
                        )
                    )
                seen.add(collector.id)
        places = [(wlan.host.lower(), wlan.port) for wlan in self.snmp_wlan]
        for host, port in places:
            # Two walks at a time make some controllers stall.
            if places.count((host, port)) > 1:
                raise ValueError(
                    Text(
                        f"有两个 [[snmp_wlan]] 指向同一控制器 {host}:{port}",
                        f"two [[snmp_wlan]] name one controller, {host}:{port}",
                    )
                )
        if not seen:
            kinds = [f"[[{kind.name}]]" for kind in KINDS]
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

    def prepare(self) -> list[Build]:
        """Read every file and secret that the collectors need; raises ConfigError."""
        return [kind.prepare(collector) for kind in KINDS for collector in getattr(self, kind.name)]
