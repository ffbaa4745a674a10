"""Which school is meant: by its code, its name, or a part of the name that only one school has."""

import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from registry import Registry, School
from runtime.errors import UserError
from runtime.language import Text

_LISTED = 5  # so many schools are named in an error; it says how many there are
_ALIKE = 0.5  # of two names, by difflib's ratio
_ALIKE_CODE = 0.85  # one or two digits of ten are wrong
_LEAST = 2  # characters: one alone means no school


class CannotExplain(UserError):
    """No such school or indicator, or several; the message says which there are."""


def find_school(registry: Registry, wanted: str) -> School:
    """The school of this code or name. Raises CannotExplain, which lists the likely ones."""
    asked = _plain(wanted)
    if (school := registry.schools.get(asked)) is not None:
        return school
    schools = list(registry.schools.values())
    called = [school for school in schools if _plain(school.name) == asked]
    if not called and len(asked) >= _LEAST:
        called = [school for school in schools if asked in _plain(school.name)]
    if len(called) == 1:
        return called[0]
    raise _ambiguous(wanted, called) if called else _unknown(wanted, _likely(asked, schools))


def _plain(text: str) -> str:
    """As people mean it: blanks, width and case tell no two schools apart."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _likely(asked: str, schools: Sequence[School]) -> list[School]:
    codes = get_close_matches(
        asked, [school.school_code for school in schools], n=_LISTED, cutoff=_ALIKE_CODE
    )
    names = get_close_matches(asked, [_plain(school.name) for school in schools], n=_LISTED, cutoff=_ALIKE)
    meant = [school for code in codes for school in schools if school.school_code == code]
    meant += [school for name in dict.fromkeys(names) for school in schools if _plain(school.name) == name]
    return list({school.school_code: school for school in meant}.values())


def _ambiguous(wanted: str, called: Sequence[School]) -> CannotExplain:
    number, listed = len(called), _listed(called)
    return CannotExplain(
        Text(
            f"有 {number} 所学校符合“{wanted}”，请用标识码指定：{listed.zh}",
            f"{number} schools fit {wanted!r}, say which by its code: {listed.en}",
        )
    )


def _unknown(wanted: str, likely: Sequence[School]) -> CannotExplain:
    if not likely:
        return CannotExplain(Text(f"登记表中没有学校 {wanted}", f"no school {wanted} in the registry"))
    listed = _listed(likely)
    return CannotExplain(
        Text(
            f"登记表中没有学校 {wanted}，是否指：{listed.zh}",
            f"no school {wanted} in the registry, was one of these meant: {listed.en}",
        )
    )


def _listed(schools: Sequence[School]) -> Text:
    named = [f"{school.school_code} {school.name}" for school in schools[:_LISTED]]
    left = len(schools) - len(named)
    zh, en = "、".join(named), ", ".join(named)
    return Text(f"{zh}，另有 {left} 所", f"{en} and {left} more") if left else Text(zh, en)
