# SPDX-License-Identifier: GPL-3.0-or-later
"""A board in secure download mode tells its loader's host nothing: written, unverified. Its firmware's own answer, on
an agent's slot, makes it done or does not.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Identity, Port, Provider, Secret, State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.agent_store import AgentStore
from station.simulate.esp import BoardSpec, Download, EspBoard, SecurityFuses
from station.targets import get_target
from tests.targets.agent_bench import QUICK
from tests.targets.esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, aliyun, profile, single, stored

IDENTITY, OTHER = single(), single("camera-000002")
PRODUCT = IDENTITY.primary.product_key
UID = BoardUid.parse(MAC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        stock.receive(batch, [IDENTITY, OTHER])
        yield stock


def visit(ledger: Ledger, using: Profile, port: Port, label: str | None = None) -> Visit:
    work = Job(ledger=ledger, target=get_target(using.target), profile=using, tell=lambda _visit: None)
    return flash(work, port, label=label)


def state(ledger: Ledger, identity: Identity = IDENTITY) -> tuple[State, str | None]:
    known = ledger.named(identity.name)
    assert known
    return known.state, known.board_uid


def silent(mac: str = MAC) -> EspBoard:
    security = SecurityFuses(download=Download.SECURE)
    return EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS, security=security))


def load(ledger: Ledger, board: EspBoard, *, by_label: bool) -> Visit:
    """In the loader; the label says MAC, whatever board it is on."""
    loader = profile(offset=FCTRY, size=SIZE)
    using = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), chips=loader.chips, options=loader.options)
    port = Port(url=board.url, slot="1", serial="" if by_label else board.mac.upper())
    return visit(ledger, using, port, MAC if by_label else None)


@pytest.fixture(params=[False, True], ids=["USB serial", "label"])
def by_label(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def written(ledger: Ledger, *, by_label: bool) -> Ledger:
    """The loader has been given the identity, and nobody has seen it."""
    with silent() as board:
        seen = load(ledger, board, by_label=by_label)
        assert (seen.outcome, seen.error and seen.error.code) == (Outcome.IN_DOUBT, "E211")
        assert stored(board) == aliyun(IDENTITY)
    assert state(ledger) == (State.IN_DOUBT, UID)
    return ledger


def firmware(store: Path, carries: Identity) -> SimulatedAgentBoard:
    """The same board, running: its firmware answers for what the loader has stored."""
    one = carries.primary
    fields = {"pk": one.product_key, "dn": one.device_name, "ds": one.device_secret.reveal(), "ps": ""}
    AgentStore(store).replace([fields])
    return SimulatedAgentBoard(UID, store)


def answer(ledger: Ledger, board: SimulatedAgentBoard) -> Visit:
    using = Profile(name="agent", target="agent", products=(PRODUCT,), options=QUICK)
    with board:
        return visit(ledger, using, Port(url=board.url, slot="2"))


def test_the_firmware_that_proves_it_makes_the_board_done_without_a_write(written: Ledger, tmp_path: Path) -> None:
    store = tmp_path / "flash.bin"
    board = firmware(store, IDENTITY)
    before = store.read_bytes()
    ended = answer(written, board)
    assert ended.outcome is Outcome.PASS, ended.error
    assert store.read_bytes() == before
    assert state(written) == (State.CONSUMED, UID)
    assert state(written, OTHER) == (State.READY, None)
    assert answer(written, board).outcome is Outcome.ALREADY_DONE


STRANGER, ALMOST = single("stranger"), Identity(primary=replace(IDENTITY.primary, device_secret=Secret("another")))


@pytest.mark.parametrize(
    ("carries", "outcome", "code"),
    [
        pytest.param(STRANGER, Outcome.FAIL, "E206", id="an unknown identity"),
        pytest.param(OTHER, Outcome.ALARM, "E705", id="an identity that was never sent"),
        pytest.param(ALMOST, Outcome.FAIL, "E207", id="another secret, locked"),
    ],
)
def test_a_firmware_that_holds_something_else_never_makes_it_done(
    written: Ledger, tmp_path: Path, carries: Identity, outcome: Outcome, code: str
) -> None:
    store = tmp_path / "flash.bin"
    board = firmware(store, carries)
    AgentStore(store).lock()
    before = store.read_bytes()
    ended = answer(written, board)
    assert (ended.outcome, ended.error and ended.error.code) == (outcome, code)
    assert store.read_bytes() == before
    assert state(written) == (State.IN_DOUBT, UID)


def test_a_firmware_of_another_board_settles_nothing(written: Ledger, tmp_path: Path) -> None:
    board = firmware(tmp_path / "flash.bin", IDENTITY)
    board.uid = BoardUid.parse(OTHER_MAC)
    assert answer(written, board).outcome is Outcome.ALARM
    assert state(written) == (State.IN_DOUBT, UID)


def test_a_blank_board_under_the_label_of_a_done_one_is_not_called_done(
    written: Ledger, tmp_path: Path, *, by_label: bool
) -> None:
    """It would be shipped without an identity: in secure download mode neither tells who it is nor what it holds."""
    assert answer(written, firmware(tmp_path / "flash.bin", IDENTITY)).outcome is Outcome.PASS
    with silent(OTHER_MAC if by_label else MAC) as board:
        seen = load(written, board, by_label=by_label)
        assert board.stats.programmed_bytes == 0
    if by_label:
        assert (seen.outcome, seen.error and seen.error.code) == (Outcome.STATION_FAULT, "E633")
    else:
        assert (seen.outcome, seen.error) == (Outcome.ALREADY_DONE, None)
    assert state(written) == (State.CONSUMED, UID)
    assert state(written, OTHER) == (State.READY, None)
