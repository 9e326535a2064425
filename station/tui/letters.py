# SPDX-License-Identifier: GPL-3.0-or-later
"""Block letters: a word as rows of half blocks, as large as a space allows. Textual's `Digits` cannot draw PASS.

A terminal cell is about twice as high as wide, so one pixel is one cell wide and half a row high: nearly square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from station.tui import glyphs, han

Pixels = tuple[str, ...]
_HALF = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_GAP = 1
_SPACE = 3
_MAX_SCALE = 6
_KEPT = 1024
"""Many times what a screen shows at once: each board has a number or scan of its own, and a bench is open for weeks."""


def _parse(art: str) -> Mapping[str, Pixels]:
    """Letters of a drawing in `glyphs`; raises IndexError when a band has no rows, which a test would show."""
    letters: dict[str, Pixels] = {}
    for band in art.strip("\n").split("\n\n"):
        names, *rows = band.split("\n")
        starts = [at for at, name in enumerate(names) if name != " "]
        for at, end in zip(starts, [*starts[1:], None], strict=True):
            cut = [row[at:end].rstrip() for row in rows]
            width = max(map(len, cut))
            letters[names[at]] = tuple(row.ljust(width, ".") for row in cut)
    return letters


@dataclass(frozen=True, slots=True, eq=False)  # by identity, so that `fit` may remember its answers
class Font:
    """Pixel letters of one height."""

    letters: Mapping[str, Pixels]
    height: int

    def draws(self, word: str) -> bool:
        return all(letter == " " or letter in self.letters for letter in word)

    def width(self, word: str) -> int:
        """Of the word, in pixels; KeyError for what the font does not draw."""
        letters = [_SPACE if letter == " " else len(self.letters[letter][0]) for letter in word]
        return sum(letters) + _GAP * (len(letters) - 1)

    def pixels(self, word: str) -> Pixels:
        """The word's pixel rows, one string of `#` and `.` each; KeyError for what the font does not draw."""
        space = ("." * _SPACE,) * self.height
        parts = [space if letter == " " else self.letters[letter] for letter in word]
        return tuple(("." * _GAP).join(part[row] for part in parts) for row in range(self.height))


def _font(*arts: str) -> Font:
    letters = {name: pixels for art in arts for name, pixels in _parse(art).items()}
    return Font(letters, len(next(iter(letters.values()))))


LARGE = _font(glyphs.LARGE, han.SMALL)
SMALL = _font(glyphs.SMALL)
HAN = _font(han.LARGE)
FONTS = SMALL, LARGE, HAN


@dataclass(frozen=True, slots=True)
class Lettering:
    """A font at a size: a pixel is `across` cells wide and `down` half rows high."""

    font: Font
    across: int
    down: int

    @property
    def rows(self) -> int:
        """Height of a line in cells."""
        return (self.font.height * self.down + 1) // 2

    def width(self, word: str) -> int:
        """Width of the word in cells."""
        return self.font.width(word) * self.across

    def render(self, word: str) -> tuple[str, ...]:
        """Rows of text, all of the same width."""
        pixels = [row for row in self.font.pixels(word) for _ in range(self.down)]
        if len(pixels) % 2:
            pixels.append("." * len(pixels[0]))
        return tuple(
            "".join(_HALF[top == "#", bottom == "#"] * self.across for top, bottom in zip(upper, lower, strict=True))
            for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)
        )


def _settings() -> Iterator[Lettering]:
    for font in FONTS:
        for across in range(1, _MAX_SCALE + 1):
            # Taller or wider than this and a letter looks stretched.
            for down in range(max(1, across - across // 3), across + max(1, across // 2) + 1):
                yield Lettering(font, across, down)


def _size(setting: Lettering) -> tuple[int, int]:
    """Of a letter, about: a pixel's area times the font's."""
    return setting.font.height**2 * setting.down * setting.across, setting.font.height


LARGEST_FIRST = tuple(sorted(_settings(), key=_size, reverse=True))


def _largest(words: Sequence[str], width: int, height: int) -> Lettering | None:
    """The largest size at which the words, one a line with a row between, fit the space."""
    wide = {font: max(map(font.width, words)) for font in FONTS if all(map(font.draws, words))}
    for setting in LARGEST_FIRST:
        high = setting.rows * len(words) + len(words) - 1
        if high <= height and setting.font in wide and wide[setting.font] * setting.across <= width:
            return setting
    return None


def drawable(text: str) -> str:
    """The text in capitals on one line, "" where no font draws all of it."""
    capitals = " ".join(text.upper().split())
    return capitals if any(font.draws(capitals) for font in (SMALL, LARGE)) else ""


@lru_cache(_KEPT)
def fit_alike(texts: tuple[str, ...], width: int, height: int) -> tuple[tuple[str, ...], ...]:
    """Each of the texts in a space of its own, all in the letters of one size; () where one does not fit."""
    for setting in LARGEST_FIRST:
        if setting.rows <= height and all(setting.font.draws(text) and setting.width(text) <= width for text in texts):
            return tuple(map(setting.render, texts))
    return ()


@lru_cache(_KEPT)
def fit(text: str, width: int, height: int) -> tuple[str, ...]:
    """The text as large as `width` x `height` cells allow, its words side by side or one a line.

    () when even the smallest letters do not fit, or no font draws it.
    """
    if not text:
        return ()
    words = text.split(" ")
    beside = _largest([text], width, height)
    stacked = _largest(words, width, height) if len(words) > 1 else None
    if stacked and (beside is None or _size(stacked) > _size(beside)):
        wide = max(map(stacked.width, words))
        lines = [[row.center(wide) for row in stacked.render(word)] for word in words]
        return tuple(row for line in lines for row in (*line, " " * wide))[:-1]
    return beside.render(text) if beside else ()
