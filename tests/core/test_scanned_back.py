# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the label of one board, and what is any other one's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.model import BoardUid
from station.profiles.profile import Profile
from station.profiles.scanned_back import is_label_of
from station.profiles.scans import SerialRule
from station.profiles.sticker import FIELDS, Sticker, filled

OURS = {"device": "cam7", "product": "a1Cam", "uid": "5a0012345678", "serial": "SN7", "set": "nvr1", "channel": "2"}
THEIRS = {**OURS, "device": "cam8", "uid": "5a0012345679", "serial": "SN8"}
PROFILE = Profile(
    name="c",
    target="agent",
    label=r"^MAC:(.+)$",
    serial=SerialRule(pattern="^SN:([0-9A-Z]+)$"),
    sticker=Sticker(qr="{uid} {product}/{device}", code128="{product}", lines=("{set}",)),
)


@pytest.mark.parametrize(
    "scan",
    [
        *("5A:00:12:34:56:78", "5a0012345678\r", "]C15A0012345678", "MAC:5A-00-12-34-56-78", "cam7", "SN7", "sn:sn7"),
        *("]Q15a0012345678 a1Cam/cam7", "5a0012345678 a1Cam/cam7"),
    ],
)
def test_it_is_known_by_what_only_it_has(scan: str) -> None:
    assert is_label_of(PROFILE, OURS, scan)
    assert not is_label_of(PROFILE, THEIRS, scan)


@pytest.mark.parametrize("scan", ["", " ", "a1Cam", "nvr1", "2", "cam", "CAM7x", "5a0012345678 a1Cam/cam8", "OP12"])
def test_what_others_have_too_and_a_half_of_it_is_not_it(scan: str) -> None:
    assert not is_label_of(PROFILE, OURS, scan)


def test_an_empty_serial_number_is_no_serial_number() -> None:
    assert not is_label_of(Profile(name="c", target="agent"), {**OURS, "serial": ""}, "")


@given(st.lists(st.sampled_from([*(f"{{{field}}}" for field in FIELDS), "-", "x"]), max_size=5).map("".join), st.data())
def test_no_code_of_one_board_is_taken_for_another_ones(code: str, data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(0, 2**32), min_size=2, max_size=2, unique=True))
    one, other = (
        {**OURS, "device": f"d{n:010}", "uid": BoardUid.parse(f"ab{n:010x}"), "serial": f"S{n:010}"} for n in numbers
    )
    profile = Profile(name="c", target="agent", sticker=Sticker(qr=code, code128=""))
    assert not is_label_of(profile, other, filled(code, one))
