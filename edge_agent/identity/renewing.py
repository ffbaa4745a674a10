"""Renewal without a person: well before a certificate ends, and as soon as possible after."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from contract import Address, RenewalTrouble, utc_text
from edge_agent.changes import Changes
from edge_agent.identity.asking import Refused, Unreachable
from edge_agent.identity.enrolling import renew
from edge_agent.identity.identity import Identity
from runtime.errors import UserError

log = logging.getLogger(__name__)

# How often it is looked whether it is time; where it did not work, it is tried again then.
LOOK_S = 3600.0
# With a certificate that has ended nothing can be sent.
ENDED_LOOK_S = 300.0


async def keep_renewed(
    identity: Identity,
    address: Address,
    *,
    clock: Callable[[], int],
    renewed: Callable[[Identity], None],
    failed: Callable[[RenewalTrouble], None] = lambda _: None,
    stop: asyncio.Event,
) -> None:
    """Until `stop`; `renewed` is called with each new identity, `failed` after each try that did not work."""
    said = Changes(log)
    while not stop.is_set():
        if identity.renewal_due(clock()):
            try:
                identity = await asyncio.to_thread(renew, identity, address)
            except Exception as error:
                # What nobody foresaw here must not end a gateway that collects and sends.
                if not isinstance(error, UserError):
                    log.exception("renewal failed for a reason that nobody foresaw")
                said.trouble(
                    "certificate", f"cannot be renewed (ends {utc_text(identity.until_ms)}): {error}"
                )
                failed(_trouble(error))
            else:
                said.well("certificate")
                log.info("certificate renewed until %s", utc_text(identity.until_ms))
                renewed(identity)
        wait = ENDED_LOOK_S if identity.until_ms <= clock() else LOOK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await stop.wait()


def _trouble(error: Exception) -> RenewalTrouble:
    """What a person must look at: the way to the authority, what it said, or this gateway itself."""
    if isinstance(error, Unreachable):
        return "unreachable"
    return "refused" if isinstance(error, Refused) else "other"
