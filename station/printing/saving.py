# SPDX-License-Identifier: GPL-3.0-or-later
"""A label in a file, for whoever prints it otherwise: PNG, SVG, PDF in its true size, or a printer's own language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from station.errors import StationFault, UsageError
from station.printing.wire import encoded
from station.profiles.sticker import PrinterLanguage, Sticker

if TYPE_CHECKING:
    from PIL import Image


def save(path: Path, sticker: Sticker, image: Image.Image) -> None:
    """By the name's ending. UsageError for any other, StationFault where it cannot be written."""
    kind = path.suffix.lower().removeprefix(".")
    try:
        if kind in ("png", "pdf"):
            image.save(path, kind.upper(), dpi=(sticker.dpi, sticker.dpi), resolution=float(sticker.dpi))
        elif kind == "svg":
            path.write_text(_svg(sticker, image), "utf-8")
        elif kind in list(PrinterLanguage):
            path.write_bytes(encoded(sticker, image, PrinterLanguage(kind)))
        else:
            raise UsageError(f"a label is no .{kind}", do="end the name in .png, .svg, .pdf, .zpl or .tspl")
    except OSError as error:
        raise StationFault(f"cannot write {path}: {error.strerror}", do="choose another place") from error


def _svg(sticker: Sticker, image: Image.Image) -> str:
    """Each run of black dots is a rectangle."""
    runs = []
    for y in range(image.height):
        row = [image.getpixel((x, y)) for x in range(image.width)] + [1]
        start = None
        for x, dot in enumerate(row):
            if not dot and start is None:
                start = x
            elif dot and start is not None:
                runs.append(f"M{start} {y}h{x - start}v1H{start}z")
                start = None
    size = f'width="{sticker.width_mm}mm" height="{sticker.height_mm}mm" viewBox="0 0 {image.width} {image.height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="{"".join(runs)}"/></svg>\n'
