# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line client says, read with no trust: one JSON object with the fields of the vendor's tool, and ours beside.

Fields that are not known are passed over: other clients send more. What is understood is of one type and one length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NoReturn

from station.codes import Code
from station.errors import BoardFault, UsageError
from station.model import BoardUid, Digest

MOST_BYTES: Final = 4096
_PRODUCT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CRC32 = re.compile(r"[0-9A-Fa-f]{8}")
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_LONGEST_ID = 200
_OTHERWISE = re.compile(r"0x.*|[0-9a-f]{1,2}(?:[._-][0-9a-f]{1,2}){5,}", re.IGNORECASE)
"""Of a board's uid that is a number: a bench, or another client, says it in its digits."""


class Action(IntEnum):
    ALLOCATE = 0
    BURNED = 1
    FAILED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    """`said`: the DeviceID as the client spells it, for the answer. `crc32`: 8 upper-case hex digits; `sha256`: as
    `Identity.digest`; both of what the client read back from the board, "" and None where it does not say."""

    action: Action
    product: str
    uid: BoardUid
    said: str
    crc32: str = ""
    sha256: Digest | None = None


def read(body: bytes) -> LineRequest:
    """UsageError E100 for what cannot be understood, BoardFault E202 for a board that has no id."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        _refuse("the request is no JSON")
    if not isinstance(fields, dict):
        _refuse("the request is no JSON object")
    action = _action(fields)
    product = fields.get("ProductKey")
    if not isinstance(product, str) or not _PRODUCT.fullmatch(product):
        _refuse("ProductKey is missing, or is none")
    said, uid = _board(fields)
    crc32, sha256 = _hex(fields, "CRC32", _CRC32).upper(), _hex(fields, "SHA256", _SHA256).lower()
    if action is not Action.BURNED and (crc32 or sha256):
        _refuse("CRC32 and SHA256 are of what was read back: they belong to Action 1")
    return LineRequest(
        action=action, product=product, uid=uid, said=said, crc32=crc32, sha256=Digest(sha256) if sha256 else None
    )


def _action(fields: Mapping[str, object]) -> Action:
    action = fields.get("Action")
    if isinstance(action, bool) or not isinstance(action, int) or action not in list(Action):
        _refuse("Action is 0 (allocate), 1 (burned) or 2 (failed)")
    return Action(action)


def _board(fields: Mapping[str, object]) -> tuple[str, BoardUid]:
    """The vendor's tool may be asked without a DeviceID; here no identity is given to nobody knows whom, nor to a board
    that others call otherwise: it would get a second one there."""
    said = fields.get("DeviceID")
    if said is None or said == "":
        raise BoardFault(
            "the request names no board: DeviceID is missing",
            means="no identity was taken: without a uid it could go to two boards",
            do="have the client send what the chip itself says, its MAC or its unique id",
            code=Code.E202,
        )
    if not isinstance(said, str) or len(said) > _LONGEST_ID:
        _refuse("DeviceID is no text")
    try:
        uid = BoardUid.parse(said)
    except ValueError as error:
        _refuse(f"DeviceID: {error}")
    if _OTHERWISE.fullmatch(uid):
        _refuse("DeviceID is a number in hex: send its digits alone, all of them, and nothing before them")
    return said, uid


def _hex(fields: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> str:
    text = fields.get(name)
    if text is None or text == "":
        return ""
    if not isinstance(text, str) or not pattern.fullmatch(text):
        _refuse(f"{name} is no such number in hex")
    return text


def _refuse(what: str) -> NoReturn:
    raise UsageError(what, means="nothing was done", do="correct the client: station serve --help", code=Code.E100)
