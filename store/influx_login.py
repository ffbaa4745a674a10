"""Credentials of an InfluxDB server; they come from the environment, never from an address."""

import os
from dataclasses import dataclass
from pathlib import Path

import urllib3

from runtime.errors import os_reason
from runtime.language import Text
from store.base import StoreError

PLACEHOLDER = "change-me"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Credentials: a token for 2.x and later, a user for 1.x, or nothing."""

    token: str | None = None
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_environment(cls) -> "Login":
        """Read CAMPUS_INFLUX_TOKEN (or …_TOKEN_FILE), CAMPUS_INFLUX_USERNAME and CAMPUS_INFLUX_PASSWORD."""
        token = os.environ.get("CAMPUS_INFLUX_TOKEN") or _token_of_file()
        username = os.environ.get("CAMPUS_INFLUX_USERNAME")
        password = os.environ.get("CAMPUS_INFLUX_PASSWORD")
        for name, value in (
            ("CAMPUS_INFLUX_TOKEN", token),
            ("CAMPUS_INFLUX_USERNAME", username),
            ("CAMPUS_INFLUX_PASSWORD", password),
        ):
            _check(name, value)
        return cls(token=token or None, username=username, password=password or None)

    def headers(self) -> dict[str, str]:
        if self.token:
            return {"Authorization": f"Token {self.token}"}
        if self.username:
            return dict(urllib3.make_headers(basic_auth=f"{self.username}:{self.password or ''}"))
        return {}


def _token_of_file() -> str | None:
    name = os.environ.get("CAMPUS_INFLUX_TOKEN_FILE")
    if not name:
        return None
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        why = os_reason(error)
    except ValueError:  # not UTF-8, or a name that no file can have
        why = Text("不是文本文件", "it is no text file")
    raise StoreError(
        Text(
            f"CAMPUS_INFLUX_TOKEN_FILE：无法读取 {name!r}：{why.zh}",
            f"CAMPUS_INFLUX_TOKEN_FILE: cannot read {name!r}: {why.en}",
        )
    )


def _check(name: str, value: str | None) -> None:
    if value and PLACEHOLDER in value:
        raise StoreError(
            Text(
                f"{name} 仍为 {PLACEHOLDER!r}，请设置自己的密钥",
                f"{name} still holds {PLACEHOLDER!r}; set a secret of your own",
            )
        )
    if value and not (value.isascii() and value.isprintable()):
        raise StoreError(
            Text(
                f"{name} 只能含可打印的 ASCII 字符", f"{name} may hold nothing but printable ASCII characters"
            )
        )
