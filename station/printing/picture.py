# SPDX-License-Identifier: GPL-3.0-or-later
"""A label as dots, drawn once: what is previewed is what any printer prints. QR code at the left, lines beside it, Code
128 along the foot. What does not fit is refused, never cut off or made too small to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.codes import Code
from station.errors import ConfigError
from station.extras import install
from station.printing.code128 import modules
from station.profiles.sticker import Sticker, filled

if TYPE_CHECKING:
    from PIL import Image, ImageFont

REPRINT = "R"
"""On a label that was printed before, with its number: R1, R2 …"""
_MARGIN_MM, _LEAST_TEXT_MM, _MOST_TEXT_MM = 1.5, 1.6, 4.0
_LEAST_MODULE_MM, _LEAST_BAR_MM = 0.24, 0.16
"""What a hand scanner still reads: a QR code's square, Code 128's narrowest bar."""
_QUIET = 10
_CHINESE = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "/System/Library/Fonts/PingFang.ttc",
)


@dataclass(slots=True)
class _Room:
    """What is left of the label, in dots."""

    left: int
    top: int
    right: int
    bottom: int


def draw(sticker: Sticker, fields: Mapping[str, str], *, copy: int = 0, font: str = "") -> Image.Image:
    """One bit a dot, 0 is black. `copy`: how often it was printed before, marked on it; `font`: a file, "" for one of
    this PC. ConfigError E112 for what does not fit, E113 without a font that has the characters, E118 without the
    extra."""
    image_module = _pillow()
    dots = tuple(round(mm * sticker.dpi / 25.4) for mm in (sticker.width_mm, sticker.height_mm))
    image: Image.Image = image_module.new("1", dots, 1)
    margin = round(_MARGIN_MM * sticker.dpi / 25.4)
    room = _Room(margin, margin, dots[0] - margin, dots[1] - margin)
    if code := filled(sticker.code128, fields):
        _bars(image, code, room, sticker.dpi)
    if code := filled(sticker.qr, fields):
        _squares(image, code, room, sticker.dpi)
    lines = [line for line in (filled(text, fields) for text in sticker.lines) if line]
    _texts(image, [*lines, *([f"{REPRINT}{copy}"] if copy else [])], room, sticker.dpi, font)
    return image


def _bars(image: Image.Image, code: str, room: _Room, dpi: int) -> None:
    try:
        bars = modules(code)
    except ValueError as error:
        raise _does_not_fit(code, str(error)) from None
    width = (room.right - room.left) // (len(bars) + 2 * _QUIET)
    high = max(round(6 * dpi / 25.4), (room.bottom - room.top) // 4)
    if width < _LEAST_BAR_MM * dpi / 25.4:
        raise _does_not_fit(code, "it is too long for Code 128 at this width")
    left = (room.left + room.right - width * len(bars)) // 2
    for place, is_bar in enumerate(bars):
        if is_bar:
            at = left + place * width
            image.paste(0, (at, room.bottom - high, at + width, room.bottom))
    room.bottom -= high + round(dpi / 25.4)


def _squares(image: Image.Image, code: str, room: _Room, dpi: int) -> None:
    import segno  # noqa: PLC0415 - of the extra

    image_module = _pillow()
    rows = list(segno.make(code, error="m", micro=False, boost_error=False).matrix_iter(border=2))
    size = min(room.bottom - room.top, (room.right - room.left) // 2) // len(rows)
    if size < _LEAST_MODULE_MM * dpi / 25.4:
        raise _does_not_fit(code, "its QR code has no room")
    modules_of_it = bytes(0 if is_dark else 255 for row in rows for is_dark in row)
    square = image_module.frombytes("L", (len(rows), len(rows)), modules_of_it)
    wide = len(rows) * size
    image.paste(square.resize((wide, wide), image_module.Resampling.NEAREST), (room.left, room.top))
    room.left += wide + round(dpi / 25.4)


def _texts(image: Image.Image, lines: list[str], room: _Room, dpi: int, font: str) -> None:
    from PIL import ImageDraw  # noqa: PLC0415 - of the extra

    if not lines:
        return
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    high = min(round(_MOST_TEXT_MM * dpi / 25.4), (room.bottom - room.top) * 4 // (5 * len(lines)))
    for place, line in enumerate(lines):
        chosen = next((f for f in _sizes(line, high, dpi, font) if f.getlength(line) <= room.right - room.left), None)
        if chosen is None:
            raise _does_not_fit(line, "the line is too long for this label")
        pen.text((room.left, room.top + place * (room.bottom - room.top) // len(lines)), line, fill=0, font=chosen)


def _sizes(line: str, high: int, dpi: int, font: str) -> Iterator[ImageFont.FreeTypeFont]:
    """From the largest on."""
    file = font or ("" if line.isascii() else next((f for f in _CHINESE if Path(f).is_file()), None))
    if file is None:
        raise ConfigError(
            f"this PC has no font with the characters of “{line}”",
            do="install one (Debian: fonts-wqy-zenhei), or name a file: [printer] font",
            code=Code.E113,
        )
    for size in range(high, round(_LEAST_TEXT_MM * dpi / 25.4) - 1, -1):
        try:
            yield _font(file, size)
        except OSError as error:
            raise ConfigError(f"no font: {file}: {error}", do="correct [printer] font", code=Code.E113) from None


@lru_cache(maxsize=64)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """Kept: reading one takes longer than writing a label with it. "" is Pillow's own."""
    from PIL import ImageFont  # noqa: PLC0415 - of the extra

    font = ImageFont.truetype(file, size) if file else ImageFont.load_default(size)
    if isinstance(font, ImageFont.ImageFont):
        raise OSError("Pillow is built without FreeType")
    return font


def _does_not_fit(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"“{text}” does not fit on the label: {why}",
        do="make the profile's [label] larger, or shorten it",
        code=Code.E112,
    )


def _pillow() -> Any:
    """Its drawing."""
    try:
        import segno  # noqa: F401, PLC0415
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        raise ConfigError("labels are not installed here", do=f"run: {install('labels')}", code=Code.E118) from None
    return Image
