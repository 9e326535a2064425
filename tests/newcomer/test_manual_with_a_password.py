# SPDX-License-Identifier: GPL-3.0-or-later
"""A one-page manual with a password, CRCs, log lines in answers and a secret that is never shown whole
(brisk/manual.md): from there to PASS by a TOML file alone.
"""

import base64
import json
import sys
from pathlib import Path

from station.codes import Exit
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
    assert f"board {SERIAL}, proved by partial" in home.ok("show", SERIAL)
    batch = str(shown["batch"])
    assert "proved by partial: 1" in home.ok("report", "batch", batch)
    assert home.lines("report", "batch", batch, "--json")[0]["proofs"] == {"partial": 1}
    assert ",partial," in home.ok("report", "export")


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


def leaks(text: str) -> list[str]:
    """What of the secret and the password can be read in it, in any form that went over the wire."""
    coded = base64.b64encode(HELD["DS"].encode()).decode()
    pieces = [whole[at : at + 6] for whole in (HELD["DS"], coded, "brisk-4711") for at in range(len(whole) - 5)]
    return [piece for piece in pieces if piece in text]


def test_a_trial_says_for_each_line_what_was_sent_and_heard_and_which_pattern_it_was(home: Home) -> None:
    store = begin(home)
    tried = home.station("profile", "try", "brisk", "--port", "ttyBRISK")
    assert tried.returncode == Exit.OK
    told = [line.partition(" ")[2] for line in tried.stderr.splitlines()]
    for line in ("→ CFG", "← Password:", "→ ‹secret, 10 characters›", "→ AT+SN?", "← +SN1:0123abcd", "→ AT+KEY?DS"):
        assert line in told, line
    assert "· '^Password:' ends the answer to “CFG”" in told
    sent = store.with_suffix(".heard").read_text()
    assert ("AT+KEY=" in sent, "AT+SAVE" in sent, store.exists()) == (False, False, False)
    assert leaks(tried.stderr) == []

    profile = home.folder / "profiles" / "brisk.toml"
    profile.write_text(profile.read_text().replace("SN2:(", "SN3:(").replace("[console]", "[console]\ntimeout_s = 0.3"))
    failed = home.station("profile", "try", "brisk", "--port", "ttyBRISK")
    assert failed.returncode == Exit.BOARD_FAILED
    assert "SN3:([0-9a-f]{8})\\n' did not come within 0.3 s, as the answer to “AT+SN?”" in failed.stderr


def test_a_trace_has_the_whole_visit_and_no_secret(home: Home) -> None:
    begin(home)
    home.ok("flash", "--profile", "brisk", "--port", "ttyBRISK", "--trace", "wire.log")
    home.ok("flash", "--profile", "brisk", "--port", "ttyBRISK", "--trace", "wire.log")
    trace = home.folder / "wire.log"
    text = trace.read_text()
    assert trace.stat().st_mode & 0o777 == 0o600
    for line in ("→ AT+KEY=DS,‹secret", "← AT+KEY=DS,‹secret", "← +ERR=7", "→ AT+REBOOT", "← READY", "← +KEY:DS,***"):
        assert line in text, line
    assert text.count(" opened") == 2
    assert leaks(text) == []
    refused = home.station("flash", "--profile", "brisk", "--port", "ttyBRISK", "--trace", "nowhere/wire.log")
    assert (refused.returncode, "nowhere/wire.log" in refused.stderr) == (Exit.USAGE, True)


def test_what_a_board_said_before_it_was_not_understood_is_kept(home: Home) -> None:
    begin(home, password="guess-work")
    nothing = home.station("slots", "wire", "ttyBRISK")
    assert (nothing.returncode, nothing.stderr[:4]) == (Exit.USAGE, "E116")
    home.station("flash", "--profile", "brisk", "--port", "ttyBRISK")
    kept = home.ok("slots", "wire", "ttyBRISK").splitlines()
    assert kept[-1].endswith("E203")
    assert any(line.endswith("← +ERR=9") for line in kept)
    assert any("· '^\\+ERR=9$' came as the answer to “CFG”: refused" in line for line in kept)
    assert "guess-work" not in "".join(kept)
