"""Every page for everybody: axe finds nothing, and a keyboard alone reaches and opens all there is.

The pages come from the table of routes: a new one is looked at without a line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
import pytest

from dashboards.access.settings import AccessSettings
from dashboards.board.gate import COOKIE
from tests.dashboards.browser import Page, browser
from tests.dashboards.conftest import running_board
from tests.dashboards.reader import Reader, add_account
from tests.dashboards.test_roles import GETS
from tests.dashboards.whole import NAMES_OF_ALL, everything

# Of that package the one file that browsers run; the rest of it is not used here.
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
WIDE, PHONE = (1440, 900), (390, 844)
# Each language, each theme and each width once: axe takes a second for a look.
LOOKS = (("zh", "light", WIDE), ("en", "dark", PHONE))
# What opens beside a person's own pages: with comments for the bureau, with decisions for operators.
ROLES = ("operator", "bureau")
_AXE_RUN = """axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.impact} ${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`)))"""
# Everything that a pointer could use, as far as it is drawn.
_USABLE = """window.usable = [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((one) =>
    !one.disabled && one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length)"""
# The page no longer brings its figures up to date: what is being looked at stays what it was.
_STILL = "for (let one = setTimeout(() => 0); one > 0; one--) { clearTimeout(one); clearInterval(one); }"
# Where the focus is: shown as such, and under nothing that stands still while the page scrolls.
_FOCUSED = """(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one), box = one.getClientRects()[0];
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return {place: usable.indexOf(one), html: one.outerHTML.slice(0, 100),
    seen: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0,
    free: !over || one.contains(over) || over.contains(one)};
})()"""


@dataclass(frozen=True)
class World:
    url: str
    page: Page
    readers: dict[str, Reader]
    known: dict[str, list[str]] = field(default_factory=dict)

    def open(self, path: str, *, language: str, role: str = "operator") -> None:
        cookie = self.readers[role].client.cookies[COOKIE]
        self.page.call("Network.setCookie", name=COOKIE, value=cookie, url=self.url)
        self.page.open(f"{self.url}{path}{'&' if '?' in path else '?'}lang={language}")
        self.page.evaluate(_STILL)

    def look(self, theme: str, size: tuple[int, int]) -> None:
        feature = {"name": "prefers-color-scheme", "value": theme}
        self.page.call("Emulation.setEmulatedMedia", features=[feature])
        width, height = size
        self.page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=size == PHONE,
        )

    def press(self, key: str) -> None:
        codes = {"Tab": (9, ""), "Enter": (13, "\r")}
        number, text = codes[key]
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.page.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=number, **more
            )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("accessible")
    accounts = folder / "accounts.sqlite"
    for role in ROLES:
        add_account(accounts, role, role)  # type: ignore[arg-type]  # two of the roles
    kept = folder / "reports" / "2026Q4" / "v1" / "a.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("of a quarter", encoding="utf-8")
    with (
        running_board(
            f"sqlite:///{folder / 'store.sqlite'}",
            names=NAMES_OF_ALL,
            access=AccessSettings(accounts=accounts),
            reports=folder / "reports",
        ) as board,
        browser(folder / "chromium") as page,
    ):
        for age_ms in (20 * 60_000, 10 * 60_000, 0):  # enough of a past for charts
            assert board.store.write(everything(board.now_ms - age_ms)) == []
        readers = {role: Reader(board.url).enter(accounts, role) for role in ROLES}
        yield World(board.url, page, readers)


def shown(world: World, path: str) -> list[str]:
    """The roles for which an address is a page; what is data, a picture or a file is none."""
    if path not in world.known:
        answers = {role: reader.get(path) for role, reader in world.readers.items()}
        world.known[path] = [
            role
            for role, answer in answers.items()
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]
        ]
    return world.known[path]


@pytest.mark.parametrize("path", sorted(set(GETS.values())))
def test_axe_finds_nothing_on_a_page(world: World, path: str) -> None:
    roles = shown(world, path)
    found: list[str] = []
    for language, theme, size in LOOKS if roles else ():
        world.look(theme, size)
        world.open(path, language=language, role=roles[0])
        world.page.evaluate(AXE)
        found += world.page.promised(_AXE_RUN)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", sorted(set(GETS.values())))
def test_a_keyboard_alone_reaches_everything_seen_and_in_its_order(world: World, path: str) -> None:
    roles = shown(world, path)
    if not roles:
        return
    world.look("light", WIDE)
    world.open(path, language="zh", role=roles[-1])
    page = world.page
    page.evaluate(_USABLE)
    number = page.evaluate("usable.length")
    steps = []
    for _ in range(2 * number + 20):  # a field for a date is several stops
        world.press("Tab")
        step = page.evaluate(_FOCUSED)
        if step is None or (steps and step["place"] == steps[0]["place"]):
            break
        steps.append(step)
    reached = {step["place"] for step in steps}
    missed = [
        page.evaluate(f"usable[{place}].outerHTML.slice(0, 100)")
        for place in range(number)
        if place not in reached
    ]
    assert [] == missed
    assert [step["place"] for step in steps] == sorted(step["place"] for step in steps)
    assert [] == [step["html"] for step in steps if not step["seen"] or not step["free"]]


def test_the_first_stop_leads_past_the_menu(world: World) -> None:
    world.look("light", WIDE)
    world.open("/now", language="zh")
    world.press("Tab")
    assert "跳" in world.page.evaluate("document.activeElement.innerText")
    world.press("Enter")
    world.press("Tab")
    assert world.page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", sorted(set(GETS.values())))
def test_every_fold_opens_and_closes_by_the_keyboard(world: World, path: str) -> None:
    for role in shown(world, path)[:1]:
        world.open(path, language="zh", role=role)
        page = world.page
        for place in range(page.evaluate("document.querySelectorAll('summary').length")):
            told = []
            page.evaluate(f"document.querySelectorAll('summary')[{place}].focus()")
            for _ in range(2):
                told.append(
                    page.evaluate(f"document.querySelectorAll('summary')[{place}].parentElement.open")
                )
                world.press("Enter")
            assert {True, False} == set(told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_says_its_language(world: World, language: str) -> None:
    world.open("/", language=language)
    said = world.page.evaluate("document.documentElement.lang")
    assert {"zh": "zh-CN", "en": "en"}[language] == said
