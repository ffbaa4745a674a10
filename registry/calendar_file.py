"""The registry's calendar.toml: time zone, terms, holidays, make-up days and lesson slots."""

from pathlib import Path

from registry.calendar import Calendar
from registry.calendar_model import Wrong, calendar_of
from registry.problems import Problem
from runtime import ConfigError
from runtime.language import Text
from runtime.toml_files import read_toml
from runtime.toml_lines import key_text, line_of

FILE = "calendar.toml"


def read_calendar(folder: Path, problems: list[Problem]) -> Calendar | None:
    """The calendar, or None with the reasons added to `problems`."""
    path = folder / FILE
    if not path.exists():
        what = Text(
            "没有校历：请填写“校历”表或此文件", "there is no calendar: fill in its sheet or this file"
        )
        problems.append(Problem(sheet=FILE, what=what))
        return None
    try:
        text, values = read_toml(path, Text("校历", "the calendar"))
    except ConfigError as error:
        why = str(error).removeprefix(f"{path}: ")
        problems.append(Problem(sheet=FILE, what=Text(why, why)))
        return None
    try:
        return calendar_of(values)
    except Wrong as wrong:
        problems.extend(
            Problem(sheet=FILE, what=what, row=line_of(text, key), header=key_text(key), found=found)
            for key, what, found in wrong.found
        )
        return None
