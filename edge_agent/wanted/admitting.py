"""Whether wanted settings may be tried: proven to be the bureau's, new, permitted, and all there."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract import Address, ContractError, Wanted, decode_wanted
from edge_agent.settings import FleetSettings
from edge_agent.wanted.effective import own_values, with_wanted
from edge_agent.wanted.permitted import allowed_by, check, references
from edge_agent.wanted.proving import proven
from edge_agent.wanted.shelf import Memory, Shelf
from edge_agent.wanted.why import NotTakenError, Why, because
from runtime import ConfigError
from runtime.secrets import secret
from runtime.toml_files import toml_values

log = logging.getLogger(__name__)

# Of these it is not known that they are the bureau's: their number means nothing.
_NOT_OURS = {"fleet.signature", "fleet.unreadable", "fleet.master"}


class Admission:
    """For one gateway; it remembers what it has considered since the program began."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        config: Path,
        address: Address,
        authority_pem: str,
        fleet: FleetSettings,
        program: str,
    ) -> None:
        self._shelf, self._config, self._address = shelf, config, address
        self._authority_pem, self._fleet, self._program = authority_pem, fleet, program
        self._considered: set[int] = set()

    def new(self, payload: bytes) -> Wanted | None:
        """A proven version that was not considered yet; None where there is nothing to do.

        Raises NotTakenError.
        """
        if not payload:
            return None  # taken away at the broker: what runs goes on
        if self._fleet.master == "school":
            raise NotTakenError(because("fleet.master"))
        bare = proven(self._authority_pem, self._address.topic("wanted"), payload)
        try:
            wanted = decode_wanted(bare, self._address)
        except ContractError as error:
            raise NotTakenError(because("fleet.unreadable", why=str(error))) from error
        memory = self._shelf.memory
        if wanted.version < memory.seen:
            raise NotTakenError(because("fleet.old", version=wanted.version, seen=memory.seen))
        if wanted.version == memory.seen and wanted.sha256 != memory.seen_sha256:
            raise NotTakenError(because("fleet.mixed", version=wanted.version))
        self._say_software(wanted)
        if not self._open(wanted, memory):
            return None
        self._considered.add(wanted.version)
        self._shelf.put(wanted.version, payload)
        self._shelf.remember(seen=wanted.version, seen_sha256=wanted.sha256)
        return wanted

    def permit(self, wanted: Wanted) -> None:
        """Raises NotTakenError where something may not be set from afar, or cannot be had at the school."""
        folder = self._config.parent
        try:
            own = own_values(self._config)
            if wanted.settings is not None:
                values = toml_values(wanted.settings, "settings")
                check(values, wanted.files, allowed_by(own, folder), folder)
                _read_secrets(values, wanted, folder)
            with_wanted(own, wanted, self._shelf, self._config).prepare()
        except ConfigError as error:
            raise NotTakenError(because("fleet.config", why=self.plain(str(error)))) from error

    def forget(self, version: int) -> None:
        """It was not tried to the end: it may be considered again."""
        self._considered.discard(version)

    def version_of(self, why: Why) -> int:
        """Which version it is about. Of what is not proven the number means nothing."""
        version = why.args.get("version", 0 if why.code in _NOT_OURS else self._shelf.memory.seen)
        return version if isinstance(version, int) else 0

    def plain(self, text: str) -> str:
        """Without the folders of this machine, which are nobody's business elsewhere."""
        for folder in (self._shelf.folder, self._config.parent):
            text = text.replace(f"{folder.absolute()}/", "").replace(f"{folder}/", "")
        return text

    def _open(self, wanted: Wanted, memory: Memory) -> bool:
        """What runs, or was taken back, needs no second look; what was refused has one at each start."""
        if wanted.version == memory.running.version or wanted.version in self._considered:
            return False
        left = memory.not_taken
        if left is None or left.version != wanted.version or left.outcome != "rolled_back":
            return True
        return left.code in {"fleet.damaged", "fleet.memory"}

    def _say_software(self, wanted: Wanted) -> None:
        if wanted.software and wanted.software != self._program:
            text = "the bureau wants version %s of this program, this is %s: install it"
            log.warning(text, wanted.software, self._program)


def _read_secrets(values: Mapping[str, Any], wanted: Wanted, folder: Path) -> None:
    """Raises NotTakenError with the first reference behind which there is nothing."""
    for reference in references(values, wanted.files, folder):
        try:
            secret(reference, key="secret")
        except ConfigError as error:
            raise NotTakenError(because("fleet.secret", reference=reference)) from error
