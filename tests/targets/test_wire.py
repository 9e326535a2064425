# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a slot's wire: all that helps, and no secret, however it was written, cut or echoed."""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.model import Secret
from station.printable import printable
from station.targets.console.forms import CARRYING
from station.targets.wire import KEEP_BYTES, Wire, keep, listen, wire_file, wire_of

SECRET = "fedcba9876543210FEDCBA98765432zz"


def shown(wire: Wire) -> str:
    wire.flush()
    return "\n".join(wire.lines())


def test_both_directions_stand_there_line_by_line_with_times() -> None:
    wire = Wire("1")
    wire.begin("/dev/ttyUSB0")
    wire.sent(b"AT+MAC?\r")
    wire.heard(b"AT+MAC?\r\n+MAC:a1b2")
    wire.heard(b"c3d4e5f6\r\n\r\nOK\r\n")
    wire.note("“^OK$” ends the answer")
    lines = [line.partition(" ")[2] for line in wire.lines()]
    assert lines[1:] == ["→ AT+MAC?", "← AT+MAC?", "← +MAC:a1b2c3d4e5f6", "← OK", "· “^OK$” ends the answer"]
    assert all(line[2] == ":" and line[8] == "." for line in wire.lines())


def test_a_prompt_without_a_line_end_is_told_when_something_is_made_of_it() -> None:
    wire = Wire("1")
    wire.heard(b"Password:")
    assert wire.lines() == ()
    wire.note("found")
    assert wire.lines()[0].endswith("← Password:")


FORMS = {
    "as it is": SECRET,
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "upper": SECRET.upper(),
    "lower": SECRET.lower(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("mark", ["sent", "heard"])
def test_a_known_secret_is_in_no_form_on_a_line_and_hides_its_check_too(form: str, mark: str) -> None:
    wire = Wire("1")
    wire.know("identity", [Secret(SECRET), None])
    getattr(wire, mark)(f"AT+KEY=DS,{form},29B1\r\nnext\r\n".encode())
    assert "AT+KEY=DS,‹secret" in shown(wire)
    assert "29B1" not in shown(wire)
    assert "next" in shown(wire)


BYTES = SECRET.encode()
DUMPS = {
    "hexdump": BYTES.hex(" "),
    "HEXDUMP": BYTES.hex(":").upper(),
    "words": BYTES.hex(" ", 4),
    "C": ", ".join(f"0x{byte:02x}" for byte in BYTES),
    "escaped": "".join(f"\\x{byte:02x}" for byte in BYTES),
    "percent": "".join(f"%{byte:02X}" for byte in BYTES),
    "UTF-16": SECRET.encode("utf-16-le").decode(),
    "letters": " ".join(SECRET),
    "quoted": '","'.join(SECRET),
    "within base64": base64.b64encode(f"a{SECRET}".encode()).decode()[:24],
    "further within base64": base64.b64encode(f"ab{SECRET}".encode()).decode()[:24],
}


@pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
def test_what_a_firmware_dumps_of_a_secret_is_hidden(dump: str) -> None:
    wire = Wire("1")
    wire.know("identity", [Secret(SECRET)])
    wire.heard(f"D (812) uart: got {dump} ok\r\nnext\r\n".encode())
    told = shown(wire)
    assert re.search("D [(]812[)] uart: got .{0,8}‹secret, [0-9]+ characters›", told), told
    assert "next" in told


def test_a_dump_of_another_boards_secret_is_told_by_its_length() -> None:
    wire = Wire("1")
    for apart in (" ", ":", ", "):
        wire.heard(f"key: {apart.join(secrets.token_hex(1) for _ in range(16))} ok\r\n".encode())
    wire.heard(b"mac: 5a 00 00 00 00 01 10:02:44 10 20 30\r\n")
    told = shown(wire).splitlines()
    assert all(re.search(r"← key: ‹[0-9]+ characters›ok$", line) for line in told[:3]), told
    assert told[3].endswith("mac: 5a 00 00 00 00 01 10:02:44 10 20 30")


@pytest.mark.parametrize("form", CARRYING)
def test_every_form_that_a_profile_may_ask_for_is_hidden(form: str) -> None:
    hostile = 'a,b"c\\d/e+f,g"h\\i%j'
    wire = Wire("1")
    wire.know("identity", [Secret(hostile)])
    wire.sent(f"SET {CARRYING[form](hostile.encode())} 29B1\r\n".encode())
    assert re.fullmatch(r"→ SET \"?‹secret, \d+ characters›", shown(wire).partition(" ")[2])


@pytest.mark.parametrize("secret", ["4711", "k9x!z", "ab\tcd1"])
@pytest.mark.parametrize("said", ["AT+LOGIN={},1", "{}", "login {} given to console"])
def test_a_short_password_is_hidden_wherever_it_stands_on_a_line(secret: str, said: str) -> None:
    wire = Wire("1")
    wire.know("identity", [Secret(SECRET)])
    wire.know("password", [Secret(secret)])
    wire.heard(f"{said.format(secret)}\r\nnext {SECRET}\r\n".encode())
    assert printable(secret) not in shown(wire)
    assert SECRET[:6] not in shown(wire)
    assert "next ‹secret, 32 characters›" in shown(wire)


def test_what_is_known_already_is_not_cut_into_pieces_again_and_what_follows_it_takes_its_place() -> None:
    wire = Wire("1")
    wire.know("board key", [Secret(SECRET)])
    pieces = wire._pieces
    wire.know("board key", [Secret(SECRET)])
    assert wire._pieces is pieces
    for now, before in (("k9x!zq", SECRET), (SECRET, "k9x!zq")):
        wire.know("board key", [Secret(now)])
        wire.heard(f"{now} {before[:6]}\r\n{before[:6]}\r\n".encode())
        assert shown(wire).splitlines()[-2].endswith("‹secret, " + str(len(now) + 7) + " characters›")
        assert shown(wire).splitlines()[-1].endswith(before[:6])


@given(cut=st.integers(6, 26), noise=st.text("abcdefghijklmnopqrstuvwxyz #-", max_size=12))
def test_a_log_line_that_falls_into_a_secret_shows_neither_part(cut: int, noise: str) -> None:
    wire = Wire("1")
    wire.know("identity", [Secret(SECRET)])
    wire.heard(f"{SECRET[:cut]}\r\n# {noise}\r\n{SECRET[cut:]}\r\n".encode())
    assert not any(SECRET[at : at + 6] in shown(wire) for at in range(len(SECRET) - 5))


def test_an_echo_that_comes_in_pieces_is_put_together_before_it_is_judged() -> None:
    wire = Wire("1")
    wire.know("identity", [Secret(SECRET)])
    for at in range(0, len(SECRET), 4):
        wire.sent(SECRET[at : at + 4].encode())
        wire.heard(SECRET[at : at + 4].encode())
    wire.sent(b"\r")
    wire.heard(b"\r\n")
    assert shown(wire).count("‹secret, 32 characters›") == 2
    assert SECRET[:4] not in shown(wire)


def test_another_boards_secret_is_told_by_its_length() -> None:
    wire = Wire("1")
    unknown = secrets.token_hex(16)
    wire.heard(f"DS={unknown}\r\n".encode())
    assert shown(wire).endswith("← DS=‹32 characters›")


def test_behind_a_guard_only_the_profiles_own_words_are_read() -> None:
    wire = Wire("1")
    wire.guard(r"^\+KEY:DS,\**(.{4}),(\d+)$ ERR")
    wire.heard(b"+KEY:DS,****ab12,32,0f3c\r\n")
    assert shown(wire).endswith("← +KEY:DS,****xx99,99,9x9x")
    wire.know("identity", [Secret(SECRET)])
    wire.heard(f"+KEY:DS,ps.ofanother1,{SECRET}\r\n".encode())
    assert shown(wire).endswith(f"← +KEY:DS,xx.xxxxxxxxx9,‹secret, {len(SECRET)} characters›")
    wire.begin("/dev/ttyUSB0")
    wire.heard(b"+SN:0123abcd\r\n")
    assert shown(wire).endswith("← +SN:0123abcd")


def test_a_loaders_frames_are_told_by_length() -> None:
    wire = Wire("1")
    wire.binary = True
    wire.sent(b"\xc0\x00\x03" + SECRET.encode() + b"\xc0")
    wire.heard(b"\xc0\x01\x03\x04\x00\xc0")
    assert [line.partition(" ")[2] for line in shown(wire).splitlines()] == [
        "→ 36 bytes c00003 …",
        "← 6 bytes c00103 …",
    ]


def test_64_kib_are_kept_and_what_a_terminal_would_obey_is_escaped() -> None:
    wire = Wire("1")
    for number in range(5000):
        wire.heard(f"# log line {number} of a board that never stops\x1b[2J\r\n".encode())
    kept = shown(wire)
    assert len(kept.encode()) < KEEP_BYTES
    assert "log line 4999" in kept
    assert "\x1b" not in kept


def test_a_slots_secrets_are_those_of_its_present_board_and_its_password() -> None:
    wire = Wire("1")
    wire.know("password", [Secret("brisk-4711")])
    for number in range(1000):
        wire.know("identity", [Secret(f"{number:032d}")])
    assert sum(map(len, wire._known.values())) < 500
    wire.heard(b"brisk-4711\r\n")
    assert "brisk" not in shown(wire)


def test_a_listener_hears_every_slot_until_it_ends() -> None:
    heard: list[tuple[str, str]] = []
    end = listen(lambda slot, line: heard.append((slot, line[-3:])))
    wire_of("a wire of its own").note("one")
    end()
    wire_of("a wire of its own").note("two")
    assert heard == [("a wire of its own", "one")]


def test_what_is_kept_is_its_owners_alone_whatever_the_slot_is_called(tmp_path: Path) -> None:
    path = wire_file(tmp_path, "../左 1")
    assert path.parent == tmp_path / "wire"
    for code in ("E201", "E203"):
        keep(path, code, ["one"])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().endswith("E203\n")
