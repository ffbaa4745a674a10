"""A way to ask a controller, anew for each round."""

import time
from collections.abc import Callable

from edge_agent.settings import SnmpTarget
from edge_agent.snmp.asking import Source
from edge_agent.snmp.v2c import Target, V2c

# An agent that once managed fewer objects at a time is not tried with more for so long.
_CAREFUL_S = 3600.0


def opener(settings: SnmpTarget) -> Callable[[], Source]:
    """Reads the secrets; raises ConfigError."""
    if settings.version == "3":
        return _as_user(settings)
    target = Target(
        host=settings.host,
        port=settings.port,
        community=settings.read_community(),
        timeout_s=settings.timeout_s,
        retries=settings.retries,
    )
    return V2cAgent(target, most=settings.max_repetitions).open


def _as_user(settings: SnmpTarget) -> Callable[[], Source]:
    # Only where it is asked for: a gateway that speaks v2c needs nothing of it.
    from edge_agent.snmp.v3 import V3, UserTarget

    auth_key, priv_key = settings.read_keys()
    target = UserTarget(
        host=settings.host,
        port=settings.port,
        timeout_s=settings.timeout_s,
        retries=settings.retries,
        user=settings.user or "",
        auth=settings.auth,
        auth_key=auth_key,
        priv=settings.priv,
        priv_key=priv_key,
    )
    return lambda: V3(target, most=settings.max_repetitions)


class V2cAgent:
    """Remembers from round to round how many objects at a time an agent manages."""

    def __init__(self, target: Target, *, most: int) -> None:
        self._target = target
        self._most = most
        self._last: V2c | None = None
        self._full_at = time.monotonic()

    def open(self) -> V2c:
        now = time.monotonic()
        learnt = self._last.most if self._last is not None else self._most
        if learnt == self._most or now - self._full_at > _CAREFUL_S:
            learnt, self._full_at = self._most, now
        self._last = V2c(self._target, most=learnt)
        return self._last
