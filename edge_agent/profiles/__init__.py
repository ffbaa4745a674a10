"""What each maker's devices call things: one file a maker, one row a quantity."""

from edge_agent.profiles.aruba import ARUBA, INSTANT
from edge_agent.profiles.cisco import CISCO
from edge_agent.profiles.h3c import H3C
from edge_agent.profiles.huawei import HUAWEI
from edge_agent.profiles.lone import OMADA, UNIFI
from edge_agent.profiles.ruckus import SMART_ZONE, UNLEASHED, ZONE_DIRECTOR
from edge_agent.profiles.ruijie import RUIJIE
from edge_agent.profiles.shape import Profile

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        HUAWEI,
        H3C,
        RUIJIE,
        ARUBA,
        INSTANT,
        CISCO,
        ZONE_DIRECTOR,
        UNLEASHED,
        SMART_ZONE,
        UNIFI,
        OMADA,
    )
}

__all__ = ["PROFILES", "Profile"]
