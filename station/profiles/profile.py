# SPDX-License-Identifier: GPL-3.0-or-later
r"""A profile: how one product's boards are talked to and what is written on them. One TOML file a product.

name = "camera-c3"
products = ["a1B2c3D4e5F"]       # productKeys (IoTDA: product ids) this profile may flash
provider = "living"              # or "iotda", "aliyun-iot"
target = "agent"                 # or "console", "esp-nvs"
identity = "single"              # or "nvr-set", "nvr-members"
channels = 16                    # sets of so many cameras, or "4-16"; any other set is left alone. Default: any
short_sets = false               # a supervisor may send an NVR out without cameras of its set that were retired
chips = ["esp32c3"]              # refuse anything else; empty = any
product_secret = false           # write productSecret too
secret = "device"                # or "product": productSecret instead of deviceSecret (一型一密); the board fetches its
                                 # own deviceSecret with it, once
overwrite_unknown = false        # write over an identity this ledger does not know
prove_after_reset = true
scan_label = false               # demand a scan of the board's label, and that it names this board
label = '^\]C1(.+)$'             # a label says more than the uid: take the (group); or a table, [label]
serial = {ask = "required"}      # a product serial number is scanned and tied to the board, before anything is written:
                                 # "required", "optional" (the card NONE goes on without) or "none"; what it must look
                                 # like, or the (group) of the scan that is it: pattern = '^SN:([0-9A-Z]{8})$'
[agent]                          # the target's own table, checked by the target
baud = 115200
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType, UnionType

from station.codes import Code
from station.errors import ConfigError
from station.meant import nearest, perhaps
from station.model import MAX_CHANNELS, Identity, Provider
from station.profiles.scans import SerialRule, pattern_faults, serial_faults, serial_rule
from station.profiles.sticker import Sticker, sticker_faults, sticker_of

CheckOptions = Callable[[str, Mapping[str, object]], None]
"""`check_options(target, table)`: the target's own check of its table; ConfigError; `UnknownTarget`."""


class UnknownTarget(ConfigError):
    """There is no kind of board of that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        what = f"there is no target “{name}”{perhaps(name, known)}"
        super().__init__(what, do=f"use one of: {', '.join(known)}", code=Code.E113)
        self.known = known


class IdentityMode(StrEnum):
    """What one board of this product takes."""

    SINGLE = "single"
    NVR_SET = "nvr-set"
    NVR_MEMBERS = "nvr-members"


class SecretMode(StrEnum):
    """Whose secret a board is given."""

    DEVICE = "device"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Frozen; see the module for the meaning of each key."""

    name: str
    target: str
    products: tuple[str, ...] = ()
    provider: Provider = Provider.LIVING
    identity: IdentityMode = IdentityMode.SINGLE
    channels: tuple[int, int] = (0, MAX_CHANNELS)  # least and most cameras of a set
    short_sets: bool = False
    chips: tuple[str, ...] = ()
    product_secret: bool = False
    secret: SecretMode = SecretMode.DEVICE
    overwrite_unknown: bool = False
    prove_after_reset: bool = True
    scan_label: bool = False
    label: str = ""
    sticker: Sticker | None = None
    serial: SerialRule = field(default_factory=SerialRule)
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def stores_device_secret(self) -> bool:
        return self.secret is SecretMode.DEVICE

    def as_stored(self, identity: Identity) -> Identity:
        """What of an identity goes on a board of this profile."""
        if not self.stores_device_secret:
            return identity.without_device_secret()
        return identity if self.product_secret else identity.without_product_secret()


_KEYS: dict[str, type | UnionType] = {
    "name": str,
    "target": str,
    "products": list,
    "provider": str,
    "identity": str,
    "channels": int | str,
    "short_sets": bool,
    "chips": list,
    "product_secret": bool,
    "secret": str,
    "overwrite_unknown": bool,
    "prove_after_reset": bool,
    "scan_label": bool,
    "label": str | dict,
    "serial": dict,
}
_ANY_CHANNELS = f"0-{MAX_CHANNELS}"


def load_profile(path: Path, check_options: CheckOptions) -> Profile:
    """Read and check a profile; `check_options(target, table)` is the targets' own. ConfigError names the key."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read profile {path}: {error.strerror}", do="check the path", code=Code.E111
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"profile {path} is not TOML: {error}", do="correct that line", code=Code.E111) from error
    return parse_profile(table, check_options, source=str(path))


def parse_profile(table: Mapping[str, object], check_options: CheckOptions, *, source: str) -> Profile:
    """A profile from a parsed table; all faults of the common keys are reported at once."""
    unknown = _unknown_target(table, check_options)
    faults = [
        *(f"“{key}” is missing" for key in ("name", "target") if key not in table),
        *([f"{unknown.what}; {unknown.do}"] if unknown else ()),
        *_key_faults(table, tables=unknown.known if unknown else ()),
        *_choice_faults(table),
        *_channels_faults(table),
        *_secret_faults(table),
        *pattern_faults("label", _scan_pattern(table.get("label")), "the board's uid", groups=(1,)),
        *sticker_faults(table.get("label")),
        *serial_faults(table.get("serial")),
    ]
    if faults:
        do = f"correct the file; its keys: station profile keys {_target_for_help(table, unknown)}"
        raise ConfigError(f"profile {source}: " + "; ".join(faults), do=do, code=Code.E112)
    options = table.get(str(table["target"]), {})
    assert isinstance(options, dict)
    try:
        check_options(str(table["target"]), options)
    except ConfigError as error:
        code, what = error.code, f"profile {source}: {error.what}"
        raise ConfigError(what, do=error.do, means=error.means, code=code) from error
    common = {key: table[key] for key in _KEYS if key in table}
    for key in ("products", "chips"):
        common[key] = tuple(common.get(key, ()))  # type: ignore[arg-type]
    common["provider"] = Provider(str(table.get("provider", Provider.LIVING)))
    common["secret"] = SecretMode(str(table.get("secret", SecretMode.DEVICE)))
    common["product_secret"] = bool(common.get("product_secret")) or common["secret"] is SecretMode.PRODUCT
    common["channels"] = _channels(table.get("channels", _ANY_CHANNELS))
    common["identity"] = IdentityMode(str(table.get("identity", IdentityMode.SINGLE)))
    said = common.get("label", "")
    common["label"] = _scan_pattern(said) or ""
    common["sticker"] = sticker_of(said) if isinstance(said, dict) else None
    common["serial"] = serial_rule(common.get("serial", {}))
    return Profile(**common, options=MappingProxyType(dict(options)))  # type: ignore[arg-type]


def _unknown_target(table: Mapping[str, object], check_options: CheckOptions) -> UnknownTarget | None:
    """Told before its table is: of no target every key would be wrong."""
    try:
        if isinstance(table.get("target"), str):
            check_options(str(table["target"]), {})
    except UnknownTarget as unknown:
        return unknown
    except ConfigError:  # it is known; what its table lacks is said by the table itself
        pass
    return None


def _target_for_help(table: Mapping[str, object], unknown: UnknownTarget | None) -> str:
    said = str(table.get("target", ""))
    return (nearest(said, unknown.known) if unknown else said) or "agent"


def _scan_pattern(label: object) -> object:
    """What `label` says of the label that is scanned."""
    return label.get("scan") if isinstance(label, dict) else label


def _key_faults(table: Mapping[str, object], *, tables: Sequence[str]) -> Iterator[str]:
    """`tables`: names of targets, whose tables are no fault where the target's own name is one."""
    for key, value in table.items():
        wanted = _KEYS.get(key)
        if key in (table.get("target"), *tables) and isinstance(value, dict):
            continue
        if wanted is None:
            yield f"“{key}” is not a profile key{perhaps(key, _KEYS)}"
        elif not isinstance(value, wanted):
            yield f"“{key}” must be {_in_words(wanted)}"
        elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
            yield f"“{key}” must be a list of texts"


def _choice_faults(table: Mapping[str, object]) -> Iterator[str]:
    for key, choices in (("provider", Provider), ("identity", IdentityMode), ("secret", SecretMode)):
        value = table.get(key)
        if isinstance(value, str) and value not in list(choices):
            yield f"“{key}” must be one of {', '.join(choices)}"


def _channels_faults(table: Mapping[str, object]) -> Iterator[str]:
    if _channels(table.get("channels", _ANY_CHANNELS)) is None:
        yield f"“channels” must be a number of cameras, or a range like “4-16”; 0 to {MAX_CHANNELS}"
    elif "channels" in table and table.get("identity", IdentityMode.SINGLE) == IdentityMode.SINGLE:
        yield "“channels” is for NVR sets: set identity"
    if table.get("short_sets") and table.get("identity") != IdentityMode.NVR_MEMBERS:
        yield '“short_sets” is for sets whose cameras are boards of their own: identity = "nvr-members"'


def _secret_faults(table: Mapping[str, object]) -> Iterator[str]:
    """A product's secret is nobody's own, and the cameras of a set are of other products than its NVR."""
    if table.get("secret") != SecretMode.PRODUCT:
        return
    if table.get("product_secret") is False:
        yield "secret = “product” writes productSecret: leave out product_secret = false"
    if table.get("identity", IdentityMode.SINGLE) != IdentityMode.SINGLE:
        yield "secret = “product” is for single boards: leave out identity"


def _in_words(wanted: type | UnionType) -> str:
    if isinstance(wanted, UnionType):
        return "a text or a table" if wanted == str | dict else "a number or a text"
    return "a table" if wanted is dict else f"a {wanted.__name__}"


def _channels(value: object) -> tuple[int, int] | None:
    """Least and most, None for what is neither a number nor a range of them."""
    found = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3}))?", str(value)) if not isinstance(value, bool) else None
    if found is None:
        return None
    least, most = int(found[1]), int(found[2] or found[1])
    return (least, most) if least <= most <= MAX_CHANNELS else None
