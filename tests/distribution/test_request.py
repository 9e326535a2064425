# SPDX-License-Identifier: GPL-3.0-or-later
"""What is understood of what a line client sends, and that nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.distribution.answer import crc32_of
from station.distribution.request import Action, LineRequest, read
from station.errors import BoardFault, StationError, UsageError
from station.model import BoardUid, Certificate, Identity, Secret
from tests.distribution.line_clients import body
from tests.sampled import examples

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("ProductKey", "DeviceID", "Action", "CRC32", "SHA256")


def told(**fields: object) -> LineRequest:
    return read(json.dumps(fields).encode())


def test_the_vendors_request_is_understood() -> None:
    asked = told(ProductKey="a1B2c3D4e5F", DeviceID="A0:B1:C2:00:00:01", Action=0, Version="2")
    assert asked == LineRequest(
        action=Action.ALLOCATE, product="a1B2c3D4e5F", uid=BoardUid("a0b1c2000001"), said="A0:B1:C2:00:00:01"
    )


def test_what_was_read_back_has_one_spelling() -> None:
    asked = told(**body(1, CRC32="51535596", SHA256="AB" * 32))
    assert (asked.crc32, asked.sha256) == ("51535596", "ab" * 32)


def test_the_checksum_is_the_vendors() -> None:
    one = Certificate(
        product_key="a1B2c3D4e5F",
        device_name="factory-0001",
        device_secret=Secret("0123456789abcdef" * 2),
        product_secret=Secret("0123456789abcdef"),
    )
    assert crc32_of(Identity(primary=one)) == "51535596"


@pytest.mark.parametrize("missing", [{"DeviceID": ""}, {"DeviceID": None}])
def test_a_board_without_an_id_gets_nothing(missing: dict[str, object]) -> None:
    with pytest.raises(BoardFault, match="names no board") as refused:
        told(**{**body(0), **missing})
    assert refused.value.code is Code.E202


@pytest.mark.parametrize(
    "wrong",
    [
        {"Action": True},
        {"Action": "0"},
        {"Action": 3},
        {"Action": 0.0},
        {"Action": None},
        {"ProductKey": ""},
        {"ProductKey": "a1/../x"},
        {"ProductKey": 7},
        {"DeviceID": 7},
        {"DeviceID": "00:00:00:00:00:00"},
        {"DeviceID": "x" * 201},
        {"DeviceID": "a b"},
        {"DeviceID": "0xA0B1C2000001"},
        {"DeviceID": "A0:B1:C2:0:1:11"},
        {"DeviceID": "A0-B1-C2-0-1-11"},
        {"Action": 1, "CRC32": "5153559"},
        {"Action": 1, "SHA256": "zz" * 32},
        {"Action": 1, "CRC32": 51535596},
        {"Action": 0, "CRC32": "51535596"},
        {"Action": 2, "SHA256": "ab" * 32},
    ],
)
def test_what_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError) as refused:
        told(**{**body(0), **wrong})
    assert refused.value.code is Code.E100
    assert refused.value.do


@settings(max_examples=examples(60))
@given(st.one_of(st.binary(max_size=60), ANY.map(lambda value: json.dumps(value).encode())))
def test_no_bytes_are_a_defect(data: bytes) -> None:
    with pytest.raises(StationError):
        read(data)


@settings(max_examples=examples(60))
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANY)), st.sampled_from(FIELDS))
def test_whatever_is_understood_is_of_one_form(fields: dict[str, object], kept: str) -> None:
    sound = body(1, CRC32="51535596", SHA256="ab" * 32)
    try:
        asked = told(**{**sound, **fields, kept: sound[kept]})
    except StationError:
        return
    assert asked.action in Action
    assert BoardUid.parse(asked.uid) == asked.uid
    assert asked.crc32 in ("", asked.crc32.upper())
    assert asked.sha256 is None or len(asked.sha256) == 64
