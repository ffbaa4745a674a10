"""The one error that decoding may raise."""

from runtime.language import Text


class ContractError(ValueError):
    """What was received cannot be read; the text says what, where and why."""

    def __init__(self, text: Text | str) -> None:
        super().__init__(text)
