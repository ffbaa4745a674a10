"""What every long-running program shares: settings from a file, secrets, logging, health."""

from runtime.errors import ConfigError, UserError
from runtime.health import Health, serve_health
from runtime.log import configure_logging
from runtime.settings import (
    BrokerSettings,
    HealthSettings,
    SecretReference,
    Settings,
    load,
    secret,
)

__all__ = [
    "BrokerSettings",
    "ConfigError",
    "Health",
    "HealthSettings",
    "SecretReference",
    "Settings",
    "UserError",
    "configure_logging",
    "load",
    "secret",
    "serve_health",
]
