"""/metrics for Prometheus and /healthz for whoever restarts the program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runtime.health_types import Exposes, Health
from runtime.settings import HealthSettings

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


@contextmanager
def serve_health(
    settings: HealthSettings, registry: "CollectorRegistry | Exposes", check: Callable[[], Health]
) -> Iterator[int | None]:
    """Serve until the block ends; gives the port, None where it is off. Raises ConfigError."""
    if not settings.port:
        yield None
        return
    # Only where it is asked for: a web server and Prometheus' library take five MiB.
    from runtime.health_server import serving

    with serving(settings, registry, check) as port:
        yield port
