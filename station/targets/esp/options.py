# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile's [esp-nvs] table: where an identity goes in an ESP board's flash, and how the board is reached.

[esp-nvs]
preset = "aliyun"            # or "iotda": namespace, partition and keys in one word; each may be given as well
partition = "fctry"          # name in the board's partition table, and, or instead, where it lies:
offset = 0x210000
size = 0x4000
table_offset = 0x8000        # of the partition table
flash_size = 0x400000        # of boards whose flash chip does not tell, as in secure download mode
namespace = "aliyun-key"
encoding = "string"          # or "blob", of the four fields
nvs_version = 2              # 1 for the ESP8266 RTOS SDK
existing = "refuse"          # other keys in the partition: "refuse" the board, "replace" or "merge" (keep) them
baud = 460800                # after the stub; a lower one is tried when the board is not heard at it
reset = "default"            # DTR and RTS; "usb" for native USB; "no-reset" for jigs that do it themselves
rom_fast_path = ["esp32c3"]  # chips written by their ROM, without the stub: faster. Tried on esp32, esp32c3 and
                             # esp32s3; of any other the first board may be spoilt, which is found out (E215)
nvs_encryption = "none"      # "keys-partition" (a key of its own per board) or "hmac" (key in eFuse)
keys_partition = "nvs_key"
hmac_key_file = "hmac.key"   # 32 bytes, readable by its owner only
[esp-nvs.keys]               # key names of the fields that are stored
product_key = "ProductKey"
[esp-nvs.channels]           # NVR sets: a count and keys per channel ("{n}"), or one blob
count = "Channels"
device_name = "DeviceName{n}"
[[esp-nvs.fixed]]            # the same on every board
key = "Region"
encoding = "string"          # or u8 … i64, hex2bin, base64
value = "cn-shanghai"
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from station.codes import Code
from station.errors import ConfigError
from station.targets.esp.nvs import Entry, EntryKind, faults, name_fault
from station.targets.esp.nvs.page import MIN_PARTITION, PAGE_SIZE

PRODUCT_SECRET = "product_secret"  # noqa: S105 - a field's name
FIELDS = ("product_key", "device_name", "device_secret", PRODUCT_SECRET)
STUB_CHIPS = ("esp8266",)
CHIPS = (
    *STUB_CHIPS,
    *("esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32c61", "esp32h2", "esp32p4"),
)
"""`STUB_CHIPS` have a ROM that cannot read flash or compute MD5."""
_DEFAULT_KEYS = {name: name for name in FIELDS}
PRESETS: Mapping[str, Mapping[str, object]] = {
    # espressif/esp-aliyun, config/mass_mfg
    "aliyun": {
        "partition": "fctry",
        "namespace": "aliyun-key",
        "keys": {
            "product_key": "ProductKey",
            "device_name": "DeviceName",
            "device_secret": "DeviceSecret",
            "product_secret": "ProductSecret",
        },
    },
    # IoTDA signs on with device_id and secret; its product id is not sent, but says what the board is.
    "iotda": {
        "partition": "fctry",
        "namespace": "iotda",
        "keys": {"product_key": "product_id", "device_name": "device_id", "device_secret": "secret"},
    },
}


_Choice = TypeVar("_Choice", bound=StrEnum)


class Reset(StrEnum):
    DEFAULT = "default"
    USB = "usb"
    NO_RESET = "no-reset"


class Existing(StrEnum):
    """What to do with keys that are not part of an identity."""

    REFUSE = "refuse"
    REPLACE = "replace"
    MERGE = "merge"


class Encryption(StrEnum):
    NONE = "none"
    KEYS_PARTITION = "keys-partition"
    HMAC = "hmac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Where an NVR's channels go: `count` (a u8) and a key pattern per field, or all in `blob`."""

    count: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    blob: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EspOptions:
    """The checked table; see the module for each key."""

    namespace: str
    partition: str = ""
    offset: int | None = None
    size: int | None = None
    table_offset: int = 0x8000
    flash_size: int | None = None
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(_DEFAULT_KEYS))
    encoding: EntryKind = EntryKind.STRING
    channels: Channels | None = None
    fixed: tuple[Entry, ...] = ()
    nvs_version: int = 2
    existing: Existing = Existing.REFUSE
    baud: int = 460800
    reset: Reset = Reset.DEFAULT
    rom_fast_path: tuple[str, ...] = ()
    nvs_encryption: Encryption = Encryption.NONE
    keys_partition: str = "nvs_key"
    hmac_key_file: str = ""


def read_options(table: Mapping[str, object]) -> EspOptions:
    """ConfigError with every fault of the table at once."""
    reader = _Reader(table)
    options = reader.options()
    found = reader.faults or _contradictions(options)
    if found:
        raise ConfigError("[esp-nvs]: " + "; ".join(found), do="correct the profile", code=Code.E112)
    return options


class _Reader:
    """Takes values out of the table and collects what is wrong with them."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self.faults: list[str] = []
        preset = table.get("preset")
        if preset is not None and preset not in PRESETS:
            self.faults.append(f"“preset” must be one of {', '.join(PRESETS)}")
        base = PRESETS.get(str(preset), {})
        unknown = set(table) - {"preset", *EspOptions.__dataclass_fields__}
        self.faults += [f"“{key}” is not an option" for key in sorted(unknown)]
        self.table = {**base, **table}

    def options(self) -> EspOptions:
        keys = self._keys()
        namespace = self._text("namespace", "")
        self._name(namespace, "“namespace”")
        return EspOptions(
            namespace=namespace,
            partition=self._text("partition", ""),
            offset=self._flash_place("offset"),
            size=self._flash_place("size"),
            table_offset=self._flash_place("table_offset") or 0x8000,
            flash_size=self._flash_place("flash_size"),
            keys=keys,
            encoding=self._choice("encoding", (EntryKind.STRING, EntryKind.BLOB)),
            channels=self._channels(keys),
            fixed=self._fixed(namespace),
            nvs_version=self._one_of("nvs_version", (2, 1)),
            existing=self._choice("existing", tuple(Existing)),
            baud=self._one_of("baud", (460800, 921600, 230400, 115200)),
            reset=self._choice("reset", tuple(Reset)),
            rom_fast_path=self._fast_chips(),
            nvs_encryption=self._choice("nvs_encryption", tuple(Encryption)),
            keys_partition=self._text("keys_partition", "nvs_key"),
            hmac_key_file=self._text("hmac_key_file", ""),
        )

    def _text(self, key: str, default: str) -> str:
        value = self.table.get(key, default)
        if isinstance(value, str):
            return value
        self.faults.append(f"“{key}” must be a text")
        return default

    def _name(self, name: str, what: str) -> None:
        if fault := name_fault(name, what):
            self.faults.append(fault)

    def _flash_place(self, key: str) -> int | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0 or value % PAGE_SIZE:
            self.faults.append(f"“{key}” must be a number and a multiple of 0x1000")
            return None
        return value

    def _choice(self, key: str, choices: tuple[_Choice, ...]) -> _Choice:
        value = self.table.get(key, choices[0])
        for choice in choices:
            if value == choice:
                return choice
        self.faults.append(f"“{key}” must be one of {', '.join(choices)}")
        return choices[0]

    def _one_of(self, key: str, choices: tuple[int, ...]) -> int:
        value = self.table.get(key, choices[0])
        if isinstance(value, int) and not isinstance(value, bool) and value in choices:
            return value
        self.faults.append(f"“{key}” must be one of {', '.join(map(str, choices))}")
        return choices[0]

    def _table(self, key: str) -> Mapping[str, str] | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
            self.faults.append(f"“{key}” must be a table of texts")
            return {}
        return value

    def _keys(self) -> Mapping[str, str]:
        base = PRESETS.get(str(self.table.get("preset")), {}).get("keys", {})
        assert isinstance(base, Mapping)
        given = self._table("keys")
        keys = {**base, **given} if given is not None else dict(_DEFAULT_KEYS)
        for name, key in keys.items():
            if name not in FIELDS:
                self.faults.append(f"“keys.{name}” is not a field: use {', '.join(FIELDS)}")
            self._name(key, f"“keys.{name}”")
        self.faults += [f"“keys.{name}” is missing" for name in FIELDS[:3] if name not in keys]
        if len(set(keys.values())) < len(keys):
            self.faults.append("two of “keys” are the same")
        return keys

    def _channels(self, keys: Mapping[str, str]) -> Channels | None:
        given = self._table("channels")
        if given is None:
            return None
        if "blob" in given:
            if set(given) - {"blob"}:
                self.faults.append("“channels” has a blob and other keys: use one of both")
            self._name(given["blob"], "“channels.blob”")
            return Channels(blob=given["blob"])
        self.faults += [f"“channels.{n}” is not a field" for n in sorted(set(given) - {"count", *FIELDS})]
        patterns = {name: given.get(name, key + "{n}") for name, key in keys.items()}
        for name, pattern in patterns.items():
            if "{n}" not in pattern:
                self.faults.append(f"“channels.{name}” must have {{n}} where the channel's number goes")
            self._name(pattern.replace("{n}", "1"), f"“channels.{name}”")
        count = given.get("count", "Channels")
        self._name(count, "“channels.count”")
        return Channels(count=count, keys=patterns)

    def _fixed(self, namespace: str) -> tuple[Entry, ...]:
        given = self.table.get("fixed", [])
        if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
            self.faults.append("“fixed” must be a list of tables")
            return ()
        entries = [entry for item in given if (entry := self._fixed_entry(item, namespace))]
        self.faults += [f"“fixed”: {fault}" for fault in faults(entries)]
        return tuple(entries)

    def _fixed_entry(self, item: Mapping[str, object], namespace: str) -> Entry | None:
        key, encoding, value = item.get("key"), item.get("encoding"), item.get("value")
        if set(item) - {"key", "encoding", "value", "namespace"} or not isinstance(key, str):
            self.faults.append("“fixed” entries have key, encoding, value and perhaps namespace")
            return None
        try:
            kind, decoded = _decode(encoding, value)
        except ValueError as error:
            self.faults.append(f"“fixed” {key!a}: {error}")
            return None
        return Entry(namespace=str(item.get("namespace", namespace)), key=key, kind=kind, value=decoded)

    def _fast_chips(self) -> tuple[str, ...]:
        given = self.table.get("rom_fast_path", [])
        fast = [chip for chip in CHIPS if chip not in STUB_CHIPS]
        if not isinstance(given, list) or any(chip not in fast for chip in given):
            self.faults.append(f"“rom_fast_path” must be a list of some of {', '.join(fast)}")
            return ()
        return tuple(given)


def _decode(encoding: object, value: object) -> tuple[EntryKind, int | str | bytes]:
    """Kind and value of a fixed entry. ValueError, without the value."""
    if encoding == "hex2bin" and isinstance(value, str):
        try:
            return EntryKind.BLOB, bytes.fromhex(value)
        except ValueError:
            raise ValueError("not hexadecimal, or an odd number of digits") from None
    if encoding == "base64" and isinstance(value, str):
        try:
            return EntryKind.BLOB, base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ValueError("not base64") from None
    kinds = [kind for kind in EntryKind if kind is not EntryKind.BLOB]
    if encoding not in kinds:
        raise ValueError(f"encoding must be one of {', '.join(kinds)}, hex2bin, base64")
    if not isinstance(value, int | str):
        raise ValueError("value must be a text or a number")  # noqa: TRY004 - collected with the other faults
    return EntryKind(str(encoding)), value


def _contradictions(options: EspOptions) -> list[str]:
    found = []
    if not options.partition and (options.offset is None or options.size is None):
        found.append("“partition” is missing: its name, or “offset” and “size”")
    if options.size is not None and options.size < MIN_PARTITION:
        found.append(f"“size” must be at least {MIN_PARTITION:#x}")
    if options.existing is Existing.MERGE and options.nvs_encryption is not Encryption.NONE:
        found.append("“existing” cannot be merge in an encrypted partition")
    if options.nvs_encryption is Encryption.HMAC and not options.hmac_key_file:
        found.append("“hmac_key_file” is missing")
    own = set(options.keys.values())
    if options.channels:
        own |= {options.channels.count or options.channels.blob}
    clash = {entry.key for entry in options.fixed if entry.namespace == options.namespace} & own
    found += [f"“fixed” {key!a} is a key of the identity" for key in sorted(clash)]
    return found
