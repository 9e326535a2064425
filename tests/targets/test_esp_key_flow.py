# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of an encrypted board through the whole flow: one for an identity, whatever happens from plug to PASS."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from idftool.nvs import crypto
from idftool.nvs import parse as idf_parse

from station.codes import Code
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, CertName, IdentityKind, Port, Provider, Secret, State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.esp import BoardSpec, EspBoard, FlashEncryption, SecurityFuses
from station.targets import get_target
from tests.targets.esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, aliyun, profile, single

KEYS = 0x120000
IDENTITY = single()
PRODUCT = IDENTITY.primary.product_key
UID = BoardUid.parse(MAC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        stock.receive(batch, [IDENTITY, single("camera-000002")])
        yield stock


@pytest.fixture
def board() -> Iterator[EspBoard]:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as plugged:
        yield plugged


def visit(ledger: Ledger, board: EspBoard, **options: Any) -> Visit:
    chosen = profile(nvs_encryption="keys-partition", **options)
    chosen = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), chips=chosen.chips, options=chosen.options)
    work = Job(ledger=ledger, target=get_target("esp-nvs"), profile=chosen, tell=lambda _visit: None)
    return flash(work, Port(url=board.url, slot="1", serial=board.mac))


def begun_and_died(ledger: Ledger, key: Secret) -> None:
    """What a station leaves that loses its power after the row is WRITING and before a byte has left."""
    claim = ledger.reserve([PRODUCT], IdentityKind.SINGLE, UID, "1")
    ledger.begin(claim.attempt, board_key=key)
    ledger.doubt(claim.attempt, Code.E301, "the station stopped while writing")


def kept(ledger: Ledger) -> Secret | None:
    known = ledger.named(IDENTITY.name)
    assert known
    return ledger.board_key(known.identity_id)


def on_board(board: EspBoard) -> str:
    return board.flash_bytes(KEYS, 64).hex()


def as_another_tool_decrypts(board: EspBoard, key: str) -> dict[str, object]:
    data, tweak = bytes.fromhex(key[:64]), bytes.fromhex(key[64:])
    image = crypto.decrypt(board.flash_bytes(FCTRY, SIZE), crypto.NvsKeys(data, tweak))
    return {f"{e.namespace}/{e.key}": e.value for e in idf_parse(image, strict=True).entries}


def state(ledger: Ledger) -> State:
    known = ledger.named(CertName(PRODUCT, IDENTITY.primary.device_name))
    assert known
    return known.state


def test_the_ledger_keeps_the_key_the_board_got_and_only_sealed(ledger: Ledger, board: EspBoard) -> None:
    assert visit(ledger, board).outcome is Outcome.PASS
    key = kept(ledger)
    assert key
    assert key.reveal() == on_board(board)
    assert as_another_tool_decrypts(board, key.reveal()) == aliyun(IDENTITY)
    assert visit(ledger, board).outcome is Outcome.ALREADY_DONE
    ledger.close()
    file = ledger.path.read_bytes()
    assert key.reveal().encode() not in file
    assert bytes.fromhex(key.reveal()) not in file


def test_each_identity_has_its_own(ledger: Ledger, board: EspBoard) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=OTHER_MAC, partitions=PARTITIONS)) as other:
        assert [visit(ledger, one).outcome for one in (board, other)] == [Outcome.PASS, Outcome.PASS]
        assert on_board(board) != on_board(other)


def test_power_lost_before_the_first_byte_leaves_the_same_key_to_write(ledger: Ledger, board: EspBoard) -> None:
    key = Secret(secrets.token_bytes(64).hex())
    begun_and_died(ledger, key)
    assert visit(ledger, board).outcome is Outcome.PASS
    assert on_board(board) == key.reveal()
    assert as_another_tool_decrypts(board, key.reveal()) == aliyun(IDENTITY)


def test_power_lost_within_the_key_leaves_the_same_key_to_write(ledger: Ledger, board: EspBoard) -> None:
    key = Secret(secrets.token_bytes(64).hex())
    begun_and_died(ledger, key)
    board.preload(KEYS, bytes.fromhex(key.reveal())[:37])
    assert visit(ledger, board).outcome is Outcome.PASS
    assert on_board(board) == key.reveal()


def test_a_board_in_doubt_with_another_key_is_neither_proved_nor_overwritten(ledger: Ledger, board: EspBoard) -> None:
    assert visit(ledger, board).outcome is Outcome.PASS
    mine, theirs = on_board(board), board.flash_bytes(KEYS, 0x1000)
    with EspBoard(BoardSpec(chip="esp32c3", mac=OTHER_MAC, partitions=PARTITIONS)) as other:
        claim = ledger.reserve([PRODUCT], IdentityKind.SINGLE, BoardUid.parse(OTHER_MAC), "1")
        ledger.begin(claim.attempt, board_key=Secret(secrets.token_bytes(64).hex()))
        ledger.doubt(claim.attempt, Code.E301, "the station stopped while writing")
        other.preload(KEYS, theirs)
        seen = visit(ledger, other)
        assert (seen.outcome, seen.error and seen.error.code) == (Outcome.IN_DOUBT, "E206")
        assert on_board(other) == mine
        assert other.stats.erased_sectors == 0


def test_a_board_that_holds_its_identity_under_another_key_than_the_ledgers_is_not_proved(
    tmp_path: Path, ledger: Ledger, board: EspBoard
) -> None:
    """As done it would be read with the kept key from then on, and be called changed."""
    with Ledger(tmp_path / "lost.db", Vault(secrets.token_bytes(32))) as lost:
        lost.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT), [IDENTITY])
        assert visit(lost, board).outcome is Outcome.PASS
    theirs = on_board(board)
    begun_and_died(ledger, Secret(secrets.token_bytes(64).hex()))
    seen = visit(ledger, board)
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.IN_DOUBT, "E206")
    assert (state(ledger), on_board(board)) == (State.IN_DOUBT, theirs)


def test_a_done_board_whose_flash_was_encrypted_since_is_read_with_the_kept_key(
    ledger: Ledger, board: EspBoard
) -> None:
    assert visit(ledger, board).outcome is Outcome.PASS
    nvs = board.flash_bytes(FCTRY, SIZE)
    encrypted = SecurityFuses(encryption=FlashEncryption.DEVELOPMENT)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=encrypted)) as again:
        again.preload(0x8000, secrets.token_bytes(0xC00))  # table and keys partition are encrypted with the chip's key
        again.preload(KEYS, secrets.token_bytes(0x1000))
        again.preload(FCTRY, nvs)
        assert visit(ledger, again, offset=FCTRY, size=SIZE).outcome is Outcome.ALREADY_DONE
        again.preload(FCTRY, b"\xff" * 64)
        seen = visit(ledger, again, offset=FCTRY, size=SIZE)
        assert seen.outcome is not Outcome.ALREADY_DONE


def test_an_encrypted_board_that_is_new_costs_no_identity(ledger: Ledger) -> None:
    security = SecurityFuses(encryption=FlashEncryption.DEVELOPMENT)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS, security=security)) as new:
        assert visit(ledger, new, offset=FCTRY, size=SIZE).outcome is Outcome.FAIL
    assert state(ledger) is State.READY
    assert kept(ledger) is None
