# SPDX-License-Identifier: GPL-3.0-or-later
"""A label's dots in the two languages that label printers understand, and what they say of themselves.

ZPL II: ^GFA, hexadecimal, 1 is black; ~HS. TSPL: BITMAP, binary, 0 is black; <ESC>!?.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from station.profiles.sticker import PrinterLanguage, Sticker

if TYPE_CHECKING:
    from PIL import Image

_INVERTED = bytes(range(255, -1, -1))
ASK = {PrinterLanguage.ZPL: b"~HS", PrinterLanguage.TSPL: b"\x1b!?"}
_HS = re.compile(rb"\x02([0-9]+),([01]),([01]),[^\x03]*\x03\s*\x02[0-9]+,[01],([01]),([01]),")
"""Paper out, pause; head up, ribbon out."""
_TSPL = {
    0x01: "its head is open",
    0x02: "paper is jammed",
    0x04: "it is out of paper",
    0x08: "it is out of ribbon",
    0x10: "it is paused",
    0x80: "it has a fault",
}


def encoded(sticker: Sticker, image: Image.Image, language: PrinterLanguage | None = None) -> bytes:
    """One label, in the profile's language unless another one is named."""
    return _zpl(image) if (language or sticker.language) is PrinterLanguage.ZPL else _tspl(sticker, image)


def _rows(image: Image.Image) -> tuple[int, bytes]:
    """Bytes a row, and rows of bits, 1 is white; what is beside the last dot is white too."""
    wide = (image.width + 7) // 8
    spare = wide * 8 - image.width
    rows = image.tobytes()
    if spare:
        filled = bytearray(rows)
        filled[wide - 1 :: wide] = bytes(last | ((1 << spare) - 1) for last in filled[wide - 1 :: wide])
        rows = bytes(filled)
    return wide, rows


def _zpl(image: Image.Image) -> bytes:
    wide, rows = _rows(image)
    dots = rows.translate(_INVERTED).hex().upper()
    total = len(rows)
    return f"^XA^PW{image.width}^LL{image.height}^FO0,0^GFA,{total},{total},{wide},{dots}^FS^PQ1^XZ\n".encode()


def _tspl(sticker: Sticker, image: Image.Image) -> bytes:
    wide, rows = _rows(image)
    head = f"SIZE {sticker.width_mm} mm,{sticker.height_mm} mm\r\nGAP 2 mm,0\r\nCLS\r\n"
    return head.encode() + f"BITMAP 0,0,{wide},{image.height},0,".encode() + rows + b"\r\nPRINT 1,1\r\n"


def trouble_in(language: PrinterLanguage, answer: bytes) -> str | None:
    """What keeps the printer from printing, "" for nothing; None while that is not all of an answer."""
    if language is PrinterLanguage.TSPL:
        return "; ".join(said for bit, said in _TSPL.items() if answer[0] & bit) if answer else None
    found = _HS.search(answer)
    if found is None:
        return None
    said = ("it is out of paper", "it is paused", "its head is open", "it is out of ribbon")
    return "; ".join(text for flag, text in zip(found.groups()[1:], said, strict=True) if flag == b"1")
