# SPDX-License-Identifier: GPL-3.0-or-later
"""A manual with a data mode, an escape between silences, a speed and a line end that change, and questions before a
write (tern/manual.txt): from there to PASS by a TOML file alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from station.codes import Exit
from tests.newcomer.newcomer_home import Home

TERN = Path(__file__).parent / "tern"
UID = "a1b2c3d4e5f6"
HELD = ["a1B2c3D4e5F", "camera0001", "0123456789abcdef0123456789abcdef"]


def begin(home: Home, old: str = "", new: str = "", *, holds: list[str] | None = None) -> Path:
    text = (TERN / "tern.toml").read_text()
    assert old in text
    (home.folder / "profiles" / "tern.toml").write_text(text.replace(old, new))
    store = home.folder / "tern.json"
    if holds:
        store.write_text(json.dumps(holds))
    home.start(sys.executable, str(TERN / "board.py"), "ttyTERN", str(store), UID)
    return store


@pytest.mark.parametrize("holds", [None, ["otherkey", "other-name", "other-secret"]], ids=["blank", "in use"])
def test_the_profile_leads_to_pass_whichever_questions_are_asked(home: Home, holds: list[str] | None) -> None:
    store = begin(home, holds=holds)
    assert home.ok("profile", "check", "tern") == "tern: ok\n"
    tried = home.lines("profile", "try", "tern", "--port", "ttyTERN", "--json")[0]
    assert tried["uid"] == UID

    first, again = (home.lines("flash", "--profile", "tern", "--port", "ttyTERN", "--json") for _ in range(2))
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]
    assert json.loads(store.read_text()) == HELD
    starts = store.with_suffix(".starts").read_text().splitlines()
    assert len(starts) == 2, (
        "when it was plugged in, and once in the flash: its word that it has started was understood"
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('escape = { text = "+++", guard_s = 0.75 }\n', "", "E201"),
        ("guard_s = 0.75", "guard_s = 0.05", "E201"),
        (', then = { baud = 115200, line_end = "\\n" }', "", "E201"),
        ("baud = 115200, line_end", "line_end", "E201"),
        ("    { when = '^Lock it for good\\? \\[y/n\\] ', line = \"n\" },\n", "", "E201"),
    ],
)
def test_each_of_them_is_needed(home: Home, old: str, new: str, code: str) -> None:
    begin(home, old, new)
    refused = home.station("flash", "--profile", "tern", "--port", "ttyTERN")
    assert refused.returncode in (Exit.BOARD_FAILED, Exit.PERSON_NEEDED)
    assert code in refused.stderr


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('text = "+++", ', "", "exactly one of: text, break_s"),
        ("then = { baud", "then = { bod", "bod is not a key here"),
        ('then = { baud = 115200, line_end = "\\n" }', "then = {}", "a baud, a line_end or both"),
        ('line = "n" }', 'lyne = "n" }', "lyne is not a key here"),
        ("wait_s = 0.4", "wait_s = -1", "wait_s must be more than 0"),
    ],
)
def test_what_is_wrong_is_said_without_a_board(home: Home, old: str, new: str, says: str) -> None:
    text = (TERN / "tern.toml").read_text()
    assert old in text
    (home.folder / "profiles" / "tern.toml").write_text(text.replace(old, new))
    checked = home.station("profile", "check", "tern")
    assert (checked.returncode, says in checked.stdout) == (Exit.USAGE, True), checked.stdout
