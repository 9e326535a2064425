# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ESP tests share: a profile, an identity, a board in a slot, and a look into its flash with others' eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from idftool.nvs import parse as idf_parse

from station.model import Certificate, Identity, IdentityKind, Port, Secret
from station.profiles.profile import IdentityMode, Profile
from station.simulate.esp import EspBoard, Partition
from station.targets.base import Session, no_progress
from station.targets.esp.target import EspNvsTarget

MAC = "24:0a:c4:11:22:33"
OTHER_MAC = "24:0a:c4:99:88:77"
FCTRY = 0x110000
SIZE = 0x6000
PARTITIONS = (
    Partition(name="nvs", offset=0x9000, size=0x6000),
    Partition(name="phy_init", subtype="phy", offset=0xF000, size=0x1000),
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x100000),
    Partition(name="fctry", offset=FCTRY, size=SIZE),
    Partition(name="nvs_key", subtype="nvs_keys", offset=0x120000, size=0x1000),
)


def certificate(name: str = "camera-000001", *, product_secret: str | None = None) -> Certificate:
    return Certificate(
        product_key="a1B2c3D4e5F",
        device_name=name,
        device_secret=Secret(f"{name}-0123456789abcdef"),
        product_secret=Secret(product_secret) if product_secret else None,
    )


def single(name: str = "camera-000001") -> Identity:
    return Identity(primary=certificate(name))


def nvr(channels: int, name: str = "nvr-0001") -> Identity:
    members = tuple(certificate(f"{name}-ipc-{n}") for n in range(1, channels + 1))
    return Identity(primary=certificate(name), channels=members, kind=IdentityKind.SET)


def profile(chip: str = "esp32c3", **options: object) -> Profile:
    product_secret = bool(options.pop("product_secret", False))
    return Profile(
        name="test",
        target="esp-nvs",
        chips=(chip,) if chip else (),
        identity=IdentityMode.NVR_SET if "channels" in options else IdentityMode.SINGLE,
        product_secret=product_secret,
        options={"preset": "aliyun", **options},
    )


@contextmanager
def session(board: EspBoard, using: Profile, *, label: str | None = None, serial: str = "") -> Iterator[Session]:
    opened = EspNvsTarget().open(Port(url=board.url, slot="slot-1", serial=serial), using, label=label)
    try:
        yield opened
    finally:
        opened.close()


def give(board: EspBoard, using: Profile, identity: Identity) -> None:
    """The whole of what a flow does with a new board."""
    with session(board, using) as talk:
        talk.identify()
        talk.board_key(None)
        talk.require_room(identity)
        talk.write(identity, no_progress)


def stored(board: EspBoard, offset: int = FCTRY, size: int = SIZE) -> dict[str, object]:
    """namespace/key → value, as an NVS parser that is not ours reads this board's flash."""
    image = idf_parse(board.flash_bytes(offset, size), strict=True)
    return {f"{e.namespace}/{e.key}": e.value for e in image.entries}


def aliyun(identity: Identity) -> dict[str, object]:
    """What the aliyun preset stores of a single identity."""
    fields = zip(("ProductKey", "DeviceName", "DeviceSecret"), identity.primary.board_fields(), strict=False)
    return {f"aliyun-key/{key}": value.decode() for key, value in fields}
