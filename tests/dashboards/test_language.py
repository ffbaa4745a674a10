"""One language at a time: chosen by a switch that is remembered, whole on every page."""

import json
import re
import string
from pathlib import Path

import pytest

from dashboards.board.words import page_words
from rules.words import reason, to_json
from rules.words.wording import table
from tests.dashboards.conftest import RunningBoard, running_board
from tests.dashboards.filling import JUNIOR, NAMES, PRIMARY, evaluation, verdict
from tests.dashboards.parsed import Element, parse

PAGES = (
    "/",
    "/now",
    "/schools",
    "/indicators",
    "/use",
    "/lessons",
    "/inventory",
    "/fleet",
    "/wall",
    "/reports",
    "/trends",
    "/shortfalls",
    f"/school/{JUNIOR}",
    "/nowhere",
)
TEMPLATES = Path("dashboards/board/templates")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def lang(page: Element) -> str:
    return page.one("html").attributes["lang"]


@pytest.mark.parametrize(
    ("query", "cookie", "accepts", "expected"),
    [
        ("", "", "", "zh-CN"),
        ("", "", "en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("", "", "zh-TW;q=0.5,en;q=0.4", "zh-CN"),
        ("", "", "fr,de;q=oops", "zh-CN"),
        ("", "en", "zh-CN", "en"),
        ("?lang=zh", "en", "en", "zh-CN"),
        ("?lang=fr", "en", "zh", "en"),
    ],
)
def test_a_choice_goes_before_the_browsers_wish_and_that_before_the_programs_language(
    board: RunningBoard, query: str, cookie: str, accepts: str, expected: str
) -> None:
    answer = board.get(f"/{query}", language=cookie, **({"Accept-Language": accepts} if accepts else {}))
    assert (expected, expected[:2]) == (lang(parse(answer.text)), answer.headers["content-language"])


def test_a_choice_is_remembered_and_a_page_that_refreshes_itself_chooses_nothing(board: RunningBoard) -> None:
    chosen, refreshed = (board.get(f"/?lang=en{more}").headers for more in ("", "&fragment=1"))
    assert chosen["set-cookie"].startswith("lang=en; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax")
    assert "set-cookie" not in refreshed


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_switch_and_marks_its_own_language(board: RunningBoard, path: str) -> None:
    links = parse(board.get(path).text).one("nav", class_="languages").all("a")
    assert [("中文", "?lang=zh", True), ("English", "?lang=en", False)] == [
        (link.text, link.attributes["href"], "aria-current" in link.attributes) for link in links
    ]


@pytest.mark.parametrize("path", PAGES)
def test_an_english_page_has_no_chinese_but_names(board: RunningBoard, path: str) -> None:
    page = parse(board.get(path, language="en").text)
    named = {name.name for name in (*NAMES.schools.values(), *NAMES.rooms.values())}
    named |= {school.unit for school in NAMES.schools.values()} | {room.kind for room in NAMES.rooms.values()}
    named |= {"中文", "模拟区校园设施监测", "房间"}  # of the title and of a room in the store
    said = " ".join(_words(page))
    for name in sorted(named - {""}, key=len, reverse=True):
        said = said.replace(name, "")
    said = said.replace("滨海新区推进义务教育优质均衡发展攻坚行动方案（2021年8月25日）", "")
    said = said.replace("滨海新区推进义务教育优质均衡发展攻坚行动方案", "")
    assert [] == CHINESE.findall(said)


@pytest.mark.parametrize("path", PAGES)
def test_a_chinese_page_has_no_english_word_of_the_boards_own(board: RunningBoard, path: str) -> None:
    said = set(_words(parse(board.get(path).text)))
    assert set() == said & {text for text in page_words("en").values() if re.search("[A-Za-z]{3}", text)}


def _words(element: Element) -> list[str]:
    """All that is read on a page: its texts, and the attributes that are shown or spoken."""
    found = [element.attributes[name] for name in _SPOKEN if name in element.attributes]
    for child in element.children:
        found += [child.strip()] if isinstance(child, str) else _words(child)
    return found


_SPOKEN = ("title", "aria-label", "placeholder", "data-label", "data-live", "data-lost", "data-none")


def test_a_reason_is_worded_for_its_reader_and_an_older_row_shows_the_text_it_has(tmp_path: Path) -> None:
    why = to_json(reason("missing.pupils"))
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(
            [
                verdict(PRIMARY, "primary", "L7", "undetermined", board.now_ms, reason="旧", reason_json=why),
                verdict(JUNIOR, "junior", "L7", "fail", board.now_ms, reason="少 / too few"),
            ]
        )
        shown = {
            language: [
                parse(board.get("/schools", language=language).text)
                .one("tbody", data_school=code)
                .all("p", class_="reason")[0]
                .text
                for code in (PRIMARY, JUNIOR)
            ]
            for language in ("zh", "en")
        }
        told = json.loads(board.get("/api/v1/indicators?lang=en").text)["data"]
    assert {
        "zh": [table("zh")["missing.pupils"], "少 / too few"],
        "en": [table("en")["missing.pupils"], "少 / too few"],
    } == shown
    assert shown["en"][0] in {row["reason"] for row in told}


def test_both_languages_say_the_same_things_with_the_same_figures() -> None:
    def figures(text: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    chinese, english = page_words("zh"), page_words("en")
    assert {key: figures(text) for key, text in chinese.items()} == {
        key: figures(text) for key, text in english.items()
    }


def test_every_word_is_said_somewhere() -> None:
    files = [*TEMPLATES.parent.glob("*.py"), *TEMPLATES.glob("*.html")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    # Put together from a section and a key.
    made = {
        key
        for key in page_words("zh")
        if key.split(".")[0]
        in {
            "action",
            "decisions",
            "ages",
            "happening",
            "role",
            "history",
            "spans",
            "nav",
            "trouble",
            "trends",
            "lessons",
            "inventory",
        }
    }
    assert [] == [key for key in page_words("zh") if key not in text and key not in made]


def test_names_of_states_stand_in_no_template(board: RunningBoard) -> None:
    """The board words nothing that the one vocabulary words."""
    assert [] == [
        file.name for file in TEMPLATES.glob("*.html") if CHINESE.search(file.read_text().replace("中文", ""))
    ]


def test_an_evaluation_of_an_empty_store_is_told_in_both_languages(tmp_path: Path) -> None:
    with running_board(f"sqlite:///{tmp_path / 'store.sqlite'}") as board:
        board.store.write(evaluation(board.now_ms)[:1])
        texts = [board.get("/schools", language=language).text for language in ("zh", "en")]
    assert ("达标" in texts[0], "达标" in texts[1]) == (True, False)
