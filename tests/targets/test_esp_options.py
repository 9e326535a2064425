# SPDX-License-Identifier: GPL-3.0-or-later
"""The [esp-nvs] table: what it may say, and that everything wrong with it is said at once."""

from __future__ import annotations

import pytest

from station.errors import ConfigError
from station.profiles import shipped
from station.profiles.profile import IdentityMode, parse_profile
from station.targets import get_target
from station.targets.esp.options import CHIPS, PRESETS, EspOptions, read_options

BAD = {
    "an unknown option": ({"partiton": "fctry"}, "“partiton” is not an option"),
    "an unknown preset": ({"preset": "tuya"}, "“preset” must be one of aliyun, iotda"),
    "no partition": ({"partition": ""}, "“partition” is missing"),
    "a namespace of 16 bytes": ({"namespace": "n" * 16}, "is 16 bytes long, at most 15"),
    "a namespace in Chinese": ({"namespace": "阿里云"}, "may only have printable ASCII"),
    "a key of 16 bytes": ({"keys": {"device_secret": "DeviceSecretKey0"}}, "is 16 bytes long, at most 15"),
    "an unknown field": ({"keys": {"deviceName": "DeviceName"}}, "“keys.deviceName” is not a field"),
    "two fields in one key": ({"keys": {"device_secret": "DeviceName"}}, "two of “keys” are the same"),
    "a key that is a number": ({"keys": {"device_secret": 5}}, "“keys” must be a table of texts"),
    "an offset that is a text": ({"offset": "0x9000"}, "“offset” must be a number"),
    "an offset between pages": ({"offset": 0x9100}, "multiple of 0x1000"),
    "a size of two pages": ({"size": 0x2000}, "“size” must be at least 0x3000"),
    "a size that is not a number": ({"size": True}, "“size” must be a number"),
    "a speed nobody has": ({"baud": 250000}, "“baud” must be one of"),
    "an unknown reset": ({"reset": "hard"}, "“reset” must be one of default, usb, no-reset"),
    "an unknown policy": ({"existing": "keep"}, "“existing” must be one of refuse, replace, merge"),
    "version 3": ({"nvs_version": 3}, "“nvs_version” must be one of 2, 1"),
    "an encoding without texts": ({"encoding": "u8"}, "“encoding” must be one of string, blob"),
    "the fast path for a chip that cannot": ({"rom_fast_path": ["esp8266"]}, "“rom_fast_path” must be a list of"),
    "merge in an encrypted partition": (
        {"existing": "merge", "nvs_encryption": "keys-partition"},
        "cannot be merge in an encrypted partition",
    ),
    "hmac without its key": ({"nvs_encryption": "hmac"}, "“hmac_key_file” is missing"),
    "channels without a number": ({"channels": {"device_name": "Name"}}, "must have {n}"),
    "channels in a blob and in keys": ({"channels": {"blob": "b", "count": "c"}}, "use one of both"),
    "an unknown channel key": ({"channels": {"number": "c"}}, "“channels.number” is not a field"),
    "a channel key of 16 bytes": ({"channels": {"device_secret": "DeviceSecretKey{n}"}}, "at most 15"),
    "fixed that is no list": ({"fixed": {"key": "k"}}, "“fixed” must be a list of tables"),
    "fixed without a value": ({"fixed": [{"key": "k", "encoding": "u8"}]}, "value must be a text or a number"),
    "fixed with an unknown encoding": ({"fixed": [{"key": "k", "encoding": "utf8", "value": ""}]}, "must be one of u8"),
    "fixed: u8 of 300": ({"fixed": [{"key": "k", "encoding": "u8", "value": 300}]}, "does not fit u8"),
    "fixed: abc as a number": ({"fixed": [{"key": "k", "encoding": "i32", "value": "abc"}]}, "must be a whole number"),
    "fixed: a number as a text": ({"fixed": [{"key": "k", "encoding": "string", "value": 5}]}, "must be a text"),
    "fixed: odd hexadecimal": (
        {"fixed": [{"key": "k", "encoding": "hex2bin", "value": "abc"}]},
        "odd number of digits",
    ),
    "fixed: bad hexadecimal": ({"fixed": [{"key": "k", "encoding": "hex2bin", "value": "xy"}]}, "not hexadecimal"),
    "fixed: broken base64": ({"fixed": [{"key": "k", "encoding": "base64", "value": "a$b"}]}, "not base64"),
    "fixed: NUL in a text": ({"fixed": [{"key": "k", "encoding": "string", "value": "a\0b"}]}, "NUL"),
    "fixed: 3968 bytes": ({"fixed": [{"key": "k", "encoding": "string", "value": "x" * 3968}]}, "at most 3967"),
    "fixed: a key twice": (
        {"fixed": [{"key": "k", "encoding": "u8", "value": 1}, {"key": "k", "encoding": "u8", "value": 2}]},
        "key given 2 times",
    ),
    "fixed: a key of the identity": (
        {"fixed": [{"key": "DeviceName", "encoding": "string", "value": "x"}]},
        "is a key of the identity",
    ),
    "fixed: no namespace": (
        {"fixed": [{"key": "k", "encoding": "u8", "value": 1, "namespace": ""}]},
        "namespace is empty",
    ),
}


@pytest.mark.parametrize(("table", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_option_is_named(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        get_target("esp-nvs").check_options({"preset": "aliyun", **table})
    assert said in caught.value.what
    assert caught.value.exit == 2


def test_all_faults_are_told_at_once() -> None:
    table = {"preset": "aliyun", "baud": 1, "offset": 5, "reset": "x", "colour": "red"}
    with pytest.raises(ConfigError) as caught:
        read_options(table)
    assert all(f"“{key}”" in caught.value.what for key in ("baud", "offset", "reset", "colour"))


def test_without_a_preset_the_namespace_must_be_given() -> None:
    with pytest.raises(ConfigError, match="“namespace” is empty"):
        read_options({"partition": "nvs"})


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_enough(preset: str) -> None:
    options = read_options({"preset": preset})
    assert options.partition == "fctry"
    assert set(options.keys) >= {"product_key", "device_name", "device_secret"}


def test_a_preset_may_be_adapted() -> None:
    options = read_options({"preset": "aliyun", "partition": "nvs", "keys": {"device_name": "dn"}, "existing": "merge"})
    assert (options.partition, options.existing) == ("nvs", "merge")
    assert options.keys["device_name"] == "dn"
    assert options.keys["product_key"] == "ProductKey"


def test_channels_take_the_names_of_the_fields_with_a_number() -> None:
    channels = read_options({"preset": "aliyun", "channels": {}}).channels
    assert channels is not None
    assert channels.count == "Channels"
    assert channels.keys["device_name"] == "DeviceName{n}"


def test_the_documented_table_is_a_valid_one() -> None:
    import tomllib

    from station.targets.esp import options as esp_options

    assert esp_options.__doc__
    lines = esp_options.__doc__.split("[esp-nvs]\n", 1)[1].splitlines()
    table = tomllib.loads("\n".join(["[esp-nvs]", *(line.strip() for line in lines)]))["esp-nvs"]
    assert isinstance(read_options(table), EspOptions)
    assert set(table) - {"preset"} == set(EspOptions.__dataclass_fields__)


@pytest.mark.parametrize("name", [n for n in shipped.shipped_names() if shipped.table_of(n)["target"] == "esp-nvs"])
def test_a_shipped_profile_can_be_used(name: str) -> None:
    profile = parse_profile(
        shipped.table_of(name), lambda target, table: get_target(target).check_options(table), source=name
    )
    options = read_options(profile.options)
    assert set(profile.chips) <= set(CHIPS)
    assert (options.channels is not None) == (profile.identity is IdentityMode.NVR_SET)
