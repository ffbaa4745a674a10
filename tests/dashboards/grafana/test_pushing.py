"""Pushing, with grafana-client, to something that answers as Grafana does: what is the same stays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from campus.program import app
from dashboards.grafana.building import pages
from dashboards.grafana.pushing import Pushed, PushError, connect, push
from tests.dashboards.grafana.test_building import SETTING
from tests.servers import free_port
from tests.web import Answering, served

TOKEN = "glsa_token"
PAGES = pages(SETTING)


@dataclass
class Grafana:
    """What it holds, and what the token may do: make folders, save in folders, or neither."""

    folders: dict[str, str] = field(default_factory=dict)
    pages: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    provisioned: set[str] = field(default_factory=set)
    makes_folders: bool = True
    saves: bool = True
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(grafana: Grafana) -> Iterator[Grafana]:
    class Handler(Answering):
        def get(self) -> None:
            grafana.asked.append(f"GET {self.path}")
            kind, _, uid = self.path.removeprefix("/api/").rpartition("/")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.tell(401, {"message": "Invalid API key"})
            elif kind == "folders" and uid in grafana.folders:
                self.tell(200, {"uid": uid, "title": grafana.folders[uid]})
            elif kind == "dashboards/uid" and uid in grafana.pages:
                folder, page = grafana.pages[uid]
                self.tell(200, {"meta": {"folderUid": folder}, "dashboard": page})
            else:
                self.tell(404, {"message": "not found"})

        def post(self) -> None:
            grafana.asked.append(f"POST {self.path}")
            body = json.loads(self.body())
            if self.path == "/api/folders":
                if not grafana.makes_folders:
                    return self.tell(403, {"message": "Access denied"})
                grafana.folders[body["uid"]] = body["title"]
                return self.tell(200, {"uid": body["uid"], "title": body["title"]})
            page = body["dashboard"]
            if page["uid"] in grafana.provisioned:
                return self.tell(400, {"message": "Cannot save provisioned dashboard"})
            if not grafana.saves or body["folderUid"] not in grafana.folders:
                return self.tell(403, {"message": "Access denied to save dashboard"})
            known = grafana.pages.get(page["uid"])
            if known is not None and not body["overwrite"]:
                return self.tell(412, {"message": "The dashboard has been changed by someone else"})
            version = 1 + (known[1]["version"] if known else 0)
            grafana.pages[page["uid"]] = (body["folderUid"], {**page, "id": 40, "version": version})
            return self.tell(200, {"status": "success", "uid": page["uid"], "version": version})

    with served(Handler) as address:
        grafana.url = f"http://{address}"
        yield grafana


def pushed(grafana: Grafana, found: dict[str, Any] = PAGES) -> list[Pushed]:
    return list(push(connect(grafana.url, TOKEN), found))


def done(found: list[Pushed]) -> list[str]:
    return [one.done for one in found]


def test_the_first_push_makes_folder_and_pages_and_the_second_changes_nothing() -> None:
    with serving(Grafana()) as grafana:
        first = pushed(grafana)
        versions = [page["version"] for _, page in grafana.pages.values()]
        grafana.asked.clear()
        second = pushed(grafana)
    number = len(PAGES)
    assert (["created"] * (number + 1), ["unchanged"] * (number + 1), [1] * number, []) == (
        done(first),
        done(second),
        versions,
        [asked for asked in grafana.asked if asked.startswith("POST")],
    )


def test_only_a_page_that_differs_is_saved() -> None:
    with serving(Grafana()) as grafana:
        pushed(grafana)
        changed = {**PAGES, "campus-room": {**PAGES["campus-room"], "title": "教室"}}
        found = pushed(grafana, changed)
        titles = {uid: page["title"] for uid, (_, page) in grafana.pages.items()}
    assert (["教室"], "教室") == (
        [one.what for one in found if one.done == "updated"],
        titles["campus-room"],
    )


def test_a_page_that_someone_moved_is_put_back() -> None:
    with serving(Grafana()) as grafana:
        pushed(grafana)
        grafana.pages["campus-room"] = ("elsewhere", grafana.pages["campus-room"][1])
        found = pushed(grafana)
    assert (["一间教室"], "campus") == (
        [one.what for one in found if one.done == "updated"],
        grafana.pages["campus-room"][0],
    )


def test_an_account_that_may_only_edit_that_folder_is_enough() -> None:
    with serving(Grafana(folders={"campus": "校园设施监测"}, makes_folders=False)) as grafana:
        found = done(pushed(grafana))
    assert ["unchanged", *["created"] * len(PAGES)] == found


def test_what_the_token_may_not_do_is_said() -> None:
    with serving(Grafana(makes_folders=False)) as grafana:
        (folder,) = pushed(grafana)
    with serving(Grafana(folders={"campus": ""}, saves=False)) as grafana:
        page = pushed(grafana)[1]
    with serving(Grafana(folders={"campus": ""}, provisioned={"campus-overview"})) as grafana:
        given = pushed(grafana)
    assert ("refused", "refused", "refused", "created") == (
        folder.done,
        page.done,
        given[1].done,
        given[2].done,
    )
    assert "the token may not make folders" in getattr(folder.why, "en", "")
    assert "the token may not save in this folder" in getattr(page.why, "en", "")
    assert "Cannot save provisioned dashboard" in getattr(given[1].why, "en", "")


@pytest.mark.usefixtures("in_english")
def test_a_token_that_grafana_does_not_know_and_a_grafana_that_is_away_are_said() -> None:
    with serving(Grafana()) as grafana, pytest.raises(PushError, match="token"):
        list(push(connect(grafana.url, "other"), PAGES))
    with pytest.raises(PushError, match="Grafana"):
        list(push(connect(f"http://127.0.0.1:{free_port()}", TOKEN), PAGES))
    with pytest.raises(PushError, match="http://"):
        connect("grafana.example", TOKEN)


@pytest.mark.usefixtures("in_english")
def test_the_command_pushes_with_the_token_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPUS_GRAFANA_TOKEN", TOKEN)
    with serving(Grafana()) as grafana:
        for _ in range(2):
            app(["dashboards", "push", "--url", grafana.url], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    number = len(PAGES) + 1
    assert (
        ["created"] * number,
        ["unchanged"] * number,
    ) == (
        [line.rpartition(": ")[2] for line in lines[:number]],
        [line.rpartition(": ")[2] for line in lines[number:]],
    )
