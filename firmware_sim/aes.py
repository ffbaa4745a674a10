"""AES-128 in cipher feedback mode, for SNMP v3 (FIPS 197, RFC 3826). For a simulator: slow and plain."""


def _double(value: int) -> int:
    """Times x in the field of FIPS 197 §4.2."""
    return (value << 1 ^ 0x11B) if value & 0x80 else value << 1


def _powers() -> list[int]:
    """The powers of x + 1: every value of the field but 0."""
    found = [1]
    while len(found) < 255:
        found.append(found[-1] ^ _double(found[-1]))
    return found


def _substitute(value: int) -> int:
    """FIPS 197 §5.1.1: the inverse in the field, and its bits mixed."""
    inverse = _POWERS[-_POWERS.index(value) % 255] if value else 0
    mixed = 0x63
    for turn in range(5):
        mixed ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
    return mixed


_POWERS = _powers()
_BOX = bytes(_substitute(value) for value in range(256))
_DOUBLED = bytes(_double(value) for value in range(256))
_ROUNDS = 10
# Where each octet of the block comes from when its rows are shifted.
_SHIFTED = tuple((place + 4 * (place % 4)) % 16 for place in range(16))


def encrypt(key: bytes, start: bytes, text: bytes) -> bytes:
    """Encrypt with the initial vector `start`."""
    return _feedback(key, start, text, forward=True)


def decrypt(key: bytes, start: bytes, text: bytes) -> bytes:
    """The reverse of `encrypt`."""
    return _feedback(key, start, text, forward=False)


def _feedback(key: bytes, start: bytes, text: bytes, *, forward: bool) -> bytes:
    rounds, before, found = _round_keys(key), start, bytearray()
    for at in range(0, len(text), 16):
        block = text[at : at + 16]
        done = bytes(one ^ other for one, other in zip(block, _block(rounds, before), strict=False))
        found += done
        before = done if forward else block
    return bytes(found)


def _round_keys(key: bytes) -> list[bytes]:
    """FIPS 197 §5.2, for keys of 16 octets."""
    words = [key[at : at + 4] for at in range(0, 16, 4)]
    constant = 1
    for number in range(4, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if number % 4 == 0:
            word = bytes(_BOX[octet] for octet in word[1:] + word[:1])
            word = bytes((word[0] ^ constant, *word[1:]))
            constant = _double(constant)
        words.append(bytes(one ^ other for one, other in zip(words[-4], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _block(rounds: list[bytes], block: bytes) -> bytes:
    state = _with(block, rounds[0])
    for number, key in enumerate(rounds[1:], 1):
        state = bytes(_BOX[state[place]] for place in _SHIFTED)
        if number < _ROUNDS:
            state = b"".join(_mixed(state[at : at + 4]) for at in range(0, 16, 4))
        state = _with(state, key)
    return state


def _mixed(column: bytes) -> bytes:
    """FIPS 197 §5.1.3."""
    whole = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(
        column[place] ^ whole ^ _DOUBLED[column[place] ^ column[(place + 1) % 4]] for place in range(4)
    )


def _with(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
