"""Settings of who may see what: `[access]` of the board's configuration; sample.toml explains each one."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from dashboards.access.granting import RoleRule
from dashboards.access.proxies import Network, networks
from runtime import SecretReference, Settings
from runtime.language import Text


class HeaderSettings(Settings):
    """A sign-on in front: the headers in which the proxy names who signed in, and their groups."""

    user: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    groups: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,64}$")
    role: tuple[RoleRule, ...] = ()


class OidcSettings(Settings):
    """An OpenID Connect provider. `claim` is where the provider says who someone is to us."""

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretReference | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    claim: str = "groups"
    school_claim: str | None = None
    title: str = Field(default="OpenID Connect", min_length=1, max_length=40)
    role: tuple[RoleRule, ...] = ()

    @field_validator("issuer")
    @classmethod
    def _an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
            raise ValueError(
                Text("应形如 https://sso.example/realms/x", "must look like https://sso.example/x")
            )
        return url.rstrip("/")


class AccessSettings(Settings):
    """Accounts, proxies, sessions. Without `accounts` the board is read on its own machine alone."""

    accounts: Path | None = None
    proxies: tuple[str, ...] = ()
    root_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    session_h: float = Field(default=12, gt=0, le=24 * 30)
    idle_h: float = Field(default=2, gt=0, le=24 * 30)
    header: HeaderSettings | None = None
    oidc: OidcSettings | None = None

    @field_validator("accounts")
    @classmethod
    def _beside_the_file(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        folder: Path = (info.context or {}).get("folder", Path())
        return path and folder / path

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            found = networks(texts)
        except ValueError as error:
            what = Text(
                "应是地址或网段，如 127.0.0.1、10.1.0.0/16", "must be addresses or networks: 10.1.0.0/16"
            )
            raise ValueError(what) from error
        if any(network.prefixlen == 0 for network in found):
            raise ValueError(Text("不得信任所有地址", "must not be every address there is"))
        return texts

    @model_validator(mode="after")
    def _together(self) -> Self:
        needed = {"proxies": self.proxies, "header": self.header, "oidc": self.oidc}
        wanting = next((name for name, given in needed.items() if given), None)
        if wanting and self.accounts is None:
            raise ValueError(
                Text(f"使用 {wanting} 须同时设置 accounts", f"{wanting} needs accounts: set a file for them")
            )
        if self.header and not self.proxies:
            raise ValueError(
                Text(
                    "使用 header 须在 proxies 中写明代理的地址",
                    "header needs proxies: name the proxy's address",
                )
            )
        return self

    @property
    def networks(self) -> tuple[Network, ...]:
        return networks(self.proxies)
