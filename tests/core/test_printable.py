# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile text reaches a terminal only in harmless form, and says what it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cam-0001", "cam-0001"),
        ("相机　甲 – ▓ é", "相机　甲 – ▓ é"),
        ("\x1b[2J\x1b[31mPASS", "\\u001b[2J\\u001b[31mPASS"),
        ("\x9b2J\x7f", "\\u009b2J\\u007f"),
        ("a\u202eSSAP\u2066", "a\\u202eSSAP\\u2066"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("half\udc80", "half\\udc80"),
        ("tag\U000e0041", "tag\\udb40\\udc41"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_an_error_of_several_lines_keeps_them() -> None:
    assert printable("E122 bad rows:\n    1: \x1b[2J", lines=True) == "E122 bad rows:\n    1: \\u001b[2J"


@given(st.text())
def test_a_json_line_stays_one_line_and_means_the_same(text: str) -> None:
    line = printable(json.dumps({"what": text}, ensure_ascii=False))
    assert json.loads(line) == {"what": text}
    assert line.encode().splitlines() == [line.encode()]
