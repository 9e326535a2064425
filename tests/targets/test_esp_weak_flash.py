# SPDX-License-Identifier: GPL-3.0-or-later
"""A flash with a cell that no erase brings back: what was written is not what is there, wherever in the partition."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.recovery import recover
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Port, Provider
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.esp import BoardSpec, EspBoard
from station.simulate.esp.flash import NorFlash
from station.targets import get_target
from station.targets.esp import trial as esp_trial
from station.targets.esp.nvs import Entry, EntryKind, build
from tests.ledger.ledger_samples import PC
from tests.targets.esp_bench import FCTRY, MAC, PARTITIONS, SIZE, aliyun, profile, single, stored

IDENTITY = single()
PRODUCT = IDENTITY.primary.product_key
CELLS = {"behind the last entry": 0x0FF0, "in a page that is blank": 0x4010, "in the last word": SIZE - 4}


class WeakFlash(NorFlash):
    """The lowest bit of the byte at `stuck` is 0 for ever."""

    stuck = 0

    def program(self, offset: int, data: bytes) -> None:
        super().program(offset, data)
        self._spoil()

    def erase(self, offset: int, size: int) -> int:
        erased = super().erase(offset, size)
        self._spoil()
        return erased

    def _spoil(self) -> None:
        self.preload(self.stuck, bytes((self.read(self.stuck, 1)[0] & 0xFE,)))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        stock.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT), [IDENTITY])
        yield stock


@pytest.fixture(autouse=True)
def _nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esp_trial, "_spoilt", {})


@pytest.fixture
def board() -> Iterator[EspBoard]:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as plugged:
        yield plugged


def weaken(board: EspBoard, at: int) -> None:
    before, weak = board.silicon.flash, WeakFlash(board.silicon.flash.size)
    weak.preload(0, before.read(0, before.size))
    weak.stuck = FCTRY + at
    board.silicon.flash = weak


def visit(ledger: Ledger, board: EspBoard, **options: Any) -> Visit:
    chosen = profile(**options)
    using = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), chips=chosen.chips, options=chosen.options)
    job = Job(ledger=ledger, target=get_target("esp-nvs"), profile=using, tell=lambda _visit: None)
    return flash(job, Port(url=board.url, slot="1"))


def told(seen: Visit) -> tuple[Outcome, object]:
    return seen.outcome, seen.error and seen.error.code


@pytest.mark.parametrize("at", CELLS.values(), ids=CELLS.keys())
def test_a_partition_that_is_not_as_it_was_written_is_no_pass_now_or_when_it_comes_again(
    ledger: Ledger, board: EspBoard, at: int
) -> None:
    """The identity itself reads back right. When it comes again, for all anybody knows the order was garbled (E215)."""
    weaken(board, at)
    assert told(visit(ledger, board)) == (Outcome.FAIL, "E204")
    assert IDENTITY.primary.device_secret.reveal().encode() in board.flash_bytes(FCTRY, SIZE)
    assert told(visit(ledger, board)) == (Outcome.FAIL, "E215")


def test_nor_is_one_whose_others_were_kept(ledger: Ledger, board: EspBoard) -> None:
    board.preload(FCTRY, build([Entry(namespace="wifi", key="ssid", kind=EntryKind.STRING, value="factory")], SIZE))
    weaken(board, CELLS["behind the last entry"])
    seen = visit(ledger, board, existing="merge")
    assert (told(seen), list(seen.notes)) == ((Outcome.IN_DOUBT, "E206"), ["attempt 1"])
    assert "as it was written" in seen.notes["attempt 1"]


def test_a_board_in_doubt_whose_firmware_works_there_is_what_it_holds(ledger: Ledger, board: EspBoard) -> None:
    """What a power cut left of its own keys it repairs itself; nobody writes over them."""
    weaken(board, CELLS["in a page that is blank"])
    assert told(visit(ledger, board)) == (Outcome.FAIL, "E204")
    weak = board.silicon.flash
    board.silicon.flash = NorFlash(weak.size)
    board.preload(0, weak.read(0, weak.size))
    entries = [
        Entry(namespace="aliyun-key", key=name.partition("/")[2], kind=EntryKind.STRING, value=str(value))
        for name, value in aliyun(IDENTITY).items()
    ]
    theirs = Entry(namespace="wifi", key="ssid", kind=EntryKind.STRING, value="home")
    board.preload(FCTRY, build([*entries, theirs], SIZE)[:-4] + b"\xff\xff\xff\xfe")
    assert told(visit(ledger, board)) == (Outcome.PASS, None)


def test_a_done_one_with_damage_beside_is_no_stray_certificate_after_a_recovery(
    tmp_path: Path, board: EspBoard
) -> None:
    """It starts once, so that its firmware repairs that, and is learned then."""
    vault, state = Vault(secrets.token_bytes(32)), tmp_path / "state"
    around = Surroundings(home=tmp_path / "witness", machine=PC)
    with open_ledger(state / "ledger.db", vault, around) as stock:
        stock.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT), [IDENTITY])
    shutil.copytree(state, tmp_path / "copy")
    with open_ledger(state / "ledger.db", vault, around) as stock:
        assert told(visit(stock, board)) == (Outcome.PASS, None)
    for lost in (state, around.home):
        shutil.rmtree(lost)
    shutil.copytree(tmp_path / "copy", state)
    at, blank = FCTRY + CELLS["in a page that is blank"], b"\xff" * 4
    with open_ledger(state / "ledger.db", vault, around) as stock:
        recover(stock, around, "as the test says", by="supervisor")
        board.preload(at, b"\0" * 4)
        assert told(visit(stock, board))[1] == "E613"
        board.preload(at, blank)
        assert told(visit(stock, board)) == (Outcome.ALREADY_DONE, None)


def test_a_sound_one_in_its_place_passes(ledger: Ledger, board: EspBoard) -> None:
    assert told(visit(ledger, board)) == (Outcome.PASS, None)
    assert stored(board) == aliyun(IDENTITY)
