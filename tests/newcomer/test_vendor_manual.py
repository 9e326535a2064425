# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's one-page manual (lumo/manual.txt) and a profile written from it: from there to PASS, no code."""

import json
import shutil
import sys
from pathlib import Path

from station.codes import Exit
from tests.newcomer.newcomer_home import Home

LUMO = Path(__file__).parent / "lumo"
SERIAL = "LM20-00A31F"


def plug(home: Home, link: str, serial: str = SERIAL) -> Path:
    """A board; what it holds."""
    store = home.folder / f"{link}.json"
    home.start(sys.executable, str(LUMO / "board.py"), link, str(store), serial)
    return store


def use(home: Home, old: str = "", new: str = "") -> None:
    shutil.copy(LUMO / "lumo.toml", home.folder / "profiles")
    profile = home.folder / "profiles" / "lumo.toml"
    text = profile.read_text()
    assert old in text
    profile.write_text(text.replace(old, new))


def test_the_profile_leads_from_a_blank_board_to_pass_and_then_already_done(home: Home) -> None:
    home.by_processes = True
    use(home)
    store = plug(home, "ttyLUMO")
    assert home.ok("profile", "check", "lumo") == "lumo: ok\n"
    tried = home.lines("profile", "try", "lumo", "--port", "ttyLUMO", "--json")[0]
    assert (tried["uid"], tried["holds"]) == (SERIAL.lower(), "blank")
    assert not store.exists()

    first, again = (home.lines("flash", "--profile", "lumo", "--port", "ttyLUMO", "--json") for _ in range(2))
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]
    assert [first[-1]["passed"], again[-1]["already_done"]] == [1, 1]
    held = {"key": "a1B2c3D4e5F", "name": "camera0001", "secret": "0123456789abcdef0123456789abcdef"}
    assert json.loads(store.read_text()) == held
    [shown] = home.lines("show", SERIAL, "--json")
    assert (shown["device_name"], shown["state"]) == ("camera0001", "CONSUMED")


def test_a_profile_that_forgets_to_save_is_no_pass(home: Home) -> None:
    use(home, "[[console.write]]\nline = \"cred save\"\nsuccess = '^saved$'\n")
    store = plug(home, "ttyLUMO")
    done = home.station("flash", "--profile", "lumo", "--port", "ttyLUMO")
    assert (done.returncode, "E204" in done.stderr) == (Exit.PERSON_NEEDED, True), done.stderr
    assert not store.exists()


def test_the_keys_that_the_profile_needs_are_explained_by_the_program(home: Home) -> None:
    explained = home.ok("profile", "keys", "console")
    assert "see station." not in explained and "# lines = [" in explained  # nobody here reads the source
    for line in (LUMO / "lumo.toml").read_text().splitlines():
        key = line.partition(" = ")[0]
        if " = " in line and not key.startswith("'"):
            assert f"{key} = " in explained, key
