# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever identity is laid out as NVS entries is found again, and half of one is never taken for a whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import BoardFault
from station.model import Certificate, Identity, IdentityKind, Provider, Secret
from station.targets.esp.layout import find_identity, to_entries
from station.targets.esp.nvs import Contents, Entry, EntryKind, build, parse
from station.targets.esp.options import FIELDS, read_options
from tests.sampled import examples

LAYOUTS = {
    "keys": {"preset": "aliyun", "channels": {}},
    "blob": {"preset": "aliyun", "channels": {"blob": "Set"}},
    "fields as blobs": {"partition": "p", "namespace": "n", "encoding": "blob", "channels": {"device_name": "n{n}"}},
    "iotda": {"preset": "iotda", "channels": {}},
}
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)


@st.composite
def identities(draw: st.DrawFn) -> tuple[Identity, bool]:
    product_secret = draw(st.booleans())

    def certificate() -> Certificate:
        return Certificate(
            product_key=draw(texts),
            device_name=draw(texts),
            device_secret=Secret(draw(texts)),
            product_secret=Secret(draw(texts)) if product_secret else None,
        )

    channels = tuple(certificate() for _ in range(draw(st.integers(0, 4))))
    kind = IdentityKind.SET if channels else IdentityKind.SINGLE
    return Identity(primary=certificate(), channels=channels, kind=kind), product_secret


@settings(max_examples=examples(60))
@given(identities(), st.sampled_from([name for name in LAYOUTS if name != "iotda"]))
def test_an_identity_is_found_as_it_was_stored(drawn: tuple[Identity, bool], layout: str) -> None:
    identity, product_secret = drawn
    options = read_options(LAYOUTS[layout])
    image = build(to_entries(identity, options, fields=FIELDS if product_secret else FIELDS[:3]), 0x10000)
    found = find_identity(
        parse(image), options, fields=FIELDS if product_secret else FIELDS[:3], provider=Provider.LIVING
    )
    assert found.identity == identity
    assert found.others == ()
    assert found.identity.digest() == identity.digest()


def sample(layout: str, channels: int = 3) -> tuple[Identity, tuple[Entry, ...]]:
    def certificate(n: int) -> Certificate:
        return Certificate(product_key="pk", device_name=f"dn{n}", device_secret=Secret(f"ds{n}"))

    members = tuple(certificate(n) for n in range(1, channels + 1))
    identity = Identity(primary=certificate(0), channels=members, kind=IdentityKind.SET)
    return identity, to_entries(identity, read_options(LAYOUTS[layout]), fields=FIELDS[:3])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_identity_that_lacks_any_one_key_is_incomplete(layout: str) -> None:
    _, entries = sample(layout)
    for missing in range(len(entries)):
        rest = entries[:missing] + entries[missing + 1 :]
        found = find_identity(
            Contents(entries=rest), read_options(LAYOUTS[layout]), fields=FIELDS[:3], provider=Provider.LIVING
        )
        assert found.identity is None
        assert found.incomplete


@settings(max_examples=examples(200))
@given(st.binary(max_size=80))
def test_a_channels_blob_of_noise_is_incomplete_or_a_whole_set(noise: bytes) -> None:
    _, entries = sample("blob", 0)
    options = read_options(LAYOUTS["blob"])
    changed = [
        Entry(namespace=e.namespace, key=e.key, kind=e.kind, value=noise) if e.key == "Set" else e for e in entries
    ]
    found = find_identity(Contents(entries=tuple(changed)), options, fields=FIELDS[:3], provider=Provider.LIVING)
    assert found.incomplete or (found.identity and len(found.identity.channels) == noise[0])


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("DeviceName", EntryKind.U8, 1),
        ("Channels", EntryKind.STRING, "3"),
        ("Channels", EntryKind.I8, -1),
        ("Channels", EntryKind.U16, 256),
    ],
)
def test_a_key_of_another_type_is_incomplete(key: str, kind: EntryKind, value: int | str) -> None:
    _, entries = sample("keys")
    changed = [Entry(namespace=e.namespace, key=key, kind=kind, value=value) if e.key == key else e for e in entries]
    options = read_options(LAYOUTS["keys"])
    assert find_identity(
        Contents(entries=tuple(changed)), options, fields=FIELDS[:3], provider=Provider.LIVING
    ).incomplete


def test_a_field_longer_than_a_certificates_is_incomplete() -> None:
    _, entries = sample("keys", 0)
    changed = [
        Entry(namespace=e.namespace, key=e.key, kind=e.kind, value="x" * 256) if e.key == "DeviceName" else e
        for e in entries
    ]
    options = read_options(LAYOUTS["keys"])
    assert find_identity(
        Contents(entries=tuple(changed)), options, fields=FIELDS[:3], provider=Provider.LIVING
    ).incomplete


def test_iotda_stores_the_device_id_where_its_firmware_looks() -> None:
    _, entries = sample("iotda", 0)
    assert {e.key: e.value for e in entries} == {"product_id": "pk", "device_id": "dn0", "secret": "ds0", "Channels": 0}


@pytest.mark.parametrize(
    ("table", "identity", "product_secret", "said"),
    [
        ({"preset": "aliyun"}, "set", False, "no \\[esp-nvs.channels\\]"),
        ({"preset": "iotda"}, "one", True, "names no key for it"),
        ({"preset": "aliyun"}, "one", True, "this certificate has none"),
        ({"preset": "aliyun"}, "long", False, "longer than 255 bytes"),
    ],
)
def test_what_the_layout_has_no_place_for_is_refused(
    table: dict[str, object], identity: str, product_secret: bool, said: str
) -> None:
    one = Certificate(product_key="pk", device_name="d" * (300 if identity == "long" else 3), device_secret=Secret("s"))
    whole = Identity(primary=one, channels=(one,) if identity == "set" else ())
    with pytest.raises(BoardFault, match=said) as caught:
        to_entries(whole, read_options(table), fields=FIELDS if product_secret else FIELDS[:3])
    assert caught.value.code == "E205"
