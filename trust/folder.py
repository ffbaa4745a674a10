"""The authority's folder: what is in which file, made once, and written so that no reader sees half of it."""

import os
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import ConfigError, os_reason
from runtime.language import Text
from trust.authority import Authority, read_authority

_OWNER_ONLY, _EVERYBODY = 0o600, 0o644


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
            read(self.authority_key), read(self.authority_certificate), place=str(self.path)
        )


def read(path: Path) -> bytes:
    """A file's content; raises ConfigError."""
    try:
        return path.read_bytes()
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法读取 {path}：{why.zh}", f"cannot read {path}: {why.en}")) from error


def write_secret(path: Path, content: str) -> None:
    """For the owner's eyes only, from the first byte on."""
    _write(path, content, _OWNER_ONLY)


def write_public(path: Path, content: str) -> None:
    """For everybody who may enter the folder."""
    _write(path, content, _EVERYBODY)


def _write(path: Path, content: str, mode: int) -> None:
    """Beside it first, then in its place: whoever reads meanwhile reads the old one or the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except OSError as error:
        why = os_reason(error)
        raise ConfigError(Text(f"无法写入 {path}：{why.zh}", f"cannot write {path}: {why.en}")) from error
