"""Every dashboard there is, in the order of the pages' list. A new one is a file and a line here."""

from dashboards.grafana.equipment import equipment
from dashboards.grafana.gateways import gateways
from dashboards.grafana.model import Dashboard
from dashboards.grafana.multimedia import multimedia
from dashboards.grafana.overview import overview
from dashboards.grafana.room import one_room
from dashboards.grafana.school import one_school
from dashboards.grafana.setting import Setting
from dashboards.grafana.wireless import wireless

_PAGES = (overview, wireless, multimedia, equipment, gateways, one_school, one_room)


def dashboards(setting: Setting) -> tuple[Dashboard, ...]:
    return tuple(page(setting) for page in _PAGES)
