# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 2 in the firmware itself: what a build without version 1 tells, and what is left in RAM and flash."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest

from station.model import Identity
from station.simulate.firmware import PORTS, build_firmware
from station.simulate.mcu_flash import Cut, Tear
from tests.firmware.firmware_bench import NEW, NONCE, OLD, UID, encoded, line, live, provision, stored
from tests.sampled import sampled

KEY = "5eed5eed5eed5eed5eed5eed"


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    return tmp_path / "flash.bin"


def token(identity: Identity, word: str, about: str) -> str:
    key = bytes.fromhex(identity.digest())
    return hmac.new(key, f"{word} {about} {UID}".encode(), hashlib.sha256).hexdigest()[:32]


def provision_by_version_2(identity: Identity, seq: str = "") -> list[bytes]:
    values = ",".join(encoded(value.decode()) for value in identity.primary.board_fields())
    bodies = [f"OPEN {UID} t1 0 {KEY}{seq}", f"SET t1 0 {values}", f"KEEP t1 {token(identity, 'KEEP', 't1')}"]
    return [line(f"@p{number} {body}") for number, body in enumerate(bodies)]


def test_a_build_without_version_1_tells_no_digest_and_no_proof_to_who_knows_nothing(flash: Path) -> None:
    elf = build_firmware(replace(PORTS["sim-cortex-m3"], name="version-2", defines=("-DAGENT_PROTOCOL_1=0",)))
    asks = ["ID", f"PROVE {NONCE} 0", "GET 0 DN", "WHO", f"SAME {NONCE}", f"SHOW {NONCE} {token(NEW, 'SHOW', NONCE)}"]
    asked = [line(f"@a{number} {body}") for number, body in enumerate(asks)]
    life = live(flash, [*provision_by_version_2(OLD), *asked], elf=elf)
    assert stored(flash) == OLD
    assert life.answers[2] == "@p2 OK seq=1"
    assert life.answers[3:6] == [f"@a{n} ERR VERB" for n in range(3)]
    assert "digest" not in life.answers[6] and OLD.digest() not in "".join(life.answers)
    assert life.answers[8] == "@a5 ERR PROOF"
    veiled = bytes.fromhex(life.keys("a4")["digest"])
    pad = hmac.new(bytes.fromhex(KEY), f"same {NONCE} {UID}".encode(), hashlib.sha256).digest()
    assert bytes(a ^ b for a, b in zip(veiled, pad, strict=True)).hex() == OLD.digest()


@pytest.mark.parametrize("tear", [Tear.NOTHING, Tear.EVERY_OTHER_BIT])
def test_power_lost_in_any_flash_operation_of_keep_leaves_the_old_or_the_new_one(flash: Path, tear: Tear) -> None:
    live(flash, provision(OLD))
    before, lines = flash.read_bytes(), provision_by_version_2(NEW, " 1")
    total = live(flash, lines).operations
    found = []
    for operation in sampled(range(1, total + 1), 11):
        flash.write_bytes(before)
        live(flash, lines, Cut(operation=operation, tear=tear))
        found.append(stored(flash))
    assert found[0] == OLD and all(each in (OLD, NEW) for each in found)
    flash.write_bytes(before)
    assert live(flash, lines).answers[-1] == "@p2 OK seq=2"
    assert stored(flash) == NEW


def test_a_transaction_that_ends_leaves_no_trace_of_its_secret_in_ram(flash: Path) -> None:
    opening, fields, keep = provision_by_version_2(NEW)
    for end in (keep, line("@e SET t1 9 p"), line(f"@e BOOT {UID}"), line(f"@e OPEN {UID} t2 0 {KEY}")):
        flash.unlink(missing_ok=True)
        secret = NEW.primary.device_secret.reveal().encode()
        assert secret[:8] not in live(flash, [opening, fields, end, line("@w WHO")]).ram


REFUSED = {
    "ARGS": f"OPEN {UID} t2 0 {KEY[:-1]}x 1",
    "OTHER": f"OPEN {UID[:-1]}8 t2 0 {KEY} 1",
    "WRITTEN": f"OPEN {UID} t2 0 {KEY} 2",
    "ROOM": f"OPEN {UID} t2 65 {KEY} 1",
    "LOCKED": f"OPEN {UID} t2 0 {KEY} 1",
}


@pytest.mark.parametrize("word", REFUSED)
def test_a_key_that_was_refused_does_not_stay_in_ram(flash: Path, word: str) -> None:
    live(flash, [*provision(OLD), *([line("@l LOCK")] if word == "LOCKED" else [])])
    key = bytes.fromhex(KEY)
    assert key in live(flash, [line(f"@o OPEN {UID} t2 0 {KEY} 1")]).ram or word == "LOCKED", "this test sees nothing"
    life = live(flash, [line(f"@o {REFUSED[word]}")])
    assert life.answers == [f"@o ERR {word}"]
    assert not any(key[:8] in ram for ram in (*life.answering, life.ram))


def test_after_16_wrong_tokens_in_a_row_only_the_power_lets_anybody_try_again(flash: Path) -> None:
    live(flash, provision_by_version_2(OLD))
    wrong, right = asked("SHOW", NEW), asked("SHOW", OLD)
    ends = [right, asked("SEAL", OLD), f"KEEP t1 {token(OLD, 'KEEP', 't1')}", f"BOOT {UID[:-1]}8", f"BOOT {UID}"]
    for tries, words in (
        (15, ["OK", "OK", "OK", "ERR OTHER", "OK"]),
        (16, ["TRIES", "TRIES", "LOCKED", "OTHER", "TRIES"]),
    ):
        bodies = [*([wrong] * 14), right, *([asked("SEAL", NEW)] * 3), *([wrong] * (tries - 3)), *ends]
        life = live(flash, [line(f"@{number} {body}") for number, body in enumerate(bodies)])
        said = [answer.split(" ", 1)[1] for answer in life.answers]
        assert said[: 14 + 1 + tries] == ["ERR PROOF"] * 14 + [said[14]] + ["ERR PROOF"] * tries
        assert said[14].startswith("OK proof=")
        assert all(word in each for each, word in zip(said[15 + tries :], words, strict=True)), said[15 + tries :]
    assert live(flash, [line(f"@0 {right}")]).answers[0].startswith("@0 OK proof=")


def test_another_identity_that_is_kept_begins_the_count_anew(flash: Path) -> None:
    live(flash, provision_by_version_2(OLD))
    guesses = [line(f"@g{number} {asked('SHOW', NEW)}") for number in range(16)]
    life = live(flash, [*guesses, *provision_by_version_2(NEW, " 1"), line(f"@s {asked('SHOW', NEW)}")])
    assert life.answers[-2] == "@p2 OK seq=2"
    assert life.answers[-1].startswith("@s OK proof=")


def asked(word: str, of: Identity) -> str:
    return f"{word} {NONCE} {token(of, word, NONCE)}"


@pytest.mark.parametrize(
    "body",
    [
        f"KEEP t1 {token(NEW, 'KEEP', 't1')}",
        f"KEEP t1 {token(OLD, 'KEEP', 't1')}",
        asked("SHOW", OLD),
        asked("SHOW", NEW),
        asked("SEAL", OLD),
        asked("SEAL", NEW),
        f"SAME {NONCE}",
    ],
)
def test_what_version_2_tells_nobody_does_not_stay_in_ram(flash: Path, body: str) -> None:
    """The digest, and each token that is made with it: both would let guesses at a weak secret be checked."""
    live(flash, provision_by_version_2(OLD))
    opened = provision_by_version_2(NEW, " 1")[:2] if body.startswith("KEEP") else []
    life = live(flash, [*opened, line(f"@b {body}")])
    ram = life.answering[-1] + life.ram
    assert bytes.fromhex(KEY)[:8] not in ram
    for identity in (OLD, NEW):
        digest = bytes.fromhex(identity.digest())
        assert digest[:8] not in ram and digest[-8:] not in ram
        for word, about in (("KEEP", "t1"), ("SHOW", NONCE), ("SEAL", NONCE)):
            assert bytes.fromhex(token(identity, word, about))[:8] not in ram
    assert hmac.new(bytes.fromhex(KEY), f"same {NONCE} {UID}".encode(), hashlib.sha256).digest()[:8] not in ram
