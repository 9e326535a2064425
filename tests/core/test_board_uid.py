# SPDX-License-Identifier: GPL-3.0-or-later
"""One board has one uid, however its label is printed, grouped, prefixed or typed; two boards never share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.label import NotALabel, board_on, surely_scanned
from station.model import BoardUid

ONE_BOARD = [
    "5a00c0ffee01",
    "5A00C0FFEE01",
    "5A:00:C0:FF:EE:01",
    "5A-00-C0-FF-EE-01",
    "5a_00_c0_ff_ee_01",
    "5A00.C0FF.EE01",
    "5a00c0-ffee01",
    "5A 00 C0 FF EE 01",
    "SN5A00C0FFEE01",
    "sn:5a00c0ffee01",
    "S/N: 5A00C0FFEE01",
    "SN#5A00C0FFEE01",
    "MAC:5A:00:C0:FF:EE:01",
    "MAC=5A-00-C0-FF-EE-01",
    "mac 5a:00:c0:ff:ee:01",
    "UID 5A00C0FFEE01",
    "\u3000５Ａ：００：Ｃ０：ＦＦ：ＥＥ：０１ ",
    "ＳＮ５Ａ００Ｃ０ＦＦＥＥ０１",
    "5A00C0FFEE01 a1B2c3D4e5F/camera-000001",
]


@pytest.mark.parametrize("label", ONE_BOARD)
def test_every_spelling_names_the_same_board(label: str) -> None:
    assert board_on(label) == "5a00c0ffee01"


OTHERS = ["5a00c0ffee02", "5a-00c0ffee01", "cam-1-11", "cam-11-1", "cam_1_11", "sncam0001", "cam0001", "id5a00c0ffee01"]


def test_a_uid_that_is_no_label_may_be_in_full_width_too() -> None:
    assert BoardUid.parse("５Ａ００Ｃ０ＦＦＥＥ０１") == "5a00c0ffee01"


def test_groups_of_different_sizes_are_no_number() -> None:
    assert BoardUid.parse("5A0-0C0FFEE-01") == "5a0-0c0ffee-01"
    assert BoardUid.parse("5A00-C0FFEE01") == "5a00-c0ffee01"


@pytest.mark.parametrize("text", ["ab-12", "12-ab-34", "sn1234567", "1234567"])
def test_a_number_of_few_digits_keeps_its_separators_and_its_word(text: str) -> None:
    assert BoardUid.parse(text) == text


def test_what_is_no_number_keeps_its_separators_and_its_words() -> None:
    assert len({board_on(label) for label in OTHERS}) == len(OTHERS)


@pytest.mark.parametrize(
    "label",
    ["", "abc", "]C15A00C0FFEE01", "https://x.example/?sn=5A00C0FFEE01", "工厂", "5A00\x1b[2J", "0" * 12,
     "FF:FF:FF:FF:FF:FF", "SN00000000", "x" * 65, "\u212aam-0001", "a b c d"],
)  # fmt: skip
def test_what_names_no_board_is_no_label(label: str) -> None:
    with pytest.raises(NotALabel):
        board_on(label)


@pytest.mark.parametrize(
    "text", ["unknown", "NULL", "0123456789ABCDEF", "SN0123456789ABCDEF", "0x0123456789abcdef", "Default"]
)
def test_what_a_firmware_says_for_want_of_a_uid_names_no_board(text: str) -> None:
    with pytest.raises(ValueError, match="no uid of its own"):
        BoardUid.parse(text)


WITHOUT_ZEROS = ["a0:b1:c2:0:1:11", "A0:B1:C2:0:11:1", "MAC: 5A:0:C0:FF:EE:1", "ＳＮ５Ａ：０：Ｃ０：ＦＦ：ＥＥ：０１"]


@pytest.mark.parametrize(
    "text", ["0x000000000000", "0X00000000", "0xffffffffffff", "000000000000", "FF:FF:FF:FF:FF:FF"]
)
def test_what_blank_silicon_reports_names_no_board_however_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="empty uid"):
        BoardUid.parse(text)


@pytest.mark.parametrize("text", WITHOUT_ZEROS)
def test_bytes_without_their_zeros_are_no_board_since_two_would_be_one(text: str) -> None:
    with pytest.raises(ValueError, match="both its digits"):
        BoardUid.parse(text)


def by_an_older_station(text: str) -> str | None:
    """Its normal form, from the days when each spelling was a board; None where it refused."""
    uid = text.strip().lower().replace(":", "")
    fits = re.fullmatch(r"[0-9a-z._-]{4,64}", uid) and not (set(uid) <= set("0.-_") or set(uid) <= set("f.-_"))
    return uid if fits else None


HEX = st.text("0123456789abcdefABCDEF", min_size=2, max_size=8)
SPELT = st.builds(
    lambda word, groups, separator: word + separator.join(groups),
    st.sampled_from(["", "SN", "sn-", "MAC:", "uid_", "s", "snx"]),
    st.lists(HEX, min_size=1, max_size=8),
    st.sampled_from(["", ":", "-", ".", "_"]),
)


@given(SPELT | st.text("0123456789abcdefnmisuSN:-._", min_size=1, max_size=30))
def test_what_an_older_station_made_of_it_names_the_same_board(text: str) -> None:
    if (old := by_an_older_station(text)) and not re.search("(?:[0-9a-f]{1,2}:){5}", text, re.IGNORECASE):
        assert BoardUid.stored(old) == BoardUid.stored(text)


@given(SPELT)
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    try:
        uid = BoardUid.parse(text)
    except ValueError:
        return
    assert BoardUid.parse(uid) == uid


BY_PROFILE = {
    "an AIM prefix": (r"^\]C1(.+)$", "]C15A:00:C0:FF:EE:01"),
    "an address": (r"[?&]sn=([^&]+)", "https://f.example/q?lot=7&sn=SN5A00C0FFEE01&v=2"),
    "fields": (r"^PN[^;]*;([0-9A-F-]+);", "PN:778-1;5A-00-C0-FF-EE-01;2611"),
    "full-width fields": (r"^序列号:(.+)$", "序列号：５Ａ００Ｃ０ＦＦＥＥ０１"),
}


@pytest.mark.parametrize(("taken_by", "label"), BY_PROFILE.values(), ids=BY_PROFILE.keys())
def test_a_profile_says_what_of_a_label_is_the_uid(taken_by: str, label: str) -> None:
    assert board_on(label, taken_by) == "5a00c0ffee01"
    with pytest.raises(NotALabel, match="does not find a board uid"):
        board_on("camera", taken_by)


def test_a_part_of_a_label_that_may_be_left_out_names_no_board_where_it_is() -> None:
    with pytest.raises(NotALabel, match="does not find a board uid"):
        board_on("lot 7", "lot 7(?: SN(.+))?")


@pytest.mark.parametrize("typed", ["5A:00:C0:FF:EE:01", "SN5A00C0FFEE01", "5a00c0ffee01", "]C1778-1", "https://x.example/1",
                                   "5a00c0ffee01 pk/camera-1"])  # fmt: skip
def test_a_scan_is_told_from_what_a_person_chooses(typed: str) -> None:
    assert surely_scanned(typed)


@pytest.mark.parametrize("typed", ["123456", "20261127", "correct horse battery", "deadbeef", "sn-42", "Tür/Tor 12"])
def test_what_a_person_may_choose_is_not_called_a_scan(typed: str) -> None:
    assert not surely_scanned(typed)


@given(st.text("0123456789abcdef", min_size=4, max_size=70))
def test_what_a_ledger_holds_is_read_as_it_was_parsed(text: str) -> None:
    try:
        assert BoardUid.stored(text) == BoardUid.parse(text)
    except ValueError:
        assert BoardUid.stored(text) == text
