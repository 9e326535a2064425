# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates out of a seed: the same batch and index always give the same certificate, so none is ever stored.

Lengths are those seen in the field: productKey 11, deviceName 20, deviceSecret 32, productSecret 16, iotId ends in
000100. One SHAKE-256 call gives a whole NVR set (17 certificates, about 20 µs).
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import shake_256
from typing import NamedTuple

_NO_PUNCTUATION = bytes.maketrans(b"+/", b"aZ")
_STRIDE = 60  # characters per certificate: name 20, secret 32, iotId's own part 8; 45 bytes of hash


class IssuedCertificate(NamedTuple):
    """The truth about one certificate, secret included: for comparing with what a station or a board holds."""

    product_key: str
    device_name: str
    device_secret: str
    iot_id: str
    device_id: str


class Issued(NamedTuple):
    """What one row of a batch stands for: a device, or an NVR with its cameras in the order of their channels."""

    primary: IssuedCertificate
    channels: tuple[IssuedCertificate, ...]


def text_from(seed: str, length: int) -> str:
    """`length` characters of [0-9A-Za-z] that depend on nothing but the seed."""
    raw = shake_256(seed.encode()).digest(length * 3 // 4 + 3)
    return b64encode(raw).translate(_NO_PUNCTUATION)[:length].decode()


def product_key_from(seed: str) -> str:
    return "a1" + text_from(seed, 9)


def issue(
    seed: str, batch_id: str, index: int, product_key: str, *, name: str = "", channels: int = 0, ipc_key: str = ""
) -> Issued:
    """Row `index` of a batch. `name`: the uploaded deviceName, else one is made."""
    text = text_from(f"{seed}/{batch_id}/{index}", _STRIDE * (channels + 1))
    cameras = tuple(
        _certificate(text[at : at + _STRIDE], ipc_key) for at in range(_STRIDE, _STRIDE * (channels + 1), _STRIDE)
    )
    return Issued(_certificate(text[:_STRIDE], product_key, name), cameras)


def _certificate(text: str, product_key: str, name: str = "") -> IssuedCertificate:
    made = text[:20]
    return IssuedCertificate(product_key, name or made, text[20:52], made + text[52:] + "000100", made)
