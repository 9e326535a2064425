# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware and simulated board were written from the protocol page, apart: they answer alike, whatever is asked."""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from station.model import Identity
from station.simulate import agent_board
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.mcu import McuBoard
from tests.firmware.firmware_bench import (
    NEW,
    NONCE,
    OLD,
    UID,
    begin_and_put,
    certificate,
    encoded,
    line,
    nvr_set,
    stored,
)
from tests.firmware.firmware_wire import Wire
from tests.sampled import WHOLE

OF_ITS_PRODUCT = Identity(primary=certificate("fourth", "", product_secret="OfTheProduct"))
POOL = (OLD, NEW, Identity(primary=certificate("third", "thirdSecret")), OF_ITS_PRODUCT, nvr_set(2))
OF_THE_BOARD = re.compile(r" (board|fw)=\S+")
STEPS = 400 if WHOLE else 150


KEY = "0123456789abcdef01234567"


def token(digest: str, word: str, about: str) -> str:
    key = bytes.fromhex(digest) if re.fullmatch(r"[0-9a-f]{64}", digest) else b""
    return hmac.new(key, f"{word} {about} {UID}".encode(), hashlib.sha256).hexdigest()[:32]


def next_bodies_of_version_2(source: random.Random, step: int, present: str, seq: str) -> list[str]:
    """As `next_bodies`; `seq` is the number of the record that is there, or "0"."""
    identity = source.choice(POOL)
    channel = source.choice((0, 0, 0, 1, 2, 3, 64, 65, 999, "00", "1000"))
    digest = source.choice((present, *(str(each.digest()) for each in POOL)))
    uid = source.choice((UID, UID, UID[:-1], UID.upper()))
    opening = f"OPEN {UID} t{step} {len(identity.channels)} {KEY}" + (f" {seq}" if seq != "0" else "")
    whole = ";".join(
        ",".join(encoded(value.decode()) for value in each.board_fields()).rstrip(",") for each in identity
    )
    odd = source.choice((",,,", ",,,,", ";", "p,d;=", "=", "a/b", "p", f",{'v' * 129}", ",,%2", f",,,{'v' * 65}"))
    keep = f"KEEP t{step} {token(str(identity.digest()), 'KEEP', f't{step}')}"
    several = [
        [opening, f"SET t{step} 0 {whole}", keep, keep],
        [opening, f"SET t{step} 0 {whole}", f"SET t{step} {channel} {odd}", keep],
        [opening, f"SET t{step} 0 {whole[:-1]}", keep],
    ]
    single = [
        f"WHO {uid}",
        "WHO",
        f"OPEN {uid} t{step} {channel} {source.choice((KEY, KEY[1:]))} {source.choice((seq, '1', 'x'))}",
        f"SHOW {NONCE} {token(digest, 'SHOW', NONCE)}",
        f"SHOW {NONCE} {token(digest, 'SEAL', NONCE)}",
        f"SAME {source.choice((NONCE, NONCE[1:]))}",
        f"SEAL {NONCE} {token(digest, source.choice(('SHOW', 'KEEP')), NONCE)}",
        f"BOOT {uid}",
    ]
    return source.choice([*several, *([body] for body in single)])


def next_bodies(source: random.Random, step: int, present: str) -> list[str]:
    """A few commands without tags, sensible and not; `present` is the digest the board said it holds, or "-"."""
    identity = source.choice(POOL)
    channel = source.choice((0, 0, 0, 1, 2, 3, 64, 65, 255, 256, 999, "00", "1000"))
    field = source.choice(("PK", "DN", "DS", "PS", "XX"))
    digest = source.choice((present, *(str(each.digest()) for each in POOL), "0" * 64, "F" * 64))
    opening = f"BEGIN t{step} {len(identity.channels)}" + (f" REPLACE {present}" if present != "-" else "")
    puts = [each.decode().split("*")[0].split(" ", 1)[1] for each in begin_and_put(identity)[1:]]
    put = f"PUT {channel} {field} {'v' * source.choice((1, 36, 37, 64, 65, 128, 129))}"
    several = [
        [opening, *puts, f"COMMIT {identity.digest()}"],
        [opening, *puts[:-1], f"COMMIT {identity.digest()}"],
        [opening, *puts, f"COMMIT {digest}"],
        [opening, *puts, put],
        [f"BEGIN t{step} {channel} REPLACE {digest}"],
    ]
    single = [
        "ID",
        "RESET",
        "ABORT",
        "ABORT now",
        "LOCK" if step > STEPS - 10 else "LOCK it",
        f"BEGIN t{step} {channel}",
        put,
        f"PUT {channel} {field} {source.choice(('', '%', '%2', '%2F', '%2f', 'a/b', 'a%20b'))}",
        f"COMMIT {digest}",
        f"GET {channel} {field}",
        f"PROVE {source.choice((NONCE, NONCE[2:], 'x' * 32))} {channel}",
    ]
    return source.choice([*several, *([body] for body in single)])


FIELDS = ",".join(encoded(value.decode()) for value in NEW.primary.board_fields())
OPENED, BEGUN = f"OPEN {UID} t1 0 {KEY}", "BEGIN t1 0"
SET, PUTS = [f"SET t1 0 {FIELDS}"], [each.decode().split("*")[0].split(" ", 1)[1] for each in begin_and_put(NEW)[1:]]
KEEP, COMMIT = f"KEEP t1 {token(str(NEW.digest()), 'KEEP', 't1')}", f"COMMIT {NEW.digest()}"


@pytest.mark.parametrize(
    ("bodies", "to_same"),
    [
        pytest.param([OPENED, *SET, KEEP], "OK", id="version 2"),
        pytest.param([OPENED, *PUTS, KEEP], "OK", id="put into what was opened"),
        pytest.param([BEGUN, *SET, KEEP], "ERR EMPTY", id="kept of what was begun"),
        pytest.param([OPENED, BEGUN, *SET, KEEP], "ERR EMPTY", id="begun over what was opened"),
        pytest.param([OPENED, *SET, COMMIT], "ERR EMPTY", id="committed of what was opened"),
    ],
)
def test_the_digest_is_behind_a_key_that_a_station_chose_or_not_told(
    mcu: Callable[..., McuBoard], tmp_path: Path, bodies: list[str], to_same: str
) -> None:
    firmware = mcu().start()
    with SimulatedAgentBoard(UID, tmp_path / "simulated") as simulated, Wire(simulated) as one, Wire(firmware) as other:
        for wire in (one, other):
            wire.wait_until_up()
            answers = [wire.ask(f"@{number} {body}") for number, body in enumerate(bodies)]
            assert all(" OK" in answer for answer in answers), answers
            assert wire.ask(f"@s SAME {NONCE}").split(" digest=")[0] == f"@s {to_same}"


def test_a_key_that_means_none_in_flash_is_refused_and_the_open_transaction_stays(
    mcu: Callable[..., McuBoard], tmp_path: Path
) -> None:
    firmware = mcu().start()
    with SimulatedAgentBoard(UID, tmp_path / "simulated") as simulated, Wire(simulated) as one, Wire(firmware) as other:
        for wire in (one, other):
            wire.wait_until_up()
            assert wire.ask(f"@1 {OPENED}") == "@1 OK"
            assert wire.ask(f"@2 OPEN {UID} t2 0 {'f' * 24}") == "@2 ERR ARGS"
            assert wire.ask(f"@3 OPEN {UID[:-1]}8 t2 0 {'f' * 24}") == "@3 ERR ARGS"
            assert wire.ask(f"@4 {SET[0]}") == "@4 OK"
            assert wire.ask(f"@5 OPEN {UID} t3 0 {'f' * 23}e") == "@5 OK"


def test_both_stop_at_the_same_wrong_token_and_what_ends_it(mcu: Callable[..., McuBoard], tmp_path: Path) -> None:
    firmware, wrong = mcu().start(), f"SHOW {NONCE} {token(str(OLD.digest()), 'SHOW', NONCE)}"
    bodies = [
        OPENED,
        *SET,
        KEEP,
        *([wrong] * 16),
        wrong,
        KEEP,
        f"BOOT {UID}",
        f"SAME {NONCE}",
        f"{OPENED} 1",
        *SET,
        KEEP,
    ]
    with SimulatedAgentBoard(UID, tmp_path / "simulated") as simulated, Wire(simulated) as one, Wire(firmware) as other:
        answers = []
        for wire in (one, other):
            wire.wait_until_up()
            answers.append([wire.ask(f"@{number} {body}") for number, body in enumerate([*bodies, f"BOOT {UID}"])])
    assert answers[0] == answers[1]
    ends = [answer.split(" ", 1)[1].split(" digest=")[0] for answer in answers[0][18:]]
    assert ends == ["ERR PROOF", "ERR TRIES", "ERR STATE", "ERR TRIES", "OK", "OK", "OK", "OK seq=2", "OK"]


@pytest.mark.parametrize("seed", range(2))
def test_both_answer_alike_and_hold_the_same(mcu: Callable[..., McuBoard], tmp_path: Path, seed: int) -> None:
    source, present, seq, words = random.Random(seed), "-", "0", set()
    firmware, store = mcu().start(), tmp_path / "simulated"
    with SimulatedAgentBoard(UID, store) as simulated, Wire(simulated) as one, Wire(firmware) as other:
        for wire in (one, other):
            wire.wait_until_up()
        for step in range(STEPS):
            newer = source.random() < 0.5
            bodies = next_bodies_of_version_2(source, step, present, seq) if newer else ()
            for body in bodies or next_bodies(source, step, present):
                answer, same = (OF_THE_BOARD.sub("", wire.exchange(line(f"@{step} {body}"))) for wire in (one, other))
                assert answer == same, body
                words.add(answer.split(" ERR ")[-1] if " ERR " in answer else "OK")
                if found := re.search(r" digest=(\S+)", answer):
                    present = found[1]
                if found := re.search(r" seq=(\d+)", answer):
                    seq = found[1]
                if body in ("RESET", f"BOOT {UID}"):
                    for wire in (one, other):
                        wire.wait_until_up()
    assert words >= {"OK", "ARGS", "STATE", "RANGE", "LENGTH", "MISSING", "DIGEST", "WRITTEN", "OTHER", "PROOF"}
    held = stored(firmware.flash_file)
    assert held and agent_board.read_identity(store) == list(held)
