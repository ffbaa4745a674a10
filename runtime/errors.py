"""The base of every error that a user can mend."""

from runtime.language import Text


class UserError(Exception):
    """Something that a user can mend. The text says what is wrong, where, and how to mend it.

    Give a `Text` and the error speaks the program's language. The `campus` command ends with it as one
    line and exit code 2.
    """

    def __init__(self, text: Text | str = "") -> None:
        super().__init__(text)
