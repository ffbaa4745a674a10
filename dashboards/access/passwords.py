"""Passwords as argon2id hashes; what they must look like."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboards.access.words import problem_text
from runtime.errors import UserError

_SHORTEST, _LONGEST = 10, 200
# A name of fewer characters may stand in any password by chance.
_TELLING = 4
# argon2-cffi's own parameters, RFC 9106's second choice: 64 MiB, some 50 ms.
_HASHER = PasswordHasher()
# Checked where there is no such account, so that an answer takes as long as for one that is there.
_NOBODY = _HASHER.hash("nobody has this password")


class WeakPassword(UserError):
    """A password that cannot be taken, and why."""


def hashed(password: str, *, account: str) -> str:
    """Raises WeakPassword."""
    check(password, account=account)
    return _HASHER.hash(_plain(password))


def check(password: str, *, account: str) -> None:
    """Raises WeakPassword."""
    if problem := _problem(password, account):
        raise WeakPassword(problem_text(problem))


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one; takes its time where there is no account, too."""
    try:
        return _HASHER.verify(stored or _NOBODY, _plain(password[:_LONGEST])) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether today's hashes are made with more work than this one."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return False


def rehashed(password: str) -> str:
    return _HASHER.hash(_plain(password))


def _problem(password: str, account: str) -> str | None:
    if len(password) < _SHORTEST:
        return "short"
    if len(password) > _LONGEST:
        return "long"
    holds_name = len(account) >= _TELLING and account.casefold() in password.casefold()
    return "own_name" if holds_name else None


def _plain(password: str) -> str:
    """As one keyboard or another composes it, a password is the same."""
    return unicodedata.normalize("NFC", password)
