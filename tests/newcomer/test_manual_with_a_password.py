# SPDX-License-Identifier: GPL-3.0-or-later
"""A one-page manual with a password, CRCs, log lines in answers and a secret that is never shown whole
(brisk/manual.md): from there to PASS by a TOML file alone.
"""

import json
import sys
from pathlib import Path

from station.errors import Exit
from tests.newcomer.newcomer_home import Home

BRISK = Path(__file__).parent / "brisk"
SERIAL = "0123abcd4567ef89"
HELD = {"PK": "a1B2c3D4e5F", "DN": "camera0001", "DS": "0123456789abcdef0123456789abcdef"}
BOOT_S = "0.4"
"""The manual's 3 s, shortened."""


def begin(home: Home, password: str = "brisk-4711") -> Path:
    """The profile is in its folder and a board is plugged in; what it holds."""
    pin = home.folder / "brisk.pin"
    pin.write_text(password)
    pin.chmod(0o600)
    text = (BRISK / "brisk.toml").read_text()
    assert "~/brisk.pin" in text
    (home.folder / "profiles" / "brisk.toml").write_text(text)
    store = home.folder / "brisk.json"
    home.start(sys.executable, str(BRISK / "board.py"), "ttyBRISK", str(store), SERIAL, BOOT_S)
    return store


def test_the_profile_leads_from_a_blank_board_to_pass_and_then_already_done(home: Home) -> None:
    store = begin(home)
    assert home.ok("profile", "check", "brisk") == "brisk: ok\n"
    tried = home.lines("profile", "try", "brisk", "--port", "ttyBRISK", "--json")[0]
    assert (tried["uid"], tried["holds"]) == (SERIAL, "blank")
    assert not store.exists()

    first, again = (home.lines("flash", "--profile", "brisk", "--port", "ttyBRISK", "--json") for _ in range(2))
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]
    assert json.loads(store.read_text()) == HELD
    [shown] = home.lines("show", SERIAL, "--json")
    assert (shown["device_name"], shown["state"]) == ("camera0001", "CONSUMED")
    assert "partial" in json.dumps(shown)


def test_a_wrong_password_is_given_once_and_costs_no_certificate(home: Home) -> None:
    store = begin(home, password="guess-work")
    refused = home.station("flash", "--profile", "brisk", "--port", "ttyBRISK")
    assert (refused.returncode, "wrong password" in refused.stderr) == (Exit.BOARD_FAILED, True), refused.stderr
    assert store.with_suffix(".heard").read_text().splitlines().count("guess-work") == 1
    assert "guess-work" not in refused.stderr + refused.stdout
    assert {line["state"] for line in home.lines("certs", "--json")} == {"READY"}


def test_without_the_explicit_key_a_part_is_no_proof(home: Home) -> None:
    begin(home)
    profile = home.folder / "profiles" / "brisk.toml"
    lines = profile.read_text().splitlines(keepends=True)
    profile.write_text("".join(line for line in lines if not line.startswith("accept")))
    refused = home.station("profile", "check", "brisk")
    assert (refused.returncode, 'accept = "partial"' in refused.stdout) == (Exit.USAGE, True)
