"""Dashboards into a running Grafana: what is there already stays as it is, what is not allowed is said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import requests
from grafana_client import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, GrafanaServerError

from dashboards.grafana.provisioning import FOLDER_TITLE, FOLDER_UID
from runtime import UserError
from runtime.language import Text
from runtime.shown import shown

JSON = Mapping[str, Any]
_TIMEOUT_S = 30.0
# A Grafana counts these itself: they say nothing about what a page shows.
_ITS_OWN = ("id", "version")

Done = Literal["created", "updated", "unchanged", "refused"]


class PushError(UserError):
    """Nothing can be pushed: Grafana is away, or the token is none of its."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of one dashboard, or of the folder; `why` where it was refused."""

    what: str
    done: Done
    why: Text | str = ""


def connect(url: str, token: str) -> GrafanaApi:
    """A Grafana by its address; nothing is asked yet. Raises PushError where the address is none."""
    if not url.startswith(("http://", "https://")):
        raise PushError(
            Text(
                f"Grafana 地址 {shown(url)} 应形如 http://主机:3000",
                f"address of Grafana {shown(url)} must look like http://host:3000",
            )
        )
    return GrafanaApi.from_url(url, credential=token, timeout=_TIMEOUT_S)


def push(grafana: GrafanaApi, pages: Mapping[str, JSON]) -> Iterator[Pushed]:
    """The folder, then every dashboard; raises PushError where it makes no sense to go on."""
    try:
        folder = _folder(grafana)
        yield folder
        if folder.done == "refused":
            return
        for uid, page in pages.items():
            yield _page(grafana, uid, page)
    except requests.exceptions.RequestException as error:
        raise PushError(Text(f"无法连接 Grafana：{error}", f"cannot reach Grafana: {error}")) from error
    except GrafanaServerError as error:
        raise PushError(Text(f"Grafana 出错：{error.message}", f"Grafana failed: {error.message}")) from error


def _folder(grafana: GrafanaApi) -> Pushed:
    try:
        grafana.folder.get_folder(FOLDER_UID)
    except GrafanaClientError as error:
        if error.status_code not in {403, 404}:
            raise _told(error) from error
    else:
        return Pushed(what=FOLDER_TITLE, done="unchanged")
    try:
        grafana.folder.create_folder(FOLDER_TITLE, uid=FOLDER_UID)
    except GrafanaClientError as error:
        if error.status_code != 403:
            raise _told(error) from error
        return Pushed(
            what=FOLDER_TITLE,
            done="refused",
            why=Text(
                f"此令牌不能建立文件夹；请由管理员建立 uid 为 {FOLDER_UID} 的文件夹，并给它编辑权限",
                f"the token may not make folders: let an administrator make one with the uid {FOLDER_UID}, "
                "and give the token's account Edit on it",
            ),
        )
    return Pushed(what=FOLDER_TITLE, done="created")


def _page(grafana: GrafanaApi, uid: str, page: JSON) -> Pushed:
    name = str(page["title"])
    known = _known(grafana, uid)
    if known is not None and _same(known, page):
        return Pushed(what=name, done="unchanged")
    try:
        grafana.dashboard.update_dashboard(
            {
                "dashboard": {**page, "id": None},
                "folderUid": FOLDER_UID,
                "overwrite": True,
                "message": "campus dashboards push",
            }
        )
    except GrafanaClientError as error:
        why = _refusal(error)
        if why is None:
            raise _told(error) from error
        return Pushed(what=name, done="refused", why=why)
    return Pushed(what=name, done="created" if known is None else "updated")


def _known(grafana: GrafanaApi, uid: str) -> JSON | None:
    """The dashboard as Grafana has it; None where there is none, or none that the token may see."""
    try:
        found: JSON = grafana.dashboard.get_dashboard(uid)
    except GrafanaClientError as error:
        if error.status_code not in {403, 404}:
            raise _told(error) from error
        return None
    return found


def _same(known: JSON, page: JSON) -> bool:
    folder = known.get("meta", {}).get("folderUid", FOLDER_UID)
    return folder == FOLDER_UID and _plain(known["dashboard"]) == _plain(page)


def _plain(page: JSON) -> JSON:
    return {key: value for key, value in page.items() if key not in _ITS_OWN}


def _refusal(error: GrafanaException) -> Text | None:
    """Why one dashboard is not taken, where the others may be."""
    if error.status_code == 403:
        return Text("此令牌不能在这个文件夹中保存", "the token may not save in this folder")
    if error.status_code == 400:
        return Text(
            f"Grafana 不接受（由文件提供的面板不能在此修改）：{_message(error)}",
            f"Grafana does not take it (a page that comes from "
            f"files cannot be changed so): {_message(error)}",
        )
    return None


def _told(error: GrafanaException) -> PushError:
    if error.status_code == 401:
        return PushError(Text("Grafana 不认识这个令牌", "Grafana does not know this token"))
    return PushError(
        Text(
            f"Grafana 答复 {error.status_code}：{_message(error)}",
            f"Grafana answered {error.status_code}: {_message(error)}",
        )
    )


def _message(error: GrafanaException) -> str:
    response = error.response
    return str(response.get("message", response)) if isinstance(response, dict) else str(response)
