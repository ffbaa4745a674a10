"""Standards from files: the one named, or the one in force. A file that contradicts itself is refused."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from rules.standards.contradictions import contradictions
from rules.standards.standard import Standard
from runtime import UserError
from runtime.language import Text
from runtime.problems import problem_with_value
from runtime.toml_files import read_toml
from runtime.toml_lines import Path as KeyPath
from runtime.toml_lines import key_text, line_of

STANDARDS = Path(__file__).parent


class StandardError(UserError):
    """A standard cannot be used; each line names file, line, key and what is wrong."""


def standard_for(name: str | None, *, as_of: date, folder: Path = STANDARDS) -> Standard:
    """The named standard (or the path of a file of your own); without a name the one in force on `as_of`.

    Where several are in force the newest goes first: a district's plan over the national rules.
    """
    if name and name.endswith(".toml"):
        return load_standard(Path(name))
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if name:
        if name not in known:
            raise StandardError(
                Text(
                    f"没有名为 {name!r} 的标准，现有：{'、'.join(known)}",
                    f"no standard is called {name!r}; there are {', '.join(known)}",
                )
            )
        return load_standard(known[name])
    in_force = [standard for path in known.values() if (standard := load_standard(path)).in_force(as_of)]
    if not in_force:
        raise StandardError(
            Text(
                f"{as_of} 没有生效的标准，请指定其中之一：{'、'.join(known)}",
                f"no standard is in force on {as_of}; name one of {', '.join(known)}",
            )
        )
    return max(in_force, key=lambda standard: standard.effective_from)


def load_standard(path: Path) -> Standard:
    """Read one file; StandardError lists everything that is wrong in it, one line each."""
    text, values = read_toml(path, Text("标准文件", "the standard"), refuse=StandardError)

    def line(key: KeyPath, wrong: Text | str) -> str:
        return f"{path}:{line_of(text, key)}: {key_text(key)}: {wrong}"

    try:
        standard = Standard.model_validate(values)
    except ValidationError as error:
        found = [
            line(problem["loc"], problem_with_value(problem)) for problem in error.errors(include_url=False)
        ]
        raise StandardError("\n".join(found)) from error
    found = [line(key, wrong) for key, wrong in contradictions(standard, path.stem)]
    if found:
        raise StandardError("\n".join(found))
    return standard
