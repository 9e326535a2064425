# SPDX-License-Identifier: GPL-3.0-or-later
"""Code 128 (ISO/IEC 15417), sets B and C: printable ASCII, runs of digits in half the room. Pure."""

from __future__ import annotations

import re

_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
_WIDTHS = _TABLE.split()
"""By value: bars and spaces in turn, in modules; 103 to 105 begin, 106 ends."""
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
_PARTS = re.compile(r"(?:[0-9]{2}){2,}|.", re.DOTALL)
"""Four digits and more are worth the change of set."""


def modules(text: str) -> list[bool]:
    """True is a bar; without the quiet zone, which is ten modules at each end. ValueError for what is not printable
    ASCII, or is nothing."""
    if not text or not all(" " <= sign <= "~" for sign in text):
        raise ValueError("Code 128 holds letters, digits and marks, at least one")
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    widths = "".join(_WIDTHS[value] for value in (*values, check, _STOP))
    return [place % 2 == 0 for place, width in enumerate(widths) for _ in range(int(width))]


def _values(text: str) -> list[int]:
    values, in_c = list[int](), False
    for part in _PARTS.findall(text):
        wants_c = len(part) > 1
        if not values:
            values.append(_START_C if wants_c else _START_B)
        elif wants_c is not in_c:
            values.append(_TO_C if wants_c else _TO_B)
        in_c = wants_c
        values += [int(part[at : at + 2]) for at in range(0, len(part), 2)] if in_c else [ord(part) - 32]
    return values
