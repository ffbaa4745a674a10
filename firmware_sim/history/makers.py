"""What a gateway learns from each maker's controller, as far as it differs. A test holds it to that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NETWORKS_TOLD = '["Campus", "Campus-Guest"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """radios: their numbers, 2.4 GHz first. noise: what an unmeasured noise floor is told as.

    failed: how an access point that does not work is told: with its row and radios, with its row alone, or
    not at all, so that the gateway misses it.
    """

    model: str
    firmware: str
    radios: tuple[str, str]
    failed: Literal["radios", "row", "missing"]
    networks: bool = True
    temperature: bool = True
    width: bool = False
    power: bool = True
    clients: bool = True
    noise: bool = True
    noise_unknown: int | None = None
    load_without_noise: bool = True


MAKERS: Mapping[str, Maker] = {
    "huawei": Maker(model="AP4050DN", firmware="V200R010C00", radios=("0", "1"), failed="radios", width=True),
    # Radio 1 is the one of 5 GHz.
    "h3c": Maker(
        model="WA6320",
        firmware="R2461P08",
        radios=("2", "1"),
        failed="missing",
        clients=False,
        noise=False,
        load_without_noise=False,
    ),
    "ruijie": Maker(
        model="AP720-L",
        firmware="AP_RGOS 11.9(6)W1B1",
        radios=("1", "2"),
        failed="row",
        networks=False,
        temperature=False,
        power=False,
        # What it hears on a channel that it only looks at.
        noise_unknown=-97,
    ),
}
