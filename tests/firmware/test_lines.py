# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged, overlong, late and hostile lines: never acted upon, and the next good line is answered."""

from __future__ import annotations

import random
from contextlib import nullcontext
from pathlib import Path

import pytest

from station.simulate.agent_words import ErrWord, decoded, quoted
from tests.firmware.firmware_bench import NEW, OLD, UID, begin_and_put, encoded, line, live, provision, stored

DAMAGE = {"@? ERR CRC", "@? ERR LINE"}
GOOD = line("@good ID")


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    return tmp_path / "flash.bin"


def flips(good: bytes) -> list[bytes]:
    """Every one-bit error, and every byte before the newline lost."""
    flipped = [good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :] for at in range(len(good)) for bit in range(8)]
    return flipped + [good[:at] + good[at + 1 :] for at in range(len(good) - 1)]


@pytest.mark.parametrize("body", ["@x LOCK", f"@x COMMIT {NEW.digest()}", "@x RESET", "@x PUT 0 DN another-name"])
def test_a_line_with_any_bit_flipped_or_byte_lost_does_nothing(flash: Path, body: str) -> None:
    live(flash, provision(OLD))
    before = flash.read_bytes()
    damaged = flips(line(body))
    life = live(flash, [*begin_and_put(NEW, replace=OLD), *(bad + b"\n" for bad in damaged), GOOD])
    answers = life.answers[len(begin_and_put(NEW)) :]
    assert set(answers[:-1]) <= DAMAGE
    assert len(answers) > len(damaged) * 0.9, "nearly all are noticed at once"
    assert life.keys("good")["tx"] == "t1", "the open transaction is as it was"
    assert life.keys("good")["reset"] == "power"
    assert flash.read_bytes() == before


def test_random_bytes_never_change_what_is_stored_and_never_wedge_the_board(flash: Path) -> None:
    live(flash, provision(OLD))
    before = flash.read_bytes()
    source = random.Random(1)
    words = [b"@", b"*", b"\n", b"\r", b" ", b"\x00", b"\xff", b"ID", b"LOCK", b"BEGIN", b"PUT", b"%", b"@1 COMMIT "]
    noise = [b"".join(source.choices([*words, source.randbytes(5)], k=40)) for _ in range(300)]
    life = live(flash, [*noise, b"\n", GOOD])
    assert set(life.answers[:-1]) <= DAMAGE
    assert life.keys("good")["state"] == "written"
    assert flash.read_bytes() == before
    assert stored(flash) == OLD


@pytest.mark.parametrize(("length", "wanted"), [(512, "@1 ERR VERB"), (513, "@? ERR LINE"), (5000, "@? ERR LINE")])
def test_a_command_is_at_most_512_bytes(flash: Path, length: int, wanted: str) -> None:
    overlong = line("@1 X".ljust(length - 10, "y"))
    assert len(overlong) == length
    assert live(flash, [overlong, GOOD]).answers[0] == wanted
    assert live(flash, [overlong, GOOD]).keys("good")["state"] == "blank"


def test_an_endless_line_of_noise_is_skipped_without_an_answer(flash: Path) -> None:
    assert len(live(flash, [b"x" * 100_000, b"\n", GOOD]).answers) == 1


@pytest.mark.parametrize(
    "body",
    [
        "@t ID 1",
        "@t id",
        "@t GET 00 PK",
        "@t GET 1000 PK",
        "@t GET -1 PK",
        "@t GET 0 pk",
        "@t PUT 0 PK",
        "@t PUT 0 PK %41",  # A needs no encoding: one value, one form
        "@t PUT 0 PK %2f",
        "@t PUT 0 PK a/b",
        "@t BEGIN toolongtransaction 0",
        "@t BEGIN t-1 0",
        "@t BEGIN t1 0 REPLACE",
        "@t BEGIN t1 0 INSTEAD " + "0" * 64,
        "@t BEGIN t1 0 REPLACE " + "0" * 63,
        "@t BEGIN t1 0 REPLACE " + "0" * 65,
        "@t COMMIT " + "A" * 64,
        "@t PROVE 00 0",
        "@t PROVE " + "00" * 17 + " 0",
        "@t ID 2 3 4 5 6 7 8 9",
    ],
)
def test_a_sound_line_of_a_wrong_form_is_refused_by_name(flash: Path, body: str) -> None:
    (answer,) = live(flash, [line(body)]).answers
    assert answer in {"@t ERR ARGS", "@t ERR VERB"}


@pytest.mark.parametrize(
    "body",
    [
        *("@", "@ ID", "@T ID", "@123456789 ID", "@a_b ID", "@t", "@t ", "@t  ID", "@t ID ", "@t PUT 0 PS "),
        *("@t GET\t0 PK", "@t X\x00Y", "@t X\x7f", "@t caf\u00e9", "@t a*b"),
    ],
)
def test_a_sound_crc_over_what_is_no_frame_is_damage(flash: Path, body: str) -> None:
    life = live(flash, [line(body), line("@8xyz5678 ID")])
    assert life.answers[0] == "@? ERR CRC"
    assert life.keys("8xyz5678")["state"] == "blank"


def test_a_value_may_hold_any_byte(flash: Path) -> None:
    name = "cam @*%/\x01\x7f 摄像头"
    life = live(
        flash,
        [
            line("@1 BEGIN t1 0"),
            *(line(f"@{n} PUT 0 {f} {encoded(v)}") for n, f, v in ((2, "PK", "pk"), (3, "DN", name), (4, "DS", "ds"))),
            line("@5 COMMIT " + "0" * 64),
        ],
    )
    assert life.answers == ["@1 OK", "@2 OK", "@3 OK", "@4 OK", "@5 ERR DIGEST"]


TEXTS = (
    b"cam-1",
    "摄像头-1".encode(),
    "é".encode(),
    b"\xf0\x9f\x93\xb7",
    b"\xed\x9f\xbf",
    b"\xf4\x8f\xbf\xbf",
    b"\x7f",
)
NO_TEXTS = (
    b"\0",
    b"cam\0" + b"1",
    b"\x80",
    b"\xc3",
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xe0\x9f\xbf",
    b"\xed\xa0\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xe6\x91",
    b"\xe6\x91x",
    b"a\xff",
)


def test_a_value_is_text_that_a_product_can_take_as_a_c_string(flash: Path) -> None:
    """Both boards decide alike, and as Python's own UTF-8 does."""
    values = [("OK", value) for value in TEXTS] + [("ERR ARGS", value) for value in NO_TEXTS]
    puts = [line(f"@{number} PUT 0 DN {quoted(value)}") for number, (_, value) in enumerate(values)]
    answers = live(flash, [line("@b BEGIN t1 0"), *puts]).answers[1:]
    assert answers == [f"@{number} {wanted}" for number, (wanted, _) in enumerate(values)]
    for wanted, value in values:
        with pytest.raises(ErrWord, match="ARGS") if wanted != "OK" else nullcontext():
            assert decoded(quoted(value).encode()) == value
    sets = [line(f"@o OPEN {UID} t1 0 {'5e' * 12}"), line("@s SET t1 0 p,%00,s"), line("@t SET t1 0 p,d,s")]
    assert live(flash, sets).answers == ["@o OK", "@s ERR ARGS", "@t ERR STATE"]
