# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a scan is the product's serial number, and what a profile may say of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import ConfigError
from station.profiles.profile import parse_profile
from station.profiles.scans import Demand, SerialRule
from station.serial_number import NotASerial, says_none, serial_in


def of(serial: Any) -> SerialRule:
    table = {"name": "x", "target": "agent", "serial": serial}
    return parse_profile(table, lambda _target, _table: None, source="x.toml").serial


@pytest.mark.parametrize(
    ("scan", "taken_by", "serial"),
    [
        ("sn2026a/01-x", "", "SN2026A/01-X"),  # Caps Lock or not
        ("  SN42\r\n", "", "SN42"),
        ("\uff33\uff2e\uff14\uff12", "", "SN42"),  # full width
        ("https://x.example/?sn=ab12&v=1", r"[?&]sn=([^&]+)", "AB12"),
        ("SN0042", r"^SN[0-9]{4}$", "SN0042"),
    ],
)
def test_a_serial_number_has_one_normal_form(scan: str, taken_by: str, serial: str) -> None:
    assert serial_in(scan, taken_by) == serial


@pytest.mark.parametrize(
    ("scan", "taken_by"),
    [
        ("", ""),
        ("two words", ""),
        ("序列号", ""),
        ("\x1b[2J", ""),
        ("X" * 65, ""),
        ("SN42", "^SN[0-9]{4}$"),
        ("none", ""),
    ],
)
def test_anything_else_is_none(scan: str, taken_by: str) -> None:
    with pytest.raises(NotASerial):
        serial_in(scan, taken_by)


@given(st.text())
def test_whatever_is_scanned_comes_out_fit_for_a_label_or_not_at_all(scan: str) -> None:
    try:
        serial = serial_in(scan)
    except NotASerial:
        return
    assert serial == serial_in(serial) and serial.isascii() and serial.isprintable() and not says_none(serial)


def test_a_profile_says_what_is_asked_for() -> None:
    assert of({"ask": "required", "pattern": "^SN([0-9]+)$"}) == SerialRule(ask=Demand.REQUIRED, pattern="^SN([0-9]+)$")
    assert of({"ask": "optional"}).is_asked and not of({"ask": "none"}).is_asked


@pytest.mark.parametrize(
    ("serial", "says"),
    [
        ("required", "must be a table"),
        ({}, "must be one of none, optional, required"),
        ({"ask": True}, "must be one of"),
        ({"ask": "required", "pattern": 3}, "must be a str"),
        ({"ask": "required", "pattern": "("}, "is not a pattern"),
        ({"ask": "required", "pattern": "(a)(b)"}, "at most one"),
        ({"ask": "required", "pattern": "a*"}, "matches an empty scan"),
        ({"ask": "required", "unique": True}, "not a profile key"),
    ],
)
def test_a_wrong_table_is_named(serial: Any, says: str) -> None:
    with pytest.raises(ConfigError, match="serial") as caught:
        of(serial)
    assert says in caught.value.what
