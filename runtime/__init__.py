"""What every long-running program shares: settings from a file, secrets, logging, health."""

from runtime.broker import BrokerSettings
from runtime.errors import ConfigError, UserError
from runtime.health import serve_health
from runtime.health_types import Health
from runtime.log import configure_logging
from runtime.secrets import SecretReference, secret
from runtime.settings import HealthSettings, Settings, load

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
