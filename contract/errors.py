"""The one error that decoding may raise."""


class ContractError(ValueError):
    """What was received cannot be read; the text says what, where and why."""
