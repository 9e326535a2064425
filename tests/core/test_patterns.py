# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile's pattern takes time that grows with the text alone, and says clearly what it cannot be."""

from __future__ import annotations

import subprocess
import sys

import pytest

from station.patterns import pattern

HANGS_OTHERS = [r"(a+)+$", r"^(a|aa)+$", r"(.*a){20}$", r"^(?:x?){40}x{40}y$"]


@pytest.mark.parametrize("source", HANGS_OTHERS)
def test_no_pattern_hangs(source: str) -> None:
    """In a process of its own: where it does hang, nothing in it could end it."""
    code = f"from station.patterns import pattern; print(pattern({source!r}).search('ax' * 40 + 'a' * 5000 + '!'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "None"


@pytest.mark.parametrize("source", ["(", "(?=a)", r"(a)\1", "a" * 1001, "\ud800"])
def test_what_is_no_pattern_is_said(source: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pattern(source)
    assert capfd.readouterr().err == ""


def test_lines_and_lone_surrogates_and_positions() -> None:
    found = pattern(r"^\+MAC:(\S+)$", lines=True).search("启\ud800动\n+MAC:5a00\nOK")
    assert found is not None
    assert (found.group(1), found.start()) == ("5a00", 4)
