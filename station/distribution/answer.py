# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line client is told: the fields of the vendor's tool, and in words why not."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field

from station.codes import Exit
from station.errors import StationError
from station.flow.visit import Visit
from station.model import CertName, Identity
from station.printable import printable

OK, DONE, REFUSED = "OK", "ALREADY_DONE", "FAIL"
_STATUS = {
    Exit.USAGE: 400,
    Exit.STATION_FAULT: 503,
    Exit.CLOUD: 503,
    Exit.NO_CERTIFICATES: 503,
}
"""Of HTTP, where the exchange says FAIL; of a board, or of what a person must decide, 409."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """`body` may hold an identity's secrets: it is sent, and shown nowhere else."""

    status: int = 200
    body: bytes = field(repr=False)


def crc32_of(identity: Identity) -> str:
    """As the vendor's tool has it: of productKey, productSecret, deviceName and deviceSecret in this order, nothing
    between them; 8 upper-case hex digits."""
    product, device, secret, product_secret = identity.primary.board_fields()
    return f"{zlib.crc32(product + product_secret + device + secret):08X}"


def handed_over(identity: Identity, said: str) -> LineAnswer:
    """The one answer with secrets in it."""
    one = identity.primary
    return _answer(
        ProductKey=one.product_key,
        ProductSecret=one.product_secret.reveal() if one.product_secret else "",
        DeviceName=one.device_name,
        DeviceSecret=one.device_secret.reveal(),
        DeviceID=said,
        CRC32=crc32_of(identity),
        Status=OK,
    )


def already_done(name: CertName | None, product: str, said: str) -> LineAnswer:
    """The board has its identity. Its secret is destroyed here, and nobody gets it again."""
    device = name.device_name if name else ""
    return _answer(ProductKey=product, DeviceName=device, DeviceID=said, Status=DONE)


def noted(product: str, said: str) -> LineAnswer:
    """What the client reported is on the disk."""
    return _answer(ProductKey=product, DeviceID=said, Status=OK)


def refused(error: StationError, *, product: str = "", said: str = "", status: int = 0) -> LineAnswer:
    """`status`: another one of HTTP than the error's own."""
    return _answer(
        status or _STATUS.get(error.exit, 409),
        ProductKey=product,
        DeviceID=said,
        Status=REFUSED,
        Code=str(error.code),
        Message=error.what,
        Do=error.do,
    )


def of_visit(visit: Visit, product: str, said: str) -> LineAnswer:
    """Of one that ended before anything was handed over."""
    if visit.error is not None:
        return refused(visit.error, product=product, said=said)
    return already_done(visit.name, product, said)


def _answer(status: int = 200, **fields: str) -> LineAnswer:
    return LineAnswer(status=status, body=printable(json.dumps(fields, ensure_ascii=False)).encode() + b"\n")
