"""A bureau at work: its authority, the service, mosquitto; and the commands that people type."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract import Address
from edge_agent.identity.identity import Server as Service
from tests.servers import Server, free_port, running
from tests.trust.bureau import Bureau, bureau

HERE = Address("120116", "2112000001", "gw1")


@dataclass
class Town:
    """A bureau whose service runs, with the settings file that its clerk uses."""

    bureau: Bureau
    config: Path
    service: Service

    @property
    def broker_url(self) -> str:
        return f"mqtts://127.0.0.1:{self.bureau.tls_port}"

    def code(self, address: Address = HERE) -> str:
        with self.bureau.office() as office:
            return str(office.make_code(address)[0])


def campus(*words: str, folder: Path, language: str = "zh") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "campus.main", "--lang", language, *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def whole_town(folder: Path) -> Iterator[Town]:
    """Everything of the bureau's that a gateway meets."""
    with bureau(folder) as made:
        port = free_port()
        config = folder / "trust.toml"
        broker = made.settings.broker
        assert broker is not None
        config.write_text(
            f'folder = "ca"\nlisten_host = "127.0.0.1"\nlisten_port = {port}\nsync_s = 1\n'
            f'[broker]\nurl = "{broker.url}"\nusername = "{broker.username}"\n'
            'password = "file:ca/admin-password"\n'
        )
        command = [sys.executable, "-m", "campus.main", "ca", "serve", "--config", str(config)]
        environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
        with running(Server("service", command, port, folder, environment)):
            yield Town(made, config, Service("127.0.0.1", port))
