# SPDX-License-Identifier: GPL-3.0-or-later
"""What a profile's `[label]` says of the label that is printed for a board: its size, and what stands on it.

[label]
scan = '^\\]C1(.+)$'                # what `label = '…'` says where nothing is printed
width_mm = 60                       # 20 to 150
height_mm = 30                      # 10 to 150
dpi = 203                           # 203, 300 or 600
language = "zpl"                    # or "tspl"
lines = ["{device}", "序列号 {serial}", "{uid}"]
qr = "{uid} {product}/{device}"     # "" for none
code128 = "{serial}"                # "" for none
needed = true                       # no board begins while the label of one before it does not come out
scan_back = "demanded"              # station run asks for the printed label of each board that passed: "offered" until
                                    # the board is out, "demanded" before its slot begins another one, or "no"

Fields are {device} {product} {uid} {serial} {set} {channel}, and no others: there is none that holds a secret. A line
or a code whose fields are all empty is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

FIELDS = ("device", "product", "uid", "serial", "set", "channel")
_SIZES = {"width_mm": (20, 150), "height_mm": (10, 150)}
_DPI = (203, 300, 600)
_TEXTS = ("qr", "code128")
_KEYS = ("scan", "language", "lines", "dpi", "needed", "scan_back", *_SIZES, *_TEXTS)
_MOST_LINES = 8


class PrinterLanguage(StrEnum):
    """What a label printer understands."""

    ZPL = "zpl"
    TSPL = "tspl"


class ScanBack(StrEnum):
    """Whether a printed label is to be scanned, and compared with the board that it is for."""

    NO = "no"
    OFFERED = "offered"
    DEMANDED = "demanded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticker:
    """A label to be printed."""

    width_mm: int = 60
    height_mm: int = 30
    dpi: int = 203
    language: PrinterLanguage = PrinterLanguage.ZPL
    lines: tuple[str, ...] = ("{device}", "{product}", "{serial}", "{uid}")
    qr: str = "{uid} {product}/{device}"
    code128: str = ""
    needed: bool = False
    scan_back: ScanBack = ScanBack.NO

    @property
    def keeps_boards_waiting(self) -> bool:
        """Whether no other board begins until it is printed, or scanned."""
        return self.needed or self.scan_back is ScanBack.DEMANDED


def filled(text: str, fields: Mapping[str, str]) -> str:
    """ "" where each field in it is empty."""
    named = [field for _, field, _, _ in Formatter().parse(text) if field]
    if named and not any(fields[field] for field in named):
        return ""
    return "".join(said + (fields[field] if field else "") for said, field, _, _ in Formatter().parse(text))


def sticker_of(table: Mapping[str, object]) -> Sticker:
    """Of a `[label]` table without faults."""
    said = {key: value for key, value in table.items() if key != "scan"}
    if "lines" in said:
        said["lines"] = tuple(said["lines"])  # type: ignore[arg-type]
    if "language" in said:
        said["language"] = PrinterLanguage(str(said["language"]))
    if "scan_back" in said:
        said["scan_back"] = ScanBack(str(said["scan_back"]))
    return Sticker(**said)  # type: ignore[arg-type]


def sticker_faults(table: object) -> Iterator[str]:
    """None for a `label` that is no table."""
    if not isinstance(table, Mapping):
        return
    yield from (f"“label.{key}” is not a profile key" for key in table if key not in _KEYS)
    for key, (least, most) in _SIZES.items():
        if key in table and not (type(table[key]) is int and least <= table[key] <= most):
            yield f"“label.{key}” must be a number from {least} to {most}"
    if table.get("dpi", 203) not in _DPI:
        yield "“label.dpi” must be 203, 300 or 600"
    if table.get("language", PrinterLanguage.ZPL) not in list(PrinterLanguage):
        yield f"“label.language” must be one of {', '.join(PrinterLanguage)}"
    if table.get("scan_back", ScanBack.NO) not in list(ScanBack):
        yield f"“label.scan_back” must be one of {', '.join(ScanBack)}"
    if not isinstance(table.get("needed", False), bool):
        yield "“label.needed” must be true or false"
    lines = table.get("lines", [])
    if not isinstance(lines, list) or len(lines) > _MOST_LINES:
        yield f"“label.lines” must be a list of at most {_MOST_LINES} texts"
        lines = []
    for text in [*lines, *(table[key] for key in _TEXTS if key in table)]:
        yield from _text_faults(text)


def _text_faults(text: object) -> Iterator[str]:
    """Nothing but the fields, each as it stands: no attribute, no index, no format."""
    if not isinstance(text, str) or not text.isprintable():
        yield "what stands on a “label” must be texts"
        return
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield f"in “label”, “{text}” has a brace too many"
        return
    for _, field, form, conversion in parts:
        if field is not None and (field not in FIELDS or form or conversion):
            yield f"in “label”, “{{{field}}}” is not one of {' '.join(f'{{{known}}}' for known in FIELDS)}"
