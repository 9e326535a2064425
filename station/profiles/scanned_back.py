# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what was scanned is the label of one board, which holds what a printed one says of it. Pure.

Its uid in any spelling, its device name or serial number alone, or the whole text of a code on the label; never what
other boards' labels say too, such as the product.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

from station.label import NotALabel, board_on
from station.model import half_width
from station.profiles.profile import Profile
from station.profiles.sticker import Sticker, filled
from station.serial_number import NotASerial, serial_in

_ITS_OWN = frozenset({"uid", "device", "serial"})
_AIM = re.compile(r"^\][A-Za-z][0-9]")


def is_label_of(profile: Profile, fields: Mapping[str, str], scan: str) -> bool:
    """`fields`: as `sticker` has them, of the board."""
    text = _AIM.sub("", half_width(scan).strip())
    whole = _whole_texts(profile.sticker or Sticker(), fields)
    if text in {fields["device"], *whole} - {""}:
        return True
    return _is_uid(profile, fields["uid"], (scan, text)) or _is_serial(profile, fields["serial"], (scan, text))


def _whole_texts(sticker: Sticker, fields: Mapping[str, str]) -> set[str]:
    """Of the codes that say something of this board alone."""
    return {half_width(filled(code, fields)).strip() for code in (sticker.qr, sticker.code128) if _is_own(code, fields)}


def _is_own(code: str, fields: Mapping[str, str]) -> bool:
    return any(field in _ITS_OWN and fields[field] for _, field, _, _ in Formatter().parse(code) if field)


def _is_uid(profile: Profile, uid: str, scans: tuple[str, ...]) -> bool:
    for scan, pattern in ((scan, pattern) for scan in scans for pattern in {"", profile.label}):
        try:
            if " " not in scan.strip() and board_on(scan, pattern) == uid:
                return True
        except NotALabel:
            continue
    return False


def _is_serial(profile: Profile, serial: str, scans: tuple[str, ...]) -> bool:
    for scan, pattern in ((scan, pattern) for scan in scans for pattern in {"", profile.serial.pattern}):
        try:
            if serial and serial_in(scan, pattern) == serial:
                return True
        except NotASerial:
            continue
    return False
