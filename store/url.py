"""Opening a store by its address."""

from pathlib import Path
from urllib.parse import urlsplit

from store.base import Store, StoreError


def open_store(url: str) -> Store:
    """`sqlite:///path/to/file`, or `influxdb://host:8086/bucket?org=…` (`influxdbs://` over TLS).

    Nothing is contacted yet. InfluxDB's token comes from CAMPUS_INFLUX_TOKEN or the file that
    CAMPUS_INFLUX_TOKEN_FILE names; 1.x users from CAMPUS_INFLUX_USERNAME and CAMPUS_INFLUX_PASSWORD.
    Raises StoreError where the address cannot be read.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        # As SQLAlchemy writes it: sqlite:///relative, sqlite:////absolute.
        path = parts.path.removeprefix("/")
        if parts.netloc or not path:
            raise StoreError(f"store {url!r}: write sqlite:///relative/path or sqlite:////absolute/path")
        from store.sqlite import SqliteStore

        return SqliteStore(Path(path))
    if parts.scheme in {"influxdb", "influxdbs"}:
        from store.influx import InfluxStore

        return InfluxStore.from_url(url)
    raise StoreError(f"store {url!r}: must begin with sqlite:///, influxdb:// or influxdbs://")
