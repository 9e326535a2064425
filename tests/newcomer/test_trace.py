# SPDX-License-Identifier: GPL-3.0-or-later
"""`--trace` of the other kinds of board: the agent's lines, the loader's frames; a secret in neither."""

from __future__ import annotations

import pytest

from tests.newcomer.newcomer_home import Home

SECRET = "0123456789abcdef0123456789abcdef"
KINDS = {
    "agent": ("ttyBOARD", ("simulate", "board", "--uid", "5a00000000000001"), ("→ @", " SET ", "‹secret, ")),
    "esp-nvs": ("ttyESP", ("simulate", "esp", "--mac", "5a0000000001"), ("bytes c0",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_shows_the_wire_and_no_secret(kind: str, home: Home) -> None:
    port, plugged, seen = KINDS[kind]
    home.start(str(home.bin / "station"), *plugged)
    home.ok("profile", "new", "one", "--like", kind, "--product", "a1B2c3D4e5F")
    done = home.lines("flash", "--profile", "one", "--port", port, "--trace", "wire.log", "--json")[-1]
    assert done["passed"] == 1
    text = (home.folder / "wire.log").read_text()
    assert all(piece in text for piece in seen)
    assert not any(SECRET[at : at + 6] in text for at in range(len(SECRET) - 5))
    assert SECRET.encode().hex()[:12] not in text
