"""The authority's folder: what is in which file, made once, and written so that no reader sees half of it."""

from dataclasses import dataclass
from pathlib import Path

from runtime.errors import ConfigError
from runtime.language import Text
from runtime.whole_files import EVERYBODY, OWNER_ONLY, read_whole, write_whole
from trust.authority import Authority, read_authority


@dataclass(frozen=True, slots=True)
class Folder:
    """Three parts for three readers: the authority itself, `broker/` for mosquitto, `ingest/` for ingest."""

    path: Path

    @property
    def authority_key(self) -> Path:
        return self.path / "ca-key.pem"

    @property
    def authority_certificate(self) -> Path:
        return self.path / "ca.pem"

    @property
    def register(self) -> Path:
        return self.path / "register.sqlite"

    @property
    def admin_password(self) -> Path:
        return self.path / "admin-password"

    @property
    def service_key(self) -> Path:
        return self.path / "service-key.pem"

    @property
    def service_certificate(self) -> Path:
        return self.path / "service.pem"

    @property
    def broker(self) -> Path:
        return self.path / "broker"

    @property
    def revoked(self) -> Path:
        return self.broker / "crl.pem"

    @property
    def ingest(self) -> Path:
        return self.path / "ingest"

    @property
    def roster(self) -> Path:
        return self.ingest / "gateways.json"

    @property
    def share(self) -> Path:
        return self.ingest / "share"

    def authority(self) -> Authority:
        """Raises ConfigError where it was not made yet or cannot be read."""
        if not self.authority_key.exists():
            raise ConfigError(
                Text(
                    f"{self.path} 中还没有证书机构，请先运行 campus ca init",
                    f"there is no authority in {self.path} yet: run campus ca init first",
                )
            )
        return read_authority(
            read_whole(self.authority_key), read_whole(self.authority_certificate), place=str(self.path)
        )


def write_secret(path: Path, content: str) -> None:
    """For the owner's eyes only, from the first byte on."""
    write_whole(path, content.encode(), mode=OWNER_ONLY)


def write_public(path: Path, content: str) -> None:
    """For everybody who may enter the folder."""
    write_whole(path, content.encode(), mode=EVERYBODY)
