"""Opening a store by its address."""

from pathlib import Path
from urllib.parse import urlsplit

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
