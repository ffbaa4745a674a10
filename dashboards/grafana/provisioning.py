"""The files that Grafana reads at its start: where its data come from, and where its pages are."""

from typing import Any

from dashboards.grafana.model import SOURCE_UID

JSON = dict[str, Any]

FOLDER_UID = "campus"
FOLDER_TITLE = "校园设施监测"
# A title of its own: a folder that alerting makes first gets a random uid, and the pages would not find it.
ALERT_FOLDER = "校园设施告警"
PAGES_FOLDER = "dashboards/campus"
# Nothing is asked for more often than gateways poll.
POLL_INTERVAL = "60s"
URL, DATABASE, TOKEN = (
    "CAMPUS_GRAFANA_INFLUX_URL",
    "CAMPUS_GRAFANA_INFLUX_DB",
    "CAMPUS_GRAFANA_INFLUX_TOKEN",
)


def data_source() -> JSON:
    """InfluxQL on 1.x and 2.x: against 2.7 the database of a query is the bucket of the same name.

    The token may only read: a Viewer can send any request through the data source's proxy.
    """
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "campus",
                "uid": SOURCE_UID,
                "type": "influxdb",
                "access": "proxy",
                "url": f"${URL}",
                "isDefault": True,
                "editable": False,
                "jsonData": {
                    "dbName": f"${DATABASE}",
                    "httpMode": "POST",
                    "httpHeaderName1": "Authorization",
                    "timeInterval": POLL_INTERVAL,
                },
                "secureJsonData": {"httpHeaderValue1": f"Token ${TOKEN}"},
            }
        ],
    }


def provider(folder: str) -> JSON:
    """Where Grafana finds the pages; they are changed in code, so that neither saving nor deleting works."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": "campus",
                "orgId": 1,
                "folder": FOLDER_TITLE,
                "folderUid": FOLDER_UID,
                "type": "file",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": f"{folder}/{PAGES_FOLDER}"},
            }
        ],
    }
