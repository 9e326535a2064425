# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole flow with ESP boards and a ledger: what a board that is put in again, swapped or copied comes to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import esptool.loader
import pytest

from station.events import Phase
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, CertName, Identity, Port, Provider, State
from station.profiles.profile import Profile, SecretMode
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.esp import BoardSpec, CableTrouble, Download, EspBoard, Fault, Partition, SecurityFuses, Toward
from station.targets import get_target
from station.targets.esp import rom_trust as esp_rom_trust
from station.targets.esp import trial as esp_trial
from station.targets.esp.nvs import Entry, build
from station.targets.esp.nvs import EntryKind as Stored
from tests.targets.esp_bench import (
    FCTRY,
    MAC,
    OTHER_MAC,
    PARTITIONS,
    SIZE,
    aliyun,
    certificate,
    profile,
    single,
    stored,
)

PRODUCT = "a1B2c3D4e5F"
NAMES = ("camera-000001", "camera-000002")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
        stock.receive(batch, [single(name) for name in NAMES])
        yield stock


def visit(
    ledger: Ledger,
    board: EspBoard,
    using: Profile | None = None,
    tell: Callable[[Visit], None] = lambda _visit: None,
    label: str | None = None,
    **job: Any,
) -> Visit:
    chosen = using or profile()
    chosen = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), chips=chosen.chips, options=chosen.options)
    work = Job(ledger=ledger, target=get_target("esp-nvs"), profile=chosen, tell=tell, **job)
    return flash(work, Port(url=board.url, slot="1", serial="" if label else board.mac), label=label)


def state(ledger: Ledger, name: str) -> tuple[State, str | None]:
    known = ledger.named(CertName(PRODUCT, name))
    assert known
    return known.state, known.board_uid


def uid(mac: str) -> BoardUid:
    return BoardUid.parse(mac)


def a_board(mac: str = MAC, **more: object) -> EspBoard:
    return EspBoard(BoardSpec(chip="esp32c3", mac=mac, partitions=PARTITIONS, **more))  # type: ignore[arg-type]


def test_a_new_board_passes_and_is_done_when_it_comes_again(ledger: Ledger) -> None:
    with a_board() as board:
        assert visit(ledger, board).outcome is Outcome.PASS
        assert stored(board) == aliyun(single(NAMES[0]))
        assert visit(ledger, board).outcome is Outcome.ALREADY_DONE
    assert state(ledger, NAMES[0]) == (State.CONSUMED, uid(MAC))
    assert state(ledger, NAMES[1]) == (State.READY, None)


def test_a_copied_flash_is_a_clone(ledger: Ledger) -> None:
    with a_board() as board, a_board(OTHER_MAC) as copy:
        visit(ledger, board)
        copy.preload(FCTRY, board.flash_bytes(FCTRY, SIZE))
        seen = visit(ledger, copy)
        assert seen.outcome is Outcome.ALARM
        assert seen.error
        assert seen.error.code == "E701"
        assert copy.stats.erased_sectors == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """esptool waits 3 s; these boards answer at once or not at all."""
    monkeypatch.setattr(esptool.loader, "MAX_TIMEOUT", 0.5)


@pytest.mark.usefixtures("impatient")
def test_an_interrupted_board_gets_the_same_identity_when_it_comes_again(ledger: Ledger) -> None:
    with a_board() as board:

        def silence(seen: Visit) -> None:
            if seen.phase is Phase.WRITE and seen.fraction == 0.0:
                at = board.stats.to_board_bytes + 100
                board.inject(Fault(trouble=CableTrouble.SILENCE, toward=Toward.BOARD, at=at))

        assert visit(ledger, board, tell=silence, write_attempts=1).outcome is not Outcome.PASS
        assert state(ledger, NAMES[0]) == (State.IN_DOUBT, uid(MAC))
        board.unplug()
        board.plug()
        assert visit(ledger, board).outcome is Outcome.PASS
        assert stored(board) == aliyun(single(NAMES[0]))
    assert state(ledger, NAMES[0]) == (State.CONSUMED, uid(MAC))
    assert state(ledger, NAMES[1]) == (State.READY, None)


@pytest.mark.usefixtures("impatient")
def test_a_board_swapped_in_the_middle_gets_nothing(ledger: Ledger) -> None:
    other = a_board(OTHER_MAC)
    other.silicon.attached = True
    using = profile(rom_fast_path=["esp32c3"])
    with a_board("24:0a:c4:00:00:01") as judged:
        assert visit(ledger, judged, using).outcome is Outcome.PASS  # the ROM is trusted from here on
    with a_board() as board:

        def swap(seen: Visit) -> None:
            if seen.phase is Phase.WRITE and seen.fraction == 0.0:
                at = board.stats.to_board_bytes
                board.inject(Fault(trouble=CableTrouble.SWAP, toward=Toward.BOARD, at=at, other=other))

        seen = visit(ledger, board, using, swap)
    assert seen.outcome is Outcome.IN_DOUBT
    assert state(ledger, NAMES[1]) == (State.IN_DOUBT, uid(MAC))
    assert single(NAMES[1]).primary.device_secret.reveal().encode() not in other.flash_bytes(0, 4 << 20)


def test_in_secure_download_mode_written_is_not_proved(ledger: Ledger) -> None:
    with a_board(security=SecurityFuses(download=Download.SECURE)) as board:
        seen = visit(ledger, board, profile(offset=FCTRY, size=SIZE))
        assert seen.outcome is Outcome.IN_DOUBT
        assert seen.error
        assert seen.error.code == "E211"
        assert stored(board) == aliyun(single(NAMES[0]))
        again = visit(ledger, board, profile(offset=FCTRY, size=SIZE))
        assert again.error
        assert again.error.code == "E211"
    assert state(ledger, NAMES[0]) == (State.IN_DOUBT, uid(MAC))
    assert state(ledger, NAMES[1]) == (State.READY, None)


def test_in_secure_download_another_board_under_its_label_does_not_get_it_too(ledger: Ledger) -> None:
    """Neither says who it is or what it holds."""
    using = profile(offset=FCTRY, size=SIZE)
    for mac in (MAC, OTHER_MAC):
        with a_board(mac, security=SecurityFuses(download=Download.SECURE)) as board:
            seen = visit(ledger, board, using, label="SN-00017")
            held = stored(board)
    assert (seen.error and seen.error.code, held) == ("E631", {})
    assert state(ledger, NAMES[0]) == (State.IN_DOUBT, "sn-00017")
    assert state(ledger, NAMES[1]) == (State.READY, None)
    ledger.strangers.vouch(single(NAMES[0]).name, "the other one is scrap", by="Li")
    with a_board(OTHER_MAC, security=SecurityFuses(download=Download.SECURE)) as board:
        visit(ledger, board, using, label="SN-00017")
        assert stored(board) == aliyun(single(NAMES[0]))


def test_a_flash_too_small_for_its_table_costs_no_identity(ledger: Ledger) -> None:
    table = (*PARTITIONS[:3], Partition(name="fctry", offset=0x510000, size=SIZE))
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=table)) as board:
        seen = visit(ledger, board)
        assert board.stats.programmed_bytes == 0
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.FAIL, "E202")
    assert state(ledger, NAMES[0]) == (State.READY, None)


def test_a_rom_that_spoils_its_neighbours_is_no_pass_and_not_written_a_second_time(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(esp_rom_trust, "_judged", {})
    monkeypatch.setattr(esp_trial, "_spoilt", {})
    using = profile("esp32s2", rom_fast_path=["esp32s2"])
    with EspBoard(BoardSpec(chip="esp32s2", mac=MAC, partitions=PARTITIONS, inflates_whole_windows=True)) as board:
        seen = visit(ledger, board, using)
        assert (seen.outcome, seen.error and seen.error.code, seen.attempt) == (Outcome.FAIL, "E215", 1)
    assert state(ledger, NAMES[0]) == (State.IN_DOUBT, uid(MAC))


def test_a_board_without_its_partition_costs_no_identity(ledger: Ledger) -> None:
    with a_board() as board:
        board.preload(0x8000, b"\xff" * 0xC00)
        seen = visit(ledger, board)
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.FAIL, "E202")
    assert state(ledger, NAMES[0]) == (State.READY, None)


def test_a_board_with_other_keys_costs_no_identity(ledger: Ledger) -> None:
    others = [Entry(namespace="wifi", key="ssid", kind=Stored.STRING, value="factory")]
    with a_board() as board:
        board.preload(FCTRY, build(others, SIZE))
        seen = visit(ledger, board)
        assert stored(board) == {"wifi/ssid": "factory"}
    assert (seen.outcome, seen.error and seen.error.code) == (Outcome.FAIL, "E206")
    assert state(ledger, NAMES[0]) == (State.READY, None)


def test_one_secret_per_product_is_stored_in_the_place_of_the_device_secret(tmp_path: Path) -> None:
    using = replace(profile(), products=(PRODUCT,), secret=SecretMode.PRODUCT, product_secret=True)
    key = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
    with (
        Ledger(tmp_path / "other.db", Vault(secrets.token_bytes(32))) as stock,
        a_board() as board,
        a_board(OTHER_MAC) as other,
    ):
        stock.receive(key, [Identity(primary=certificate(name, product_secret="OfTheProduct")) for name in NAMES])
        for one, name in ((board, NAMES[0]), (other, NAMES[1])):
            work = Job(ledger=stock, target=get_target("esp-nvs"), profile=using, tell=lambda _visit: None)
            visits = [flash(work, Port(url=one.url, slot="1", serial=one.mac)) for _ in range(2)]
            assert [seen.outcome for seen in visits] == [Outcome.PASS, Outcome.ALREADY_DONE]
            assert stored(one) == {
                "aliyun-key/ProductKey": PRODUCT,
                "aliyun-key/DeviceName": name,
                "aliyun-key/ProductSecret": "OfTheProduct",
            }
        other.preload(FCTRY, board.flash_bytes(FCTRY, SIZE))
        seen = flash(work, Port(url=other.url, slot="1", serial=other.mac))
        assert (seen.outcome, seen.error and seen.error.code) == (Outcome.ALARM, "E701")


def test_a_device_that_has_fetched_its_own_secret_keeps_it(tmp_path: Path) -> None:
    """It stores it beside what the station wrote; a board that comes back is done, and nothing is taken from it."""
    using = replace(profile(), products=(PRODUCT,), secret=SecretMode.PRODUCT, product_secret=True)
    key = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT)
    with Ledger(tmp_path / "other.db", Vault(secrets.token_bytes(32))) as stock, a_board() as board:
        stock.receive(key, [Identity(primary=certificate(NAMES[0], product_secret="OfTheProduct"))])
        work = Job(ledger=stock, target=get_target("esp-nvs"), profile=using, tell=lambda _visit: None)
        assert flash(work, Port(url=board.url, slot="1", serial=board.mac)).outcome is Outcome.PASS
        own = {name.partition("/")[2]: str(value) for name, value in stored(board).items()} | {
            "DeviceSecret": "fetched"
        }
        entries = [Entry(namespace="aliyun-key", key=k, kind=Stored.STRING, value=v) for k, v in own.items()]
        board.preload(FCTRY, build(entries, SIZE))
        assert flash(work, Port(url=board.url, slot="1", serial=board.mac)).outcome is Outcome.ALREADY_DONE
        assert stored(board)["aliyun-key/DeviceSecret"] == "fetched"
