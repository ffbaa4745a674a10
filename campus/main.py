"""The entry point of `campus`: choose the language, run the command, say in one line what a user can mend."""

import errno
import sys
from collections.abc import Sequence
from itertools import zip_longest

from campus.plain_start import PlainStart, plain_start
from campus.postponed import postpone

if plain_start(sys.argv[1:]) is not None:
    # Before the libraries that would read them.
    postpone()

from campus.breaking_off import INTERRUPTED, breaking_off
from runtime.errors import UserError, os_reason
from runtime.language import Language, Text, choose_language
from runtime.log import plain
from runtime.memory import look_seldom
from runtime.shown import shown


def run() -> None:
    """What a user can get wrong ends in one line and exit code 2, never in a traceback."""
    choose_language(_asked(sys.argv[1:]))
    gateway = plain_start(sys.argv[1:])
    try:
        with breaking_off():
            if gateway is not None:
                _be_gateway(gateway)
            else:
                _run_command()
    except UserError as error:
        _end(str(error))
    except ModuleNotFoundError as error:
        if not error.name or "." in error.name:
            raise
        _end(str(_not_installed(error.name)))
    except OSError as error:
        # Whatever a path is given for: a name that no file can have is told as such.
        if error.errno != errno.ENAMETOOLONG:
            raise
        _end(f"{shown(error.filename)}: {os_reason(error)}")


def _run_command() -> None:
    look_seldom()
    # Only now: the commands' own words are chosen while they are imported.
    from campus.program import app
    from campus.usage import Abort, UsageError, in_our_words, usage_text

    try:
        # A command that ends with an exit code of its own gives it; the others give nothing.
        code = in_our_words(app)(standalone_mode=False)
    except UsageError as error:
        _end(usage_text(error))
    except Abort as error:  # Ctrl-C, or the end of the input, where a question was asked
        raise KeyboardInterrupt from error
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    sys.exit(code)


def _be_gateway(gateway: PlainStart) -> None:
    """Without all that only a command line needs: it takes six MiB, and a gateway runs for months."""
    from edge_agent.starting import start

    start(gateway.config, gateway.log_level)


def _asked(arguments: Sequence[str]) -> Language | None:
    """The language that --lang names before the subcommand; None leaves it to the environment.

    A name that is none is told by the command itself, which reads the option again.
    """
    for word, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        name, _, value = word.partition("=")
        if name == "--lang":
            chosen = value or following
            return "zh" if chosen == "zh" else "en" if chosen == "en" else None
        if not word.startswith("-"):
            return None
    return None


def _not_installed(module: str) -> Text:
    return Text(
        f"未安装 {module}，请安装带有它的组件（campus doctor 会列出所缺的组件）",
        f"{module} is not installed; install the extra that has it (campus doctor lists what is missing)",
    )


def _end(text: str) -> None:
    print(f"campus: {chr(10).join(map(plain, text.split(chr(10))))}", file=sys.stderr)  # noqa: T201 the one line that the user reads
    sys.exit(2)


if __name__ == "__main__":
    run()
