# SPDX-License-Identifier: GPL-3.0-or-later
"""What a board does with identities: whole sets, replacement, order, what is never told, what does not stay in RAM."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.model import Certificate, Identity, Secret
from tests.firmware.firmware_bench import (
    NEW,
    NONCE,
    OLD,
    Life,
    begin_and_put,
    certificate,
    line,
    live,
    nvr_set,
    proof,
    provision,
    stored,
)


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    return tmp_path / "flash.bin"


@pytest.mark.parametrize("longest", [False, True])
def test_an_nvr_with_64_cameras_fits_and_each_camera_proves_itself(flash: Path, longest: bool) -> None:
    nvr = nvr_set(64, longest=longest)
    assert live(flash, provision(nvr)).answers[-1] == f"@c OK digest={nvr.digest()} seq=1"
    assert stored(flash) == nvr
    after = live(flash, [line("@i ID"), *(line(f"@q{n} PROVE {NONCE} {n}") for n in range(65)), line("@n GET 64 DN")])
    assert after.keys("i")["subs"] == "64"
    assert [after.keys(f"q{n}")["proof"] for n in range(65)] == [proof(each) for each in nvr]
    assert after.keys("n")["value"] == nvr.channels[-1].device_name


def test_fields_may_come_in_any_order_and_twice(flash: Path) -> None:
    nvr = nvr_set(3)
    opening, *puts = begin_and_put(nvr)
    wrong_first = [line("@w1 PUT 1 DN a-name-that-is-longer-than-the-right-one"), line("@w2 PUT 0 PK x")]
    lines = [opening, *wrong_first, *reversed(puts), line(f"@c COMMIT {nvr.digest()}")]
    assert live(flash, lines).answers[-1].startswith("@c OK")
    assert stored(flash) == nvr


def test_every_replacement_moves_to_the_other_slot_and_counts(flash: Path) -> None:
    previous = None
    for number in range(1, 6):
        identity = Identity(primary=certificate(f"cam-{number}", f"secret-{number}"))
        answer = live(flash, provision(identity, replace=previous)).answers[-1]
        assert answer == f"@c OK digest={identity.digest()} seq={number}"
        assert stored(flash) == identity
        previous = identity
    assert b"secret-4" not in flash.read_bytes(), "what was replaced does not stay behind"


def test_a_committed_identity_is_not_written_twice(flash: Path) -> None:
    life = live(flash, [*provision(OLD), line(f"@again COMMIT {OLD.digest()}")])
    assert life.keys("again") == {"digest": OLD.digest(), "seq": "1"}
    assert live(flash, [line(f"@again COMMIT {OLD.digest()}"), line("@i ID"), line("@l GET 0 PK")]).operations == 0


def test_another_identity_is_refused_unless_the_present_one_is_named(flash: Path) -> None:
    live(flash, provision(OLD))
    before = flash.read_bytes()
    for lines in (provision(NEW), provision(NEW, replace=NEW)):
        life = live(flash, lines)
        assert life.answers[0] == "@p0 ERR WRITTEN"
        assert life.answers[-1] == "@c ERR WRITTEN"
        assert life.operations == 0
    assert flash.read_bytes() == before
    assert live(flash, provision(NEW, replace=OLD)).answers[-1].startswith("@c OK")


def test_a_blank_board_does_not_carry_what_replace_names(flash: Path) -> None:
    assert live(flash, provision(NEW, replace=OLD)).answers[0] == "@p0 ERR WRITTEN"
    assert stored(flash) is None


def test_a_locked_board_refuses_everything_but_still_proves_itself(flash: Path) -> None:
    live(flash, [*provision(OLD), line("@l LOCK")])
    before = flash.read_bytes()
    life = live(flash, [*provision(NEW, replace=OLD), line("@l LOCK"), line(f"@q PROVE {NONCE} 0")])
    assert life.answers[0] == "@p0 ERR LOCKED"
    assert "@c ERR LOCKED" in life.answers
    assert life.keys("q")["proof"] == proof(OLD.primary)
    assert flash.read_bytes() == before


def test_a_restart_drops_the_open_transaction(flash: Path) -> None:
    life = live(flash, [*begin_and_put(OLD), line("@r RESET"), line("@i ID"), line(f"@c COMMIT {OLD.digest()}")])
    assert life.keys("i")["tx"] == "-"
    assert life.keys("i")["reset"] == "soft"
    assert life.answers[-1] == "@c ERR STATE"
    assert stored(flash) is None


def test_no_answer_ever_contains_a_secret(flash: Path) -> None:
    asks = [line(f"@g{n} GET 0 {field}") for n, field in enumerate(("PK", "DN", "DS", "PS"))]
    life = live(flash, [*provision(OLD), *asks, line("@i ID"), line(f"@q PROVE {NONCE} 0")])
    told = "".join(life.answers)
    assert OLD.primary.device_name in told
    assert not any(value.decode() in told for value in OLD.primary.board_fields()[2:])


def disguises(secret: bytes) -> list[bytes]:
    """A secret as a hash's working memory may hold it: as it is, as HMAC's pads, each also with its words swapped."""
    padded = [secret, bytes(byte ^ 0x36 for byte in secret), bytes(byte ^ 0x5C for byte in secret)]
    swapped = [
        b"".join(each[at : at + 4][::-1] for at in range(start, len(each) - 3, 4))
        for each in padded
        for start in range(4)
    ]
    return padded + swapped


def traces(life: Life, identity: Identity) -> list[bytes]:
    """Pieces of secrets found in RAM: any 8 bytes of one would be enough to call it a leak."""
    return [
        shape[at : at + 8]
        for each in identity
        for value in each.board_fields()[2:]
        if value
        for shape in disguises(value)
        for at in range(len(shape) - 7)
        if shape[at : at + 8] in life.ram
    ]


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param([line(f"@c COMMIT {OLD.digest()}")], id="commit"),
        pytest.param([line(f"@c COMMIT {NEW.digest()}")], id="commit refused"),
        pytest.param([line("@a ABORT")], id="abort"),
        pytest.param([line("@b BEGIN t2 0")], id="begin again"),
        pytest.param([line("@b BEGIN t2 65")], id="begin refused"),
        pytest.param([line("@r RESET")], id="reset"),
        pytest.param([line(f"@c COMMIT {OLD.digest()}"), line(f"@q PROVE {NONCE} 0"), line("@i ID")], id="prove"),
    ],
)
def test_no_secret_stays_in_ram_however_a_transaction_ends(flash: Path, ending: list[bytes]) -> None:
    assert traces(live(flash, begin_and_put(OLD)), OLD), "while it is open it is there, or this test sees nothing"
    assert traces(live(flash, begin_and_put(OLD) + ending), OLD) == []


def test_a_damaged_line_with_a_secret_in_it_does_not_stay_in_ram(flash: Path) -> None:
    secret = OLD.primary.device_secret.reveal()
    assert traces(live(flash, [line(f"@1 PUT 0 DS {secret}").replace(b"*", b"*0")]), OLD) == []
    assert traces(live(flash, [line(f"@1 PUT 0 DS {secret}")]), OLD) == []


def test_a_product_secret_in_the_place_of_a_device_secret_is_stored_and_proved(flash: Path) -> None:
    identity = Identity(primary=certificate("cam-1", "", product_secret="OfTheProduct"))
    assert live(flash, provision(identity)).answers[-1] == f"@c OK digest={identity.digest()} seq=1"
    assert stored(flash) == identity
    after = live(flash, [line(f"@q PROVE {NONCE} 0"), line("@s GET 0 PS")])
    assert after.keys("q")["proof"] == proof(
        Certificate(product_key="x", device_name="x", device_secret=Secret("OfTheProduct"))
    )
    assert after.answers[-1] == "@s ERR SECRET"


@pytest.mark.parametrize("left_out", ["PK", "DN", "both secrets"])
def test_without_a_name_or_any_secret_nothing_is_stored(flash: Path, left_out: str) -> None:
    whole = certificate("cam-1", "secret-1", product_secret="OfTheProduct")
    changes = {"PK": {"product_key": ""}, "DN": {"device_name": ""}}.get(
        left_out, {"device_secret": Secret(""), "product_secret": None}
    )
    identity = Identity(primary=replace(whole, **changes))
    assert live(flash, provision(identity)).answers[-1] == "@c ERR MISSING"
    assert stored(flash) is None


def test_each_camera_needs_a_secret(flash: Path) -> None:
    nvr = nvr_set(3)
    bare = replace(nvr.channels[1], device_secret=Secret(""), product_secret=None)
    identity = replace(nvr, channels=(nvr.channels[0], bare, nvr.channels[2]))
    assert live(flash, provision(identity)).answers[-1] == "@c ERR MISSING"
