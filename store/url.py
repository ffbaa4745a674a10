"""Opening a store by its address."""

from pathlib import Path
from urllib.parse import urlsplit

from runtime.errors import os_reason
from runtime.language import Text
from store.address import unreadable
from store.base import Store


def open_store(url: str) -> Store:
    """`sqlite:///path/to/file`, or `influxdb://host:8086/bucket?org=…` (`influxdbs://` over TLS).

    Nothing is contacted yet. InfluxDB's token comes from CAMPUS_INFLUX_TOKEN or the file that
    CAMPUS_INFLUX_TOKEN_FILE names; 1.x users from CAMPUS_INFLUX_USERNAME and CAMPUS_INFLUX_PASSWORD.
    Raises StoreError where the address cannot be read.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise unreadable(url, Text("不是地址", "this is no address")) from error
    if parts.scheme == "sqlite":
        # As SQLAlchemy writes it: sqlite:///relative, sqlite:////absolute.
        path = parts.path.removeprefix("/")
        if parts.netloc or not path or "\0" in path:
            form = "sqlite:///relative/path", "sqlite:////absolute/path"
            raise unreadable(url, Text(f"应写 {form[0]} 或 {form[1]}", f"write {form[0]} or {form[1]}"))
        if wrong := _no_file(Path(path)):
            raise unreadable(url, wrong)
        from store.sqlite import SqliteStore

        return SqliteStore(Path(path))
    if parts.scheme in {"influxdb", "influxdbs"}:
        from store.influx import InfluxStore

        return InfluxStore.from_url(url)
    raise unreadable(
        url,
        Text(
            "须以 sqlite:///、influxdb:// 或 influxdbs:// 开头",
            "must begin with sqlite:///, influxdb:// or influxdbs://",
        ),
    )


def _no_file(path: Path) -> Text | None:
    """Why this can never be a store's file; a folder that is not there yet is made."""
    try:
        if path.exists() and not path.is_file():
            return Text("这是文件夹或设备，不是文件", "this is a folder or a device, no file")
        parent = next((folder for folder in path.parents if folder.exists()), Path())
    except OSError as error:  # a name too long, a loop of links
        return os_reason(error)
    return None if parent.is_dir() else Text(f"{parent} 不是文件夹", f"{parent} is no folder")
