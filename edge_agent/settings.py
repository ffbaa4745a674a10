"""What a gateway's settings are made of. `sample.toml` beside this file is the commented reference."""

import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from runtime import BrokerSettings, ConfigError, Settings, secret
from runtime.broker import BrokerUrl
from runtime.hosts import problem_of
from runtime.language import Text
from runtime.paths import ExistingFile, ExistingFolder, FolderPath
from runtime.problems import problem_text
from runtime.secrets import SecretReference
from runtime.zones import ZoneName

if TYPE_CHECKING:
    from edge_agent.ledger.titles import Field as LedgerField


def _host(host: str) -> str:
    problem = problem_of(host)
    if problem is not None:
        raise ValueError(problem)
    return host


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except ValueError as error:
        raise ValueError(Text("不是 IPv4 地址", "no IPv4 address")) from error


CollectorId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
# A host is also the name of a collector's target, which has at most 64 characters with its port.
Host = Annotated[str, Field(min_length=1, max_length=58), AfterValidator(_host)]
ProfileName = Literal[
    "auto",
    "huawei",
    "h3c",
    "ruijie",
    "aruba",
    "aruba-instant",
    "cisco",
    "ruckus-zd",
    "ruckus-sz",
    "ruckus-unleashed",
    "unifi",
    "omada",
]
_SHORTEST_KEY = 8
SNMP_PORT = 161
# A /22: as many addresses as a school hands out to wired devices.
_MOST_SEARCHED = 1024
IPv4Text = Annotated[str, AfterValidator(_ipv4)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class PublishSettings(Settings):
    """How batches are sent, and sent again."""

    window: int = Field(default=32, ge=2, le=1000)
    ack_timeout_s: Seconds = 15
    # While nothing is confirmed: how often one batch asks whether the server answers again.
    max_backoff_s: Seconds = 10
    batch_max_readings: int = Field(default=500, ge=1, le=5000)
    status_interval_s: Seconds = 60


class FleetSettings(Settings):
    """What may come from the bureau.

    master: whose collectors and lists count. secrets: references that wanted settings may name beside those
    that stand here already. rounds: how many a collector has with new settings before they stay.
    trial_days: how long those are waited for that have not worked with them yet.
    compare_interval_s: how often the settings before are asked for the same.
    blocked_s: a program that does nothing for so long with new settings is ended.
    """

    master: Literal["bureau", "school"] = "bureau"
    secrets: tuple[SecretReference, ...] = Field(default=(), max_length=256)
    folder: FolderPath | None = None
    rounds: int = Field(default=3, ge=1, le=20)
    # Over a weekend and a public holiday.
    trial_days: Annotated[float, Field(gt=0, le=100)] = 4
    compare_interval_s: Seconds = 1800
    blocked_s: Annotated[float, Field(ge=5, le=3600)] = 120


class CollectorSettings(Settings):
    """What all collectors have in common."""

    id: CollectorId
    interval_s: Seconds = 60


class SnmpTarget(Settings):
    """An agent, asked over SNMP v2c with a community, or over v3 as a user."""

    host: Host
    port: Port = 161
    version: Literal["2c", "3"] = "2c"
    community: SecretReference | None = None
    user: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: SecretReference | None = None
    priv: Literal["des", "aes128", "aes192", "aes256", "aes192-cisco", "aes256-cisco"] | None = None
    priv_key: SecretReference | None = None
    timeout_s: Seconds = 5
    retries: int = Field(default=2, ge=0, le=10)
    max_repetitions: int = Field(default=50, ge=1, le=100)

    @property
    def target(self) -> str:
        """Its name among a collector's targets."""
        return self.host if self.port == SNMP_PORT else f"{self.host}:{self.port}"

    @property
    def called(self) -> str:
        """How errors name it."""
        return f"snmp {self.target}"

    @model_validator(mode="after")
    def _who_asks(self) -> Self:
        if self.version == "2c" and self.community is None:
            raise ValueError(Text("须写 community", "community must be set"))
        if self.version == "3" and self.user is None:
            raise ValueError(Text("version 3 须写 user", "user must be set with version 3"))
        for name in ("auth", "priv"):
            if (getattr(self, name) is None) != (getattr(self, f"{name}_key") is None):
                raise ValueError(
                    Text(
                        f"{name} 与 {name}_key 须同时写",
                        f"{name} and {name}_key go together: set both or none",
                    )
                )
        if self.priv is not None and self.auth is None:
            raise ValueError(Text("有 priv 时须有 auth", "priv needs auth"))
        return self

    def read_community(self) -> str:
        """The community itself; raises ConfigError."""
        return self._secret("community")

    def read_keys(self) -> tuple[str | None, str | None]:
        """The keys for authentication and privacy, of eight characters (RFC 3414); raises ConfigError."""
        keys = []
        for name in ("auth_key", "priv_key"):
            key = self._secret(name) if getattr(self, name) is not None else None
            if key is not None and len(key) < _SHORTEST_KEY:
                raise ConfigError(
                    Text(
                        f"{self.called}: {name}: 口令至少 {_SHORTEST_KEY} 个字符",
                        f"{self.called}: {name}: has less than {_SHORTEST_KEY} characters",
                    )
                )
            keys.append(key)
        return keys[0], keys[1]

    def _secret(self, name: str) -> str:
        return secret(getattr(self, name), key=f"{self.called}: {name}")


class SnmpWlanSettings(SnmpTarget, CollectorSettings):
    """One access-point controller.

    ssids: the campus networks; an access point that is known to serve none of them covers nothing.
    hide_clients_below: counts from 1 to one less than this are not told.
    """

    profile: ProfileName = "auto"
    ssids: tuple[Annotated[str, Field(min_length=1, max_length=32)], ...] = Field(default=(), max_length=16)
    hide_clients_below: int = Field(default=0, ge=0, le=100)
    rooms: ExistingFile | None = None

    @property
    def called(self) -> str:
        return f"snmp_wlan {self.id}"


class SwitchSettings(SnmpTarget):
    """A switch that is asked which devices it hears, and at which of its ports."""


class PresenceSettings(CollectorSettings):
    """Panels, class PCs and anything else with an address, one line each in `devices`.

    neighbours: a file in place of the system's neighbour table, as `ip neigh` or /proc/net/arp have it.
    search: addresses that may be tried for devices which are known by their MAC and have moved.
    """

    devices: ExistingFile
    method: Literal["auto", "icmp", "tcp"] = "auto"
    ports: tuple[Port, ...] = Field(default=(445, 3389, 7680), max_length=8)
    timeout_s: Seconds = 2
    concurrency: int = Field(default=32, ge=1, le=500)
    no_link: Literal["unknown", "off"] = "unknown"
    search: IPv4Network | None = None
    neighbours: FolderPath | None = None
    switches: tuple[SwitchSettings, ...] = Field(default=(), max_length=64)

    @field_validator("search")
    @classmethod
    def _not_the_whole_world(cls, search: IPv4Network | None) -> IPv4Network | None:
        if search is not None and search.num_addresses > _MOST_SEARCHED:
            raise ValueError(
                Text(
                    f"至多 {_MOST_SEARCHED} 个地址（/22）",
                    f"at most {_MOST_SEARCHED} addresses (/22)",
                )
            )
        return search

    @model_validator(mode="after")
    def _each_switch_once(self) -> Self:
        names = [switch.target.lower() for switch in self.switches]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(Text(f"交换机 {name} 写了两次", f"the switch {name} stands there twice"))
        return self


class PjlinkSettings(CollectorSettings):
    """A school's projectors, one line each in `projectors`.

    search: addresses at which projectors of class 2 are looked for, such as a network's broadcast address.
    notifications: an address of the gateway at which they may announce changes.
    """

    projectors: ExistingFile
    connect_timeout_s: Seconds = 3
    reply_timeout_s: Seconds = 4
    concurrency: int = Field(default=16, ge=1, le=200)
    search: tuple[IPv4Text, ...] = Field(default=(), max_length=64)
    notifications: IPv4Text | None = None
    notification_port: Port = 4352
    search_port: Port = 4352


class MqttPowerSettings(CollectorSettings):
    """A broker in the school, and the metering plugs that speak through it, one line each in `plugs`.

    stale_s: how long what a plug said last is believed; Tasmota tells its power every 300 s.
    """

    url: BrokerUrl
    username: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    password: SecretReference | None = None
    ca_file: ExistingFile | None = None
    plugs: ExistingFile
    stale_s: Seconds = 750
    first_wait_s: Seconds = 2
    zigbee2mqtt: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^+#]+$")] = "zigbee2mqtt"

    @model_validator(mode="after")
    def _a_broker(self) -> Self:
        try:
            _ = self._broker
        except ValidationError as error:
            raise ValueError(problem_text(error.errors(include_url=False)[0])) from error
        return self

    @property
    def host(self) -> str:
        return self._broker.host

    @property
    def broker_port(self) -> int:
        return self._broker.port

    @property
    def tls(self) -> bool:
        return self._broker.tls

    @property
    def target(self) -> str:
        """Its name among a collector's targets."""
        return f"{self.host}:{self.broker_port}"[:64]

    def read_password(self) -> str | None:
        """Raises ConfigError."""
        return secret(self.password, key=f"mqtt_power {self.id}: password") if self.password else None

    def tls_context(self) -> ssl.SSLContext | None:
        """Raises ConfigError."""
        return self._broker.read_certificates(key=f"mqtt_power {self.id}")

    @property
    def _broker(self) -> BrokerSettings:
        return BrokerSettings(
            url=self.url, username=self.username, password=self.password, ca_file=self.ca_file
        )


class BeaconSettings(CollectorSettings):
    """Where class PCs report themselves, one line each in `beacons`.

    stale_s: how long a report is believed; the scheduled task runs every minute.
    """

    beacons: ExistingFile
    host: Host = "0.0.0.0"  # noqa: S104 - the PCs of the school are to reach it
    port: Port = 8099
    stale_s: Seconds = 150


class ProbeSettings(CollectorSettings):
    """Probes that scan for the campus network in their rooms, one line each in `probes`."""

    interval_s: Seconds = 21_600
    probes: ExistingFile
    ssids: tuple[Annotated[str, Field(min_length=1, max_length=32)], ...] = Field(min_length=1, max_length=8)
    scans: int = Field(default=5, ge=1, le=60)
    pause_s: Seconds = 5


class SurveySettings(CollectorSettings):
    """A folder into which the walking survey's files are copied. timezone: of times that name none."""

    folder: ExistingFolder
    timezone: ZoneName = "Asia/Shanghai"


class LedgerSettings(CollectorSettings):
    """A folder into which the school's asset ledger is copied, as workbooks or text files.

    `columns` names headings of the school's own: a field and its heading, or a heading and its field.
    """

    interval_s: Seconds = 3600
    folder: ExistingFolder
    columns: Mapping[str, str | tuple[str, ...]] = {}

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str | tuple[str, ...]]:
        # Only where there is a ledger: its words take memory.
        from edge_agent.ledger.titles import own_headings

        own_headings(columns)
        return columns

    @property
    def headings(self) -> "Mapping[str, LedgerField]":
        """The school's own headings, and the field of each."""
        from edge_agent.ledger.titles import own_headings

        return own_headings(self.columns)
