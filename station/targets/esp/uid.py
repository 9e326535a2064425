# SPDX-License-Identifier: GPL-3.0-or-later
"""Which board this is: the base MAC from eFuse, or what stands in for it where the chip will not tell."""

from __future__ import annotations

import re

from station.codes import Code
from station.errors import AnotherBoard, BoardFault
from station.label import NotALabel, board_on
from station.model import BoardUid, Port

_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
_MAC_BYTES = 6
_GROUP_BIT = 1
"""In the first byte; all FF has it too."""


def uid_from_mac(mac: bytes) -> BoardUid:
    """12 hex digits. BoardFault E208 for what blank silicon and clones report."""
    if len(mac) == _MAC_BYTES and not mac[0] & _GROUP_BIT and any(mac):
        return BoardUid.parse(mac.hex())
    raise BoardFault(
        f"the chip reports {mac.hex(':')} as its MAC, which no board has",
        means="nothing was written; two such boards could not be told apart",
        do="keep the board aside",
        code=Code.E208,
    )


def is_by_label(port: Port) -> bool:
    """Whether it is the label that stands in for the MAC."""
    return not _MAC.fullmatch(port.serial)


def uid_without_mac(port: Port, label: str | None, taken_by: str) -> BoardUid:
    """In secure download mode: the USB serial number, which chips with native USB make of their MAC, or the label.
    `taken_by`: the profile's `label`.
    """
    if not is_by_label(port):
        return uid_from_mac(bytes.fromhex(port.serial.replace(":", "")))
    try:
        return board_on(label or "", taken_by)
    except NotALabel:
        raise BoardFault(
            "this board does not tell which one it is: it is in secure download mode",
            means="nothing was written",
            do="scan its label (the profile needs scan_label = true), or connect it by its own USB",
            code=Code.E207,
        ) from None


def changed(how: str) -> BoardFault:
    """E209, for a board that is not the one that was identified; whoever it is must be asked again."""
    return BoardFault(
        f"the board in this slot {how}",
        means="the certificate stays with the board that was identified",
        do="put the identified board back in, in any slot",
        code=Code.E209,
    )


def changed_in_time(mac: bytes) -> AnotherBoard:
    """E209, for a board that took the place of the identified one before anything of the identity was sent."""
    return AnotherBoard(
        mac.hex(),
        "the board in this slot is not the one that was identified",
        unsent=True,
        means="no secret was sent to this one; the certificate stays with the board that was identified",
        do="put the identified board back in, in any slot",
    )
