"""How long a login has to wait after failures: never for ever, and a known address is not shut by others.

Pure: failures are moments in the past, and so is the clock.
"""

from collections.abc import Sequence

WINDOW_MS = 15 * 60_000
# After so many failures of one account from one address each further one doubles the wait.
_FREE, _FIRST_S, _LONGEST_S = 5, 15, 600
# A school's people share one address: it may fail far more often before it has to wait.
_ADDRESS_FREE, _ADDRESS_WAIT_S = 50, 60
# An account that is tried from everywhere is slowed down for addresses that never got in, and no more.
_ACCOUNT_FREE, _ACCOUNT_WAIT_S = 20, 30


def wait_ms(
    pair: Sequence[int], address: Sequence[int], account: Sequence[int], *, known: bool, now_ms: int
) -> int:
    """How long until the next attempt may be made, 0 for now.

    pair, address, account: failures of this account from this address; of the address; of the account from
    anywhere, oldest first. known: the account was signed in from this address before.
    """
    waits = [
        _since(pair, _FREE, min(_LONGEST_S, _FIRST_S * 2 ** min(16, max(0, len(pair) - _FREE))), now_ms),
        _since(address, _ADDRESS_FREE, _ADDRESS_WAIT_S, now_ms),
        0 if known else _since(account, _ACCOUNT_FREE, _ACCOUNT_WAIT_S, now_ms),
    ]
    return max(waits)


def _since(failures: Sequence[int], free: int, seconds: int, now_ms: int) -> int:
    if len(failures) < free:
        return 0
    return max(0, failures[-1] + seconds * 1000 - now_ms)
