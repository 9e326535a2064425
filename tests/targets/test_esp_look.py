# SPDX-License-Identifier: GPL-3.0-or-later
"""What a partition's bytes are taken for: an identity, whole, the very one, however it was stored; or what is wrong."""

from __future__ import annotations

import pytest

from station.errors import BoardFault
from station.model import Certificate, Holding, Identity, IdentityKind, Provider, Secret
from station.profiles.profile import Profile
from station.targets.esp.layout import find_identity, to_entries
from station.targets.esp.look import Look, differences, look_at
from station.targets.esp.nvs import Contents, Entry, EntryKind, build
from station.targets.esp.options import FIELDS, read_options
from station.targets.esp.uid import uid_from_mac

OPTIONS = read_options({"preset": "aliyun"})
PROFILE = Profile(name="cam", target="esp-nvs", products=("pk",))
KEY = bytes(range(64))
CAMERA = Identity(primary=Certificate(product_key="pk", device_name="dn", device_secret=Secret("ds")))
ENTRIES = to_entries(CAMERA, OPTIONS, fields=FIELDS[:3])
STRANGE = Entry(namespace="other", key="x", kind=EntryKind.U8, value=1)


def seen(image: bytes, key: bytes | None) -> Look:
    return look_at(image, PROFILE, OPTIONS, encrypted=True, key=key)


def test_an_identity_stored_without_the_encryption_that_is_demanded_is_seen() -> None:
    """Whose it is decides whether it is a clone, whatever protects it."""
    look = seen(build(ENTRIES, 0x3000), KEY)
    assert (look.identity, look.in_the_clear) == (CAMERA, True)
    assert differences(look, CAMERA, PROFILE, OPTIONS) == "stored without encryption"
    assert seen(build(ENTRIES, 0x3000), None).in_the_clear
    assert seen(build((STRANGE,), 0x3000), KEY).in_the_clear, "other things are"


def test_what_is_encrypted_is_not_in_the_clear() -> None:
    look = seen(build(ENTRIES, 0x3000, key=KEY), KEY)
    assert (look.identity, look.in_the_clear) == (CAMERA, False)
    assert differences(look, CAMERA, PROFILE, OPTIONS) == ""


def test_what_neither_way_makes_out_is_damage() -> None:
    look = seen(build(ENTRIES, 0x3000, key=KEY[::-1]), KEY)
    assert (look.holding, look.in_the_clear, bool(look.damage)) == (Holding.TORN, False, True)


def test_each_of_its_keys_is_there_and_more_than_that_is_not_the_identity() -> None:
    look = Look(holding=Holding.TORN, entries=ENTRIES)
    assert differences(look, CAMERA, PROFILE, OPTIONS) == "more than the identity"


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        ("text", "the channels are not a blob"),
        (b"", "the channels are not a blob"),
        (b"\1", "the channels blob ends too early"),
        (b"\1\2pk\2dn\2d", "the channels blob ends too early"),
        (b"\1\2pk\2dn\2ds", "the channels blob ends too early"),
        (b"\1\2pk\2dn\2ds\5x", "the channels blob ends too early"),
        (b"\1\2pk\2dn\2ds\0x", "the channels blob goes on after its last channel"),
        (b"\0\0", "the channels blob goes on after its last channel"),
    ],
)
def test_a_channels_blob_that_is_not_to_the_byte_is_incomplete(packed: bytes | str, why: str) -> None:
    options = read_options({"preset": "aliyun", "channels": {"blob": "Set"}})
    nvr = Identity(primary=CAMERA.primary, channels=(CAMERA.primary,), kind=IdentityKind.SET)
    entries = to_entries(nvr, options, fields=FIELDS[:3])
    kind = EntryKind.BLOB if isinstance(packed, bytes) else EntryKind.STRING
    changed = tuple(
        Entry(namespace=e.namespace, key=e.key, kind=kind, value=packed) if e.key == "Set" else e for e in entries
    )
    found = find_identity(Contents(entries=changed), options, fields=FIELDS[:3], provider=Provider.LIVING)
    assert (found.identity, found.incomplete) == (None, why)


def test_a_board_whose_keys_nobody_can_make_out_is_not_one_without_an_identity() -> None:
    """It would get another one."""
    unclear = {(entry.namespace, entry.key): "is damaged" for entry in ENTRIES}
    found = find_identity(Contents(entries=(), unclear=unclear), OPTIONS, fields=FIELDS[:3], provider=Provider.LIVING)
    assert (found.identity, found.incomplete) == (None, "key 'ProductKey' is damaged")


def test_a_name_stored_in_another_way_than_the_profile_says_is_incomplete() -> None:
    """Firmware that looks for the one does not find the other."""
    as_blobs = tuple(
        Entry(namespace=e.namespace, key=e.key, kind=EntryKind.BLOB, value=str(e.value).encode()) for e in ENTRIES
    )
    found = find_identity(Contents(entries=as_blobs), OPTIONS, fields=FIELDS[:3], provider=Provider.LIVING)
    assert found.identity is None
    assert "another type" in found.incomplete


@pytest.mark.parametrize("mac", ["000000000000", "ffffffffffff", "01b1c2000001", "a0b1c20000", ""])
def test_what_blank_silicon_calls_its_mac_is_no_board_s(mac: str) -> None:
    with pytest.raises(BoardFault, match="which no board has"):
        uid_from_mac(bytes.fromhex(mac))
